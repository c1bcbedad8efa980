"""LRU and FIFO for single requests of pages of one size: O(1) per request, and the same steps for hits and misses.

Whether a request hits cannot be predicted, and a processor that guesses wrongly loses more time than these steps take. So
the cache is full from the start, of pages that nobody requests, and on a hit the requested page itself is what leaves.
"""

from __future__ import annotations

import numpy as np

from paging.compiling import kernel
from paging.kernels.replay.recency import FIFO, LRU, Flags, Longs, Stream


@kernel
def lru(stream: Stream, pages: int, room: int, hits: Flags, evicted: Stream, evicted_at: Longs) -> int:
    """Arguments and value as in paging.kernels.replay.recency."""
    end = pages + room
    older = np.arange(-1, end).astype(np.int32)  # a ring: pages .. end - 1 from old to new, then the end
    newer = np.arange(1, end + 2).astype(np.int32)
    older[pages] = end
    newer[end] = pages
    cached = np.zeros(end, np.bool_)
    oldest, newest = np.int32(pages), np.int32(end - 1)
    count = 0
    for t in range(len(stream)):
        page = stream[t]
        hit = cached[page]
        hits[t] = hit
        leaves = page if hit else oldest
        if len(evicted) and not hit and leaves < pages:
            evicted[count] = leaves
            evicted_at[count] = t
            count += 1
        cached[leaves] = False
        before, after = older[leaves], newer[leaves]
        newer[before] = after
        older[after] = before
        oldest = after if leaves == oldest else oldest
        newest = before if leaves == newest else newest
        older[page] = newest
        newer[page] = end
        newer[newest] = page
        newest = page
        oldest = page if oldest == end else oldest  # a single slot
        cached[page] = True
    return count


@kernel
def fifo(stream: Stream, pages: int, room: int, hits: Flags, evicted: Stream, evicted_at: Longs) -> int:
    """Arguments and value as in paging.kernels.replay.recency."""
    ring = np.arange(pages, pages + room).astype(np.int32)
    cached = np.zeros(pages + room, np.bool_)
    oldest = 0
    count = 0
    for t in range(len(stream)):
        page = stream[t]
        hit = cached[page]
        hits[t] = hit
        leaves = ring[oldest]
        if len(evicted) and not hit and leaves < pages:
            evicted[count] = leaves
            evicted_at[count] = t
            count += 1
        cached[leaves] = hit
        cached[page] = True
        ring[oldest] = leaves if hit else page
        oldest += not hit
        oldest = 0 if oldest == room else oldest
    return count


KERNELS = {LRU: lru, FIFO: fifo}
"""By the kinds of paging.kernels.replay.recency."""
