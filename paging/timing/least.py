"""The least that the loads of any schedule cost, at given prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paging.model import Instance, Requests
from paging.offline.belady import belady, optimal_misses
from paging.offline.intervals import interval_problem
from paging.timing.cheapest import cheapest_flow
from paging.timing.stays import stays

Prices = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST_WORK = 10**8
"""Requests times slots up to which a flow is asked (seconds of work); beyond, bounds have to do."""

DEAREST = 2**36
"""Of a price in a flow, so that sums of them stay below 2^62."""


@dataclass(frozen=True, slots=True, eq=False)
class Least:
    """No schedule pays less than ``bound``. ``hits`` and ``elsewhere`` of a good schedule, shape (n,) after the warm-up."""

    bound: int
    hits: Flags
    elsewhere: Flags


def feasible(instance: Instance, requests: Requests, times: int = 1) -> bool:
    """Whether so many flows are."""
    return times * len(requests) * min(instance.cache, instance.pages) <= MOST_WORK


def of_layers(instance: Instance, requests: Requests, prices: Prices) -> Least:
    """Every miss is loaded, and a load of layer j costs ``prices[j]``. Exact where the sequence is short enough for a flow;
    else as ``nearly``."""
    if len(np.unique(prices)) > 1 and feasible(instance, requests):
        return of_requests(
            instance, requests, np.repeat(prices[requests.visited], requests.width)[requests.warmup :]
        )
    return nearly(instance, requests, prices)


def nearly(instance: Instance, requests: Requests, prices: Prices) -> Least:
    """The same without a flow: Belady's schedule, and ``above_thresholds`` as its bound; exact for equal prices."""
    hits = belady(instance, requests)
    return Least(above_thresholds(instance, requests, prices), hits, np.zeros(len(hits), np.bool_))


def above_thresholds(instance: Instance, requests: Requests, prices: Prices) -> int:
    """From below (derived): a price is a sum of steps, and so is the cost of a schedule.

    For the step from one price to the next it pays for each load of the layers that cost more. The requests of these layers
    alone have an optimum, and no schedule of all requests loads less of them: leaving requests out leaves slots to others.
    """
    bound, below = 0, 0
    visits = np.arange(len(requests.pages))
    for price in np.unique(prices).tolist():
        dear = visits[prices[requests.visited] >= price]
        warm = int(np.searchsorted(dear, requests.warmup // requests.width)) * requests.width
        if warm < len(dear) * requests.width:
            pages = instance.pages
            alone = Requests.of(1, pages, requests.pages[dear], requests.semantics).warmed(warm)
            bound += (price - below) * optimal_misses(Instance(1, pages, instance.cache), alone)
        below = price
    return bound


def of_requests(
    instance: Instance, requests: Requests, load: Prices, elsewhere: Prices | None = None
) -> Least:
    """A load for request t costs ``load[t]``, shape (n,) after the warm-up; with ``elsewhere`` the request may be computed
    where its expert lies, at that price. Exact for prices up to DEAREST, of which the largest common factor does not count."""
    factor = int(np.gcd.reduce(load if elsewhere is None else np.concatenate([load, elsewhere]))) or 1
    most = max(int(load.max(initial=0)), 0 if elsewhere is None else int(elsewhere.max(initial=0)))
    while most // factor > DEAREST:
        factor *= 2  # rounding prices down leaves a bound
    before = np.zeros(requests.warmup, np.int64)
    since = requests.warmup
    paid = np.concatenate([before, load // factor])
    if elsewhere is not None:
        slots = min(instance.cache, instance.pages)
        cost, hits, away = stays(requests, slots, paid, np.concatenate([before, elsewhere // factor]))
        return Least(cost * factor, hits[since:], away[since:])
    problem = interval_problem(instance, requests)
    hits = np.zeros(len(requests), np.bool_)
    spans = problem.end > problem.start
    hits[problem.again[~spans]] = True  # what spans no step is free to keep
    start, end, again = problem.start[spans], problem.end[spans], problem.again[spans]
    boundary = np.arange(len(problem.room))
    arcs = (
        np.concatenate([start, boundary]),
        np.concatenate([end, boundary + 1]),
        np.concatenate([np.ones_like(start), problem.room]),
        np.concatenate([-paid[again], np.zeros_like(boundary)]),
    )
    kept, _ = cheapest_flow(len(boundary) + 1, *arcs, int(problem.room.min()))
    hits[again[kept[: len(again)] > 0]] = True
    return Least(int(paid[~hits].sum()) * factor, hits[since:], np.zeros(len(load), np.bool_))


def with_elsewhere(instance: Instance, requests: Requests, load: Prices, elsewhere: int) -> Least:
    """As ``of_requests`` with one price for computing elsewhere; for long sequences a bound beside Belady's schedule: what
    is not in the cache costs at least the smaller price, and no schedule has more hits than OPT with bypass."""
    if feasible(instance, requests):
        return of_requests(instance, requests, load, np.full(len(load), elsewhere))
    missed = int(np.count_nonzero(~belady(instance, requests, bypass=True)))
    hits = belady(instance, requests)
    return Least(min(elsewhere, int(load.min(initial=0))) * missed, hits, np.zeros(len(hits), np.bool_))
