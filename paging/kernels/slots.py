"""The pages of a cache by the slots that they are in, with keys; and the least key among the safe ones.

128 slots are a group that knows its least key: a look for the least key leaves out the groups that cannot have it, and goes
through the others by vector instructions.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from paging.kernels.blocks import aligned, first, put

BITS = 7
NO_KEY = 1 << 62


class Slots(NamedTuple):
    """Per slot: ``page``, ``place`` and ``key``, NO_KEY where none may be evicted; per group ``low``; per page its ``slot``."""

    page: NDArray[np.int32]
    place: NDArray[np.int64]
    key: NDArray[np.int64]
    low: NDArray[np.int64]
    slot: NDArray[np.int32]


@njit(cache=True)
def empty_slots(room: int, pages: int) -> Slots:
    """No page is anywhere."""
    groups = ((room - 1) >> BITS) + 1
    size = groups << BITS
    return Slots(
        np.zeros(size, np.int32),
        aligned(np.zeros(size, np.int64)),
        aligned(np.full(size, NO_KEY, np.int64)),
        np.full(groups, NO_KEY, np.int64),
        np.zeros(pages, np.int32),
    )


@njit(cache=True)
def set_key(slots: Slots, page: int, key: Any) -> None:
    """The key of a page in the cache."""
    put(slots.key, slots.low, BITS, np.int64(slots.slot[page]), key)


@njit(cache=True)
def least_key(slots: Slots, end: int) -> Any:
    """The page with the least key at a place before ``end``; -1 if there is no key."""
    best = NO_KEY
    group = -1
    for candidate in range(len(slots.low)):
        if slots.low[candidate] < best:
            begin = np.uint64(candidate << BITS)
            low = best
            for x in range(begin, begin + np.uint64(1 << BITS)):
                key = slots.key[x]
                low = min(low, key if slots.place[x] < end else NO_KEY)
            if low < best:
                best = low
                group = candidate
    if group < 0:
        return -1
    return slots.page[first(slots.key, group, BITS, 0, (group + 1) << BITS, best)]
