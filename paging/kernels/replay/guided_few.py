"""guided-lfu and guided-random with few pages: the definition itself, in vector instructions; O(pages + slots) per request.

Beside the level of every page stand the numbers c_i - i of the levels i = 1..k. As long as all of it is a few hundred
numbers this is faster than paging.kernels.replay.guided.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from paging.kernels.blocks import aligned
from paging.kernels.replay.guided import LFU, RANDOM
from paging.kernels.replay.recency import Flags, Longs, Stream
from paging.kernels.slots import NO_KEY

FEW = 512
"""Pages up to which it is faster."""
KINDS = (LFU, RANDOM)

LAST = (1 << 32) - 1

Ints = NDArray[np.int32]


@njit(cache=True)
def _rise(level: Ints, at: Any) -> None:
    """Every page (or empty slot) of level <= ``at`` goes up one."""
    for q in range(len(level)):
        level[q] += level[q] <= at


@njit(cache=True)
def _request(excess: Ints, old: Ints, at: Any, loaded: Any) -> None:
    """c_i - i after a request of level ``at`` (1 for one outside) from those before: one set is new, and one is no more."""
    for i in range(1, len(excess)):
        above, same = old[i - 1], old[i] + loaded
        excess[i] = above if i <= at else same
    excess[1] = 0


@njit(cache=True)
def _tight(excess: Ints) -> Any:
    """The largest i with c_i = i."""
    tight = 1
    for i in range(1, len(excess)):
        tight = max(tight, i if excess[i] == 0 else 1)
    return tight


@njit(cache=True)
def _evict(excess: Ints, at: Any) -> None:
    """A page of level ``at`` leaves the cache."""
    for i in range(len(excess)):
        excess[i] -= i >= at


@njit(cache=True)
def _least_key(keys: Longs, level: Ints, tight: Any) -> Any:
    """The least key of the pages of a level above ``tight``; NO_KEY if there is none."""
    best = NO_KEY
    for q in range(len(keys)):
        key = keys[q]
        best = min(best, key if level[q] > tight else NO_KEY)
    return best


@njit(cache=True)
def _with_key(keys: Longs, wanted: Any) -> Any:
    """The page with this key."""
    page = len(keys)
    for q in range(len(keys)):
        page = min(page, q if keys[q] == wanted else len(keys))
    return page


@njit(cache=True)
def guided(
    kind: int,
    stream: Stream,
    batch: int,
    pages: int,
    room: int,
    rng: np.random.Generator,
    hits: Flags,
    evicted: Stream,
    evicted_at: Longs,
) -> int:
    """Evict, among the safe pages (among all, where none is safe), the one with the least key; unit sizes, no bypass."""
    slots = min(room, pages)
    outside = slots + 1
    level = aligned(np.full(pages + slots, outside, np.int32))  # as in OffsetFunction
    level[pages:] = np.arange(1, outside)
    front = pages
    excess = aligned(-np.arange(outside).astype(np.int32))
    old = aligned(excess)
    keys = aligned(np.full(pages, NO_KEY, np.int64))  # of the pages that may be evicted
    key_of = np.zeros(pages, np.int64)
    cached = np.zeros(pages, np.bool_)
    used = 0
    count = 0
    now = 0  # when the batch began
    for t in range(len(stream)):
        if t == now + batch:
            now = t
        if batch > 1 and t == now:
            for i in range(t, t + batch):
                keys[stream[i]] = NO_KEY
        page = stream[t]
        hit = cached[page]
        hits[t] = hit
        at = level[page]
        grows = at == outside
        excess, old = old, excess
        if grows:
            level[front] = 2
            _request(excess, old, 1, 1)
        else:
            _rise(level, at)
            _request(excess, old, at, not hit)
        level[page] = 1
        front = page
        if kind == LFU:
            key_of[page] = ((key_of[page] >> 32) + 1) << 32 | t
        elif grows:
            key_of[page] = np.int64(rng.random() * 2.0**53)
        if not hit and used < slots:
            used += 1
        elif not hit:
            key = _least_key(keys, level, _tight(excess))
            if key == NO_KEY:
                key = _least_key(keys, level, 0)
            # the key of LFU holds the time of the last request
            victim = stream[key & LAST] if kind == LFU else _with_key(keys, key)
            keys[victim] = NO_KEY
            cached[victim] = False
            _evict(excess, level[victim])
            if len(evicted):
                evicted[count] = victim
                evicted_at[count] = t
            count += 1
        cached[page] = True
        if batch == 1:
            keys[page] = key_of[page]
        elif t == now + batch - 1:
            for i in range(now, now + batch):
                keys[stream[i]] = key_of[stream[i]]
    return count
