"""The interval form of the offline problem (classical): which pages to keep between their requests.

Keeping page p between two consecutive requests of it saves one miss and occupies room in between. The rows of the
constraint matrix have consecutive ones: min-cost flow solves it when all sizes are 1, and prices prove it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paging.errors import UnsupportedProblem
from paging.model import Instance, Requests
from paging.offline.next_use import reuses
from paging.variant import BASE, Variant


@dataclass(frozen=True, slots=True, eq=False)
class IntervalProblem:
    """Choose intervals of the largest total weight such that no time step overflows.

    Interval i lets request ``again[i]`` be a hit, occupies ``size[i]`` at the time steps start[i] <= u < end[i], and is worth
    ``weight[i]``. Step u has ``room[u]`` to give. ``total``: cost of missing every request.
    """

    again: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    weight: NDArray[np.int64]
    size: NDArray[np.int64]
    room: NDArray[np.int64]
    total: int
    requests: int

    @property
    def unit_sizes(self) -> bool:
        """Whether every interval occupies 1."""
        return bool((self.size == 1).all())

    def load(self, kept: NDArray[np.bool_]) -> NDArray[np.int64]:
        """What the kept intervals occupy at each time step."""
        steps = np.zeros(len(self.room) + 1, np.int64)
        np.add.at(steps, self.start[kept], self.size[kept])
        np.subtract.at(steps, self.end[kept], self.size[kept])
        return np.cumsum(steps)[:-1]

    def cost(self, kept: NDArray[np.bool_]) -> int:
        """Cost of all requests when these intervals are kept."""
        return self.total - int(self.weight[kept].sum())

    def hits(self, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Per request, whether it is a hit, shape (requests,)."""
        result = np.zeros(self.requests, np.bool_)
        result[self.again[kept]] = True
        return result


def interval_problem(instance: Instance, requests: Requests, variant: Variant = BASE) -> IntervalProblem:
    """The interval form. Time steps are the batches; with bypass, the gaps between them.

    Without bypass a batch S_u must be in the cache at step u and leaves room - |S_u| to the intervals that span it; with
    bypass an interval occupies each gap from its first request to its second, and every gap offers the whole cache.
    Hits of the warm-up are worth nothing, and its misses cost nothing.
    Raises InvalidRequests for other shapes, UnsupportedProblem when a batch does not fit into the cache.
    """
    if not variant.bypass and variant.capacity is None:
        requests.fits(instance)
    sizes = variant.bytes(instance)
    costs = variant.costs(instance)
    stream = requests.stream
    first, again = reuses(requests)
    start, end = first // requests.batch, again // requests.batch
    room = np.full(len(requests.batches), variant.room(instance), np.int64)
    if not variant.bypass:
        start += 1
        room -= sizes[requests.batches].sum(axis=1)
        if len(room) and room.min() < 0:
            raise UnsupportedProblem(
                f"batch {int(np.argmin(room))} occupies more than the cache holds: "
                f"expected at most {variant.room(instance)}"
            )
    return IntervalProblem(
        again,
        start,
        end,
        np.where(again < requests.warmup, 0, costs[stream[again]]),
        sizes[stream[again]],
        room,
        int(costs[stream[requests.warmup :]].sum()),
        len(stream),
    )
