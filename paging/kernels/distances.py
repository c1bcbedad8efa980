"""Stack distances (Mattson et al. 1970): the least cache size at which each request hits, LRU and OPT, in one pass.

Requests come in batches of m pages that must be in the cache together (m = 1: one after another). All distances of a batch are
those before it. ``counts[d]``: requests of distance d; distance 0: first requests of their page, which always miss.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.compiling import kernel
from paging.stoppable import Stop

Longs = NDArray[np.int64]
Stream = NDArray[np.int32]


@kernel
def next_batches(stream: Stream, batch: int, pages: int) -> Longs:
    """For each request the batch that asks for its page next; the number of batches if none does."""
    total = len(stream)
    coming = np.full(pages, total // batch, np.int64)
    result = np.empty(total, np.int64)
    for i in range(total - 1, -1, -1):
        result[i] = coming[stream[i]]
        coming[stream[i]] = i // batch
    return result


@kernel
def _add(tree: Longs, slot: int, value: int) -> None:
    i = slot + 1
    while i < len(tree):
        tree[i] += value
        i += i & -i


@kernel
def _sum(tree: Longs, slot: int) -> Any:
    """Of the slots 0..slot."""
    total = 0
    i = slot + 1
    while i > 0:
        total += tree[i]
        i -= i & -i
    return total


@kernel
def lru(stream: Stream, batch: int, pages: int) -> Longs:
    """Counts of the LRU distances; O(log pages) per request.

    Every page owns a slot, later slots for later requests; a Fenwick tree counts the owned slots above one. Full slots are
    renumbered, which happens once in 3 * pages requests.
    """
    size = 4 * pages + batch
    tree = np.zeros(size + 1, np.int64)
    owner = np.full(size, -1, np.int64)
    slot = np.full(pages, -1, np.int64)
    counts = np.zeros(pages + 1, np.int64)
    known = 0
    free = 0
    for begin in range(0, len(stream) // batch * batch, batch):
        if free + batch > size:
            held = 0
            for s in range(size):
                page = owner[s]
                if page >= 0:
                    owner[s] = -1
                    owner[held] = page
                    slot[page] = held
                    held += 1
            tree[:] = 0
            for s in range(held):
                _add(tree, s, 1)
            free = held
        for i in range(begin, begin + batch):
            page = stream[i]
            if slot[page] < 0:
                counts[0] += 1
            else:
                counts[known - _sum(tree, slot[page]) + 1] += 1
        for i in range(begin, begin + batch):
            page = stream[i]
            if slot[page] < 0:
                known += 1
            else:
                owner[slot[page]] = -1
                _add(tree, slot[page], -1)
            slot[page] = free
            owner[free] = page
            _add(tree, free, 1)
            free += 1
    return counts


@kernel
def _take_nearest(pool: Longs, held: int, due: Longs) -> Any:
    """Take the page whose next use is nearest out of the first ``held`` of the pool; the last one fills its place."""
    best = 0
    for i in range(1, held):
        if due[pool[i]] < due[pool[best]]:
            best = i
    page = pool[best]
    pool[best] = pool[held - 1]
    return page


@kernel
def opt(stream: Stream, nexts: Longs, batch: int, pages: int, stop: Stop) -> Longs:
    """Counts of the OPT distances; ``nexts`` from next_batches. O(depth of the batch) per request, and more for its width.

    The first k pages of the stack are what Belady's rule keeps in a cache of k slots. After a batch they are the batch
    itself and, of what was there, the pages whose next use is nearest: going down, the stack gives up what it holds into a
    pool, out of which the nearest page takes each place. ``stop``: see paging.stoppable.
    """
    stack = np.empty(pages, np.int64)
    due = np.zeros(pages, np.int64)
    stamp = np.full(pages, -1, np.int64)
    seen = np.zeros(pages, np.bool_)
    pool = np.empty(pages + 1, np.int64)
    counts = np.zeros(pages + 1, np.int64)
    height = 0
    for b in range(len(stream) // batch):
        if stop[0]:
            break
        begin = b * batch
        missing = 0
        for i in range(begin, begin + batch):
            page = stream[i]
            stamp[page] = b
            if not seen[page]:
                seen[page] = True
                counts[0] += 1
                missing += 1
        left = batch - missing  # pages of the batch that are somewhere in the stack
        held = 0
        j = 0
        while j < height and (j < batch or left > 0 or held > 0):
            page = stack[j]
            if stamp[page] == b:
                counts[j + 1] += 1
                left -= 1
            else:
                pool[held] = page
                held += 1
            if j >= batch:
                stack[j] = _take_nearest(pool, held, due)
                held -= 1
            j += 1
        if j < batch:
            j = batch
        while held > 0:  # below the old stack: the rest, nearest first
            stack[j] = _take_nearest(pool, held, due)
            held -= 1
            j += 1
        for i in range(batch):
            page = stream[begin + i]
            stack[i] = page
            due[page] = nexts[begin + i]
        height += missing
    return counts


@kernel
def opt_single(stream: Stream, nexts: Longs, pages: int, stop: Stop) -> Longs:
    """The same for batches of one page: a single page is carried down the stack, and the nearer one stays.

    Every place holds a key, next use * pages + page: one comparison, without a look at the page. The requested page is due
    now, nearer than any other, so its key is known and it is found where the stack ends for it.
    """
    stack = np.empty(pages + 1, np.int64)
    seen = np.zeros(pages, np.bool_)
    counts = np.zeros(pages + 1, np.int64)
    height = 0
    for t in range(len(stream)):
        if stop[0]:
            break
        page = stream[t]
        wanted = t * pages + page
        known = seen[page]
        if not known:
            seen[page] = True
            stack[height] = wanted  # below all others
            height += 1
        place = np.uint64(0)
        there = stack[place]
        stack[place] = nexts[t] * pages + page
        carried = there
        while carried != wanted:
            place += np.uint64(1)
            there = stack[place]
            if there == wanted:
                stack[place] = carried
                break
            stack[place] = min(carried, there)
            carried = max(carried, there)
        counts[place + 1 if known else 0] += 1
    return counts
