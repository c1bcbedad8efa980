"""The shortest time that any schedule reaches: exact, or from both sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from paging.model import Instance, Requests
from paging.timing.clock import Clock
from paging.timing.critical import critical
from paging.timing.least import Least, feasible, of_layers, of_requests, with_elsewhere
from paging.timing.schedule import Schedule, of_hits
from paging.timing.simulate import ends

CHAINS = 4
"""Chains whose mean is tried as a bound."""

WEIGHT = 32
"""The largest weight in a mean of two totals."""


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """In ticks: no schedule takes less than ``lower``, the best one found takes ``upper``. ``ends``: of its steps, (S,)."""

    lower: int
    upper: int
    schedule: Schedule
    ends: NDArray[np.int64]

    @property
    def exact(self) -> bool:
        """Whether the two meet."""
        return self.lower == self.upper


def best(instance: Instance, requests: Requests, clock: Clock) -> Best:
    """Over all schedules of the machine that is ``clock``'s, which know all requests when they evict.

    Without overlap everything adds up, so that the least price of loads is the answer: exact where ``least`` is. With overlap,
    below: what the channel must carry, what must be computed, and means of chains of both (see ``critical``), each chain taken
    from the schedule that is best at the prices of those before it (fictitious play); above: the schedules
    that these bounds come from, in time.
    """
    lower, found = 0, None
    for bound, plan in _bounds(instance, requests, clock):
        lower = max(lower, bound)
        schedule = of_hits(requests, instance.cache, plan.hits, plan.elsewhere)
        end = ends(schedule, clock)
        if found is None or end[-1] < found[1][-1]:
            found = schedule, end
        if lower == found[1][-1]:
            break
    assert found is not None
    schedule, end = found
    return Best(lower, int(end[-1]), schedule, end)


def _bounds(instance: Instance, requests: Requests, clock: Clock) -> Iterator[tuple[int, Least]]:
    computing = clock.steps * clock.compute
    if clock.elsewhere is not None:
        yield from _with_elsewhere(instance, requests, clock, clock.elsewhere, computing)
        return
    visited = requests.visited[requests.warmup // requests.width :]
    by_layer = np.full(requests.layers, clock.load.max())
    by_layer[visited] = clock.load[:: requests.width]
    carried = of_layers(instance, requests, by_layer)
    if not clock.overlap:
        yield computing + carried.bound, carried
        return
    yield max(computing, carried.bound + clock.compute), carried
    fixed, prices, plan = 0, np.zeros(requests.counted, np.int64), carried
    for chains in range(1, CHAINS + 1):
        if not feasible(instance, requests, chains):
            return
        tight, priced = critical(clock, ~plan.hits)
        fixed += tight
        prices += np.where(priced, clock.load, 0)
        plan = of_requests(instance, requests, prices)
        yield -(-(fixed + plan.bound) // chains), plan


def _with_elsewhere(
    instance: Instance, requests: Requests, clock: Clock, longer: int, computing: int
) -> Iterator[tuple[int, Least]]:
    """With overlap a schedule pays for what it computes elsewhere in computing, and for loads on the channel: a mean of the
    two totals is a bound. Their weights bring both prices near each other where loads take longer."""
    summed = with_elsewhere(instance, requests, clock.load, longer)
    if not clock.overlap:
        yield computing + summed.bound, summed
        return
    yield computing, summed
    ratio = Fraction(longer, max(longer, int(clock.load.max()), 1)).limit_denominator(WEIGHT)
    other, on_channel = ratio.denominator, ratio.numerator
    mean = with_elsewhere(instance, requests, clock.load * on_channel, longer * other)
    total = other * computing + on_channel * clock.compute + mean.bound
    yield -(-total // (other + on_channel)), mean
