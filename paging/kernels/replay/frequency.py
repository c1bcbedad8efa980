"""LFU, heat and static placement on a heap of the cached pages: O(1) per hit, O(log k) per miss on average."""

from __future__ import annotations

from typing import Any

import numpy as np

from paging.compiling import kernel
from paging.kernels.replay.recency import Flags, Longs, Sizes, Stream

LAST = (1 << 32) - 1
"""The lower half of a key."""


@kernel
def _sink(keys: Longs, held: Stream, size: int, i: int) -> None:
    """Restore the heap below ``i``, whose key grew."""
    key, page = keys[i], held[i]
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[i] = keys[child]
        held[i] = held[child]
        i = child
    keys[i] = key
    held[i] = page


@kernel
def _push(keys: Longs, held: Stream, size: int, key: int, page: int) -> Any:
    """Add a page; the new size."""
    i = size
    while i > 0 and keys[(i - 1) // 2] > key:
        keys[i] = keys[(i - 1) // 2]
        held[i] = held[(i - 1) // 2]
        i = (i - 1) // 2
    keys[i] = key
    held[i] = page
    return size + 1


@kernel
def _pop(keys: Longs, held: Stream, size: int) -> Any:
    """Remove the top; the new size."""
    keys[0] = keys[size - 1]
    held[0] = held[size - 1]
    _sink(keys, held, size - 1, 0)
    return size - 1


@kernel
def lfu(
    stream: Stream,
    batch: int,
    pages: int,
    halved_every: int,
    profile: int,
    room: int,
    sizes: Sizes,
    bypass: bool,
    hits: Flags,
    evicted: Stream,
    evicted_at: Longs,
) -> int:
    """Evict the page with the least (requests so far, last request; or its number, if none was counted).

    The requests are halved after ``halved_every`` (0: never), and only those of the first ``profile`` are counted. Between
    halvings the key of a page only grows: the heap holds it as it was, and looks again before it evicts.
    """
    now_key = np.arange(pages)  # requests * 2^32 + last request
    keys = np.empty(pages + 1, np.int64)
    held = np.empty(pages + 1, np.int32)
    aside = np.empty(batch + 1, np.int32)
    cached = np.zeros(pages, np.bool_)
    needed = np.full(pages, -1, np.int64)
    size = 0
    used = 0
    count = 0
    for t in range(len(stream)):
        if batch > 1 and t % batch == 0:
            for i in range(t, t + batch):
                needed[stream[i]] = t
        if halved_every and t and t % halved_every == 0:
            for p in range(pages):
                now_key[p] = now_key[p] >> 33 << 32 | now_key[p] & LAST
            for i in range(size):
                keys[i] = now_key[held[i]]
            for i in range(size // 2 - 1, -1, -1):
                _sink(keys, held, size, i)
        page = stream[t]
        if t < profile:
            now_key[page] = ((now_key[page] >> 32) + 1) << 32 | t
        hits[t] = cached[page]
        if cached[page]:
            continue
        space = 1 if sizes is None else sizes[page]
        if bypass and space > room:
            continue
        put_aside = 0
        admitted = True
        while used + space > room:
            while size > 0:
                victim = held[0]
                if keys[0] != now_key[victim]:
                    keys[0] = now_key[victim]
                    _sink(keys, held, size, 0)
                elif batch > 1 and needed[victim] == t - t % batch:
                    aside[put_aside] = victim
                    put_aside += 1
                    size = _pop(keys, held, size)
                else:
                    break
            if bypass and (size == 0 or now_key[page] < keys[0]):
                admitted = False
                break
            victim = held[0]
            size = _pop(keys, held, size)
            cached[victim] = False
            used -= 1 if sizes is None else sizes[victim]
            if len(evicted):
                evicted[count] = victim
                evicted_at[count] = t
            count += 1
        for i in range(put_aside):
            size = _push(keys, held, size, now_key[aside[i]], aside[i])
        if admitted:
            cached[page] = True
            used += space
            size = _push(keys, held, size, now_key[page], page)
    return count
