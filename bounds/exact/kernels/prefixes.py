"""Longest paths in a graph whose arcs carry integers: what a request sequence can gain, at most, before it ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paging.compiling import kernel
from paging.stoppable import Stop

Ints = NDArray[np.int64]

NEVER = -(2**62)
"""The gain at a state that no path reaches."""


@kernel
def farthest(first: Ints, to: NDArray[np.int32], gain: Ints, stop: Stop) -> tuple[Ints, Ints]:
    """The largest sum of gains on the paths from state 0 to each state, and per state the last arc of such a path.

    Arcs of state x are first[x] .. first[x+1]-1 (Bellman-Ford, in the order of the states). No cycle may gain anything: the
    sums would rise for ever. ``stop``: see paging.stoppable.
    """
    states = len(first) - 1
    best = np.full(states, NEVER, np.int64)
    came = np.full(states, -1, np.int64)
    best[0] = 0
    changed = True
    while changed and not stop[0]:
        changed = False
        for x in range(states):
            if best[x] == NEVER:
                continue
            for j in range(first[x], first[x + 1]):
                value = best[x] + gain[j]
                if value > best[to[j]]:
                    best[to[j]] = value
                    came[to[j]] = j
                    changed = True
    return best, came
