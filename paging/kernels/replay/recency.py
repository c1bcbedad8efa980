"""LRU, MRU and FIFO on a doubly linked list of the cached pages: O(1) per request, at most one batch of steps per miss.

What all replay kernels have in common. ``stream``: pages in order; ``batch`` of them must be in the cache together.
``room``: slots, or bytes if there are ``sizes`` per page (None: all 1). ``bypass``: a missed page need not be
admitted, and never is if it is larger than the cache. ``hits``, shape (requests,), is filled in; ``evicted`` and
``evicted_at``, too, unless they are empty. Returned is the number of evictions. Rules and ties are those of
paging.policies.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.compiling import kernel

Stream = NDArray[np.int32]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]
Sizes = NDArray[np.int64] | None

LRU, MRU, FIFO = range(3)


@kernel
def link(older: Stream, newer: Stream, end: int, page: int) -> None:
    """``page`` becomes the newest of the ring through ``end``."""
    newest = older[end]
    older[page] = newest
    newer[page] = end
    newer[newest] = page
    older[end] = page


@kernel
def unlink(older: Stream, newer: Stream, page: int) -> None:
    """``page`` leaves its ring."""
    newer[older[page]] = newer[page]
    older[newer[page]] = older[page]


@kernel
def recency(
    kind: int,
    stream: Stream,
    batch: int,
    pages: int,
    room: int,
    sizes: Sizes,
    bypass: bool,
    hits: Flags,
    evicted: Stream,
    evicted_at: Longs,
) -> int:
    """Evict the page requested longest ago (LRU), most recently (MRU) or loaded first (FIFO)."""
    end = pages
    older = np.full(pages + 1, end, np.int32)
    newer = np.full(pages + 1, end, np.int32)
    cached = np.zeros(pages, np.bool_)
    needed = np.full(pages, -1, np.int64)  # the last batch that asked for the page
    used = 0
    count = 0
    for t in range(len(stream)):
        if batch > 1 and t % batch == 0:
            for i in range(t, t + batch):
                needed[stream[i]] = t
        page = stream[t]
        if cached[page]:
            hits[t] = True
            if kind != FIFO:
                unlink(older, newer, page)
                link(older, newer, end, page)
            continue
        hits[t] = False
        size = 1 if sizes is None else sizes[page]
        if bypass and (size > room or (kind == MRU and used + size > room)):
            continue  # among the candidates the page itself is the most recent
        now = t - t % batch
        while used + size > room:
            victim = older[end] if kind == MRU else newer[end]
            if batch > 1:
                while victim != end and needed[victim] == now:
                    victim = older[victim] if kind == MRU else newer[victim]
            if victim == end:
                break
            unlink(older, newer, victim)
            cached[victim] = False
            used -= 1 if sizes is None else sizes[victim]
            if len(evicted):
                evicted[count] = victim
                evicted_at[count] = t
            count += 1
        if used + size <= room:
            cached[page] = True
            used += size
            link(older, newer, end, page)
    return count


@kernel
def take_all(cached: Flags, needed: Longs, now: int, batch: int, out: Stream) -> Any:
    """The cached pages that the batch does not need, in ascending order; their number."""
    count = 0
    for page in range(len(cached)):
        if cached[page] and (batch == 1 or needed[page] != now):
            out[count] = page
            count += 1
    return count


@kernel
def flush(
    stream: Stream,
    batch: int,
    pages: int,
    room: int,
    sizes: Sizes,
    bypass: bool,
    hits: Flags,
    evicted: Stream,
    evicted_at: Longs,
) -> int:
    """FlushWhenFull: O(1) per request on average, as only what was loaded is evicted, plus O(pages) per flush."""
    cached = np.zeros(pages, np.bool_)
    needed = np.full(pages, -1, np.int64)
    gone = np.empty(pages, np.int32)
    used = 0
    count = 0
    for t in range(len(stream)):
        if batch > 1 and t % batch == 0:
            for i in range(t, t + batch):
                needed[stream[i]] = t
        page = stream[t]
        hits[t] = cached[page]
        if cached[page]:
            continue
        size = 1 if sizes is None else sizes[page]
        if bypass and size > room:
            continue
        full = used + size > room
        if full:
            held = take_all(cached, needed, t - t % batch, batch, gone)
            for i in range(held):
                cached[gone[i]] = False
                used -= 1 if sizes is None else sizes[gone[i]]
                if len(evicted):
                    evicted[count] = gone[i]
                    evicted_at[count] = t
                count += 1
        if not (full and bypass):  # the page itself is among what the policy gives up
            cached[page] = True
            used += size
    return count
