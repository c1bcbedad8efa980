"""guided-lfu and guided-random with few slots: the definition itself, in vector instructions; O(slots) per request.

An offset function is known by one time for each of its levels 1..k: level(q) <= i if and only if q's last request is not
older than the i-th *mark* (paging.kernels.marks says why). Beside the marks stand the numbers c_i - i. Both arrays begin
with the oldest mark, that of level k. A request removes one mark and adds the newest; those between move up. As long as
all of it is a few thousand numbers this is faster than paging.kernels.replay.guided (twice as fast at 64 slots; there
guided-lfu would be slower than libcachesim's LFU without it). Times take 31 bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.compiling import kernel
from paging.kernels.blocks import aligned
from paging.kernels.replay.guided import LFU, RANDOM
from paging.kernels.replay.recency import Flags, Longs, Stream
from paging.kernels.slots import NO_KEY

FEW = 1024
"""Slots up to which it is faster."""
LONG = 1_000_000
"""Requests from which that is worth the seconds in which it is compiled once."""
KINDS = (LFU, RANDOM)

CHUNK = 64
LAST = (1 << 32) - 1
LONG_AGO = -(1 << 31)
NO_MARK = 1 << 29

Ints = NDArray[np.int32]


@kernel
def _newest_mark(marks: Ints, time: Any) -> Any:
    """The index of the newest mark not newer than ``time``; the index before the oldest mark if there is none."""
    stop = len(marks)
    while stop > CHUNK and marks[stop - CHUNK] > time:
        stop -= CHUNK
    begin = np.uint64(stop - CHUNK)
    newer = np.int32(0)
    for j in range(np.uint64(CHUNK)):
        newer = np.int32(newer + (marks[begin + j] > time))
    return stop - 1 - newer


@kernel
def _replace(values: Ints, at: Any, newest: Any) -> None:
    """Remove a value and append one."""
    end = len(values) - 1
    for j in range(np.uint64(at), np.uint64(end)):
        values[j] = values[j + np.uint64(1)]
    values[end] = newest


@kernel
def _add(excess: Ints, begin: Any, end: Any, by: int) -> None:
    for j in range(np.uint64(begin), np.uint64(end)):
        excess[j] += by


@kernel
def _oldest(excess: Ints, begin: Any, end: Any, value: Any) -> Any:
    """The first index of ``value`` from ``begin`` on and before ``end``; -1 if it is not there."""
    chunk = begin & -CHUNK
    while chunk < end:
        start = np.uint64(chunk)
        low = np.int32(begin - chunk)
        found = np.int32(CHUNK)
        for j in range(np.uint64(CHUNK)):
            here = (excess[start + j] == value) & (np.int32(j) >= low)
            found = min(found, np.int32(j) if here else np.int32(CHUNK))
        if found < CHUNK:
            return chunk + found if chunk + found < end else -1
        chunk += CHUNK
    return -1


@kernel
def _least_lfu(keys: Longs, time: Any) -> Any:
    """The least key of a page that was last requested before ``time``, which the key tells; NO_KEY if there is none."""
    best = np.int64(NO_KEY)
    for x in range(len(keys)):
        key = keys[x]
        best = min(best, key if (key & LAST) < time else np.int64(NO_KEY))
    return best


@kernel
def _least_drawn(keys: Longs, requested: Longs, time: Any) -> Any:
    """The same where the times stand apart."""
    best = np.int64(NO_KEY)
    for x in range(len(keys)):
        key = keys[x]
        best = min(best, key if requested[x] < time else np.int64(NO_KEY))
    return best


@kernel
def _with_key(keys: Longs, wanted: Any) -> Any:
    """The slot with this key."""
    slot = len(keys)
    for x in range(len(keys)):
        slot = min(slot, x if keys[x] == wanted else len(keys))
    return slot


@kernel
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
    size = (slots + CHUNK - 1) & -CHUNK
    oldest = size - slots
    newest = size - 1
    marks = aligned(np.full(size, LONG_AGO, np.int32))
    marks[oldest:] = np.arange(-slots, 0)  # the empty slots
    excess = aligned(np.full(size, NO_MARK, np.int32))
    excess[oldest:] = marks[oldest:]  # c_i = 0
    last = np.full(pages, -slots - 1, np.int32)
    key_of = np.zeros(pages, np.int64)
    slot_of = np.full(pages, -1, np.int32)
    keys = aligned(np.full(slots, NO_KEY, np.int64))  # of the pages that may be evicted
    requested = aligned(np.zeros(slots, np.int64))
    unsafe = False  # whether some c_i - i may be negative, which atomic sets can force
    used = 0
    count = 0
    now = 0  # when the batch began
    for t in range(len(stream)):
        if t == now + batch:
            now = t
        if batch > 1 and t == now:
            for i in range(t, t + batch):
                if slot_of[stream[i]] >= 0:
                    keys[slot_of[stream[i]]] = NO_KEY
        page = stream[t]
        slot = slot_of[page]
        hits[t] = slot >= 0
        # the offset function
        grows = last[page] < marks[oldest]
        at = newest
        if grows:
            marks[newest] = t
            excess[newest] = 0
        else:
            at = _newest_mark(marks, last[page])
            _replace(marks, at, t)
            _replace(excess, at, 0)
        last[page] = t
        if kind == LFU:
            key_of[page] = ((key_of[page] >> 32) + 1) << 32 | t
        elif grows:
            key_of[page] = np.int64(rng.random() * 2.0**53)
        # the cache: c_i of the marks older than ``at`` grows by one if the page was not counted there before
        if slot >= 0:
            if grows:
                _add(excess, oldest, at, 1)
        elif used < slots:
            slot = used
            used += 1
            _add(excess, oldest, at, 1)
        else:
            tight = -1
            if unsafe:
                tight = _oldest(excess, oldest, at, -1)
            if tight < 0:
                tight = newest if grows else _oldest(excess, at, size, 0)
            time = np.int64(marks[tight])
            best = np.int64(NO_KEY)
            while best == NO_KEY:
                best = _least_lfu(keys, time) if kind == LFU else _least_drawn(keys, requested, time)
                unsafe |= best == NO_KEY
                time = np.int64(t + 1)
            time = best & LAST if kind == LFU else requested[_with_key(keys, best)]
            victim = stream[time]
            slot = slot_of[victim]
            slot_of[victim] = -1
            end = _newest_mark(marks, time) + 1  # the marks before it lose one
            if end <= at:
                _add(excess, end, at, 1)
            else:
                _add(excess, at, end, -1)
            if len(evicted):
                evicted[count] = victim
                evicted_at[count] = t
            count += 1
        slot_of[page] = slot
        if kind == RANDOM:
            requested[slot] = t
        if batch == 1:
            keys[slot] = key_of[page]
        else:
            keys[slot] = NO_KEY
            if t == now + batch - 1:
                for i in range(now, now + batch):
                    keys[slot_of[stream[i]]] = key_of[stream[i]]
    return count
