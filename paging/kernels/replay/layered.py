"""LLRU on one list per layer: O(1) per hit, at most one look at each layer per miss."""

from __future__ import annotations

from typing import Any

import numpy as np

from paging.compiling import kernel
from paging.kernels.replay.recency import Flags, Longs, Sizes, Stream, link, unlink


@kernel
def oldest(newer: Stream, needed: Longs, end: int, now: int, batch: int) -> Any:
    """The oldest page of a ring that the batch does not need; ``end`` if there is none."""
    page = newer[end]
    if batch > 1:
        while page != end and needed[page] == now:
            page = newer[page]
    return page


@kernel
def llru(
    stream: Stream,
    batch: int,
    layers: int,
    experts: int,
    room: int,
    sizes: Sizes,
    bypass: bool,
    hits: Flags,
    evicted: Stream,
    evicted_at: Longs,
) -> int:
    """Evict the page with the largest (missed rounds m, distance d), the oldest of those with the same.

    Of a layer only the oldest page comes into question. A page of the layer visited r visits ago (r = l - 1 - d) has age
    m*l + r: m*l is found without a division, and the layers are looked at from r = 0, the largest distance, on.
    """
    pages = layers * experts
    older = np.arange(pages + layers).astype(np.int32)  # layer j's ring goes through pages + j
    newer = older.copy()
    cached = np.zeros(pages, np.bool_)
    needed = np.full(pages, -1, np.int64)
    seen = np.zeros(pages, np.int64)  # visit of the last request
    layer_of = np.empty(pages, np.int32)
    for page in range(pages):
        layer_of[page] = page // experts
    visit = 0
    current = -1
    used = 0
    count = 0
    for t in range(len(stream)):
        if batch > 1 and t % batch == 0:
            for i in range(t, t + batch):
                needed[stream[i]] = t
        page = stream[t]
        layer = layer_of[page]
        if layer != current or layers == 1:
            visit += layer - current if layer > current else layer - current + layers
            current = layer
        seen[page] = visit
        hits[t] = cached[page]
        if cached[page]:
            unlink(older, newer, page)
            link(older, newer, pages + layer, page)
            continue
        size = 1 if sizes is None else sizes[page]
        if bypass and size > room:
            continue
        now = t - t % batch
        admitted = True
        while used + size > room:
            most = -1
            victim = page
            j = layer
            for r in range(layers):
                q = oldest(newer, needed, pages + j, now, batch)
                if q < pages and visit - seen[q] - r > most:
                    most = visit - seen[q] - r
                    victim = q
                if r == 0 and bypass and most < 0:
                    most = 0  # the page itself
                j = j - 1 if j > 0 else layers - 1
            if victim == page:
                admitted = False
                break
            unlink(older, newer, victim)
            cached[victim] = False
            used -= 1 if sizes is None else sizes[victim]
            if len(evicted):
                evicted[count] = victim
                evicted_at[count] = t
            count += 1
        if admitted:
            cached[page] = True
            used += size
            link(older, newer, pages + layer, page)
    return count
