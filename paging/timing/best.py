"""The shortest time that any schedule reaches: exact, or from both sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from paging.model import Instance, Requests
from paging.timing.clock import Clock
from paging.timing.critical import critical
from paging.timing.least import Least, feasible, nearly, of_layers, of_requests, with_elsewhere
from paging.timing.schedule import Schedule, of_hits
from paging.timing.simulate import ends

CHAINS = 4
"""More of them raise the bound by little."""

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


def best(
    instance: Instance,
    requests: Requests,
    clock: Clock,
    others: Iterable[Schedule] = (),
    chains: int = CHAINS,
) -> Best:
    """Over all schedules of the machine that is ``clock``'s, which know all requests when they evict.

    Without overlap everything adds up, so that the least price of loads is the answer: exact where ``least`` is. With overlap,
    below: what the channel must carry, what must be computed, and means of chains of both (see ``critical``), each chain taken
    from the schedule that is best at the prices of those before it (fictitious play); above: the schedules
    that these bounds come from, in time, and ``others``. ``chains``: so many of them at most, each of which costs a flow.
    """
    lower = 0
    found = [(schedule, ends(schedule, clock)) for schedule in others]
    for bound, plan in _bounds(instance, requests, clock, chains):
        lower = max(lower, bound)
        schedule = of_hits(requests, instance.cache, plan.hits, plan.elsewhere)
        found.append((schedule, ends(schedule, clock)))
        found = [min(found, key=lambda one: int(one[1][-1]))]
        if lower == found[0][1][-1]:
            break
    schedule, end = found[0]
    return Best(lower, int(end[-1]), schedule, end)


def _bounds(instance: Instance, requests: Requests, clock: Clock, most: int) -> Iterator[tuple[int, Least]]:
    computing = clock.steps * clock.compute
    if clock.elsewhere is not None:
        yield from _with_elsewhere(instance, requests, clock, clock.elsewhere, computing)
        return
    visited = requests.visited[requests.warmup // requests.width :]
    by_layer = np.full(requests.layers, clock.load.max())
    by_layer[visited] = clock.load[:: requests.width]
    if not clock.overlap:
        summed = of_layers(instance, requests, by_layer)
        yield computing + summed.bound, summed
        return
    carried = nearly(instance, requests, by_layer)
    yield max(computing, carried.bound + clock.compute), carried
    fixed, prices, plan = 0, np.zeros(requests.counted, np.int64), carried
    for chains in range(1, most + 1):
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
