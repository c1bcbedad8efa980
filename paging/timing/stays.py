"""Least cost where a missed expert is loaded, or computed where it lies: a min-cost flow (derived)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paging.model import Requests
from paging.offline.next_use import reuses
from paging.timing.cheapest import cheapest_flow

Flags = NDArray[np.bool_]


def stays(
    requests: Requests, slots: int, load: NDArray[np.int64], elsewhere: NDArray[np.int64]
) -> tuple[int, Flags, Flags]:
    """The cost of the best schedule; its hits, and what it computes elsewhere, shape (requests,) each.

    ``load`` and ``elsewhere``: prices per request, >= 0. Each slot is a unit of flow through time. It runs idle along the
    boundaries of the steps, or is an expert's: from the boundary before a request it enters for the price of a load; serving
    saves the price of computing elsewhere; then it stays to the expert's next request, or leaves at the boundary after
    this one. Every schedule is such a flow and every whole flow a schedule, and the best flow is whole: nothing is lost.
    """
    count = len(requests)
    steps = count // requests.batch
    step = np.arange(count) // requests.batch
    each = 2 * requests.batch + 1
    before, enters = (
        step * each,
        np.arange(count) * 2 + step + 1,
    )  # a boundary, then its requests: in and out of each
    first, again = reuses(requests)
    boundary = np.arange(steps) * each
    free, whole = np.zeros(max(count, steps), np.int64), np.ones(count, np.int64)
    tails, heads, rooms, costs = zip(
        (before, enters, whole, load),
        (enters, enters + 1, whole, -elsewhere),
        (enters + 1, before + each, whole, free[:count]),
        (enters[first] + 1, enters[again], whole[: len(first)], free[: len(first)]),
        (boundary, boundary + each, np.full(steps, slots), free[:steps]),
        strict=True,
    )
    tail, head, room, price = map(np.concatenate, (tails, heads, rooms, costs))
    flow, cost = cheapest_flow(steps * each + 1, tail, head, room, price, slots)
    hits = np.zeros(count, np.bool_)
    hits[again[flow[3 * count : 3 * count + len(first)] > 0]] = True
    away = ~hits & (flow[:count] == 0)
    return int(elsewhere.sum()) + cost, hits, away
