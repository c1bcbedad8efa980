"""Random eviction and Marker: a Fenwick tree finds the candidate that was drawn in O(log pages)."""

from __future__ import annotations

from typing import Any

import numpy as np

from paging.compiling import kernel
from paging.kernels.replay.recency import Flags, Longs, Sizes, Stream


@kernel
def _change(tree: Longs, page: int, by: int) -> None:
    i = page + 1
    while i < len(tree):
        tree[i] += by
        i += i & -i


@kernel
def _select(tree: Longs, index: Any) -> Any:
    """The candidate with so many smaller ones."""
    step = 1
    while 2 * step < len(tree):
        step *= 2
    place = 0
    while step:
        if place + step < len(tree) and tree[place + step] <= index:
            place += step
            index -= tree[place]
        step //= 2
    return place


@kernel
def drawn(
    marker: bool,
    stream: Stream,
    batch: int,
    pages: int,
    room: int,
    sizes: Sizes,
    bypass: bool,
    rng: np.random.Generator,
    hits: Flags,
    evicted: Stream,
    evicted_at: Longs,
) -> int:
    """Evict a page drawn uniformly from the candidates; of Marker only unmarked pages are candidates while there are some.

    O(log pages) per request and, for Marker, O(pages log pages) per phase.
    """
    tree = np.zeros(pages + 1, np.int64)
    inside = np.zeros(pages, np.bool_)  # in the tree
    cached = np.zeros(pages, np.bool_)
    needed = np.full(pages, -1, np.int64)
    mark = np.zeros(pages, np.int64)
    phase = 1
    candidates = 0
    used = 0
    count = 0
    for t in range(len(stream)):
        now = t - t % batch
        if t == now:
            for i in range(t, t + batch):
                page = stream[i]
                needed[page] = t
                if inside[page]:
                    inside[page] = False
                    candidates -= 1
                    _change(tree, page, -1)
        page = stream[t]
        mark[page] = phase
        hits[t] = cached[page]
        size = 1 if sizes is None else sizes[page]
        if not cached[page] and not (bypass and size > room):
            admitted = True
            while used + size > room:
                itself = (
                    bypass and not marker
                )  # with bypass the page is a candidate, of Marker while nothing is marked
                if marker and candidates == 0:
                    itself = bypass
                    phase += 1
                    mark[page] = phase
                    for q in range(pages):
                        if cached[q] and needed[q] != now:
                            inside[q] = True
                            candidates += 1
                            _change(tree, q, 1)
                if itself:
                    _change(tree, page, 1)
                victim = _select(tree, rng.integers(0, candidates + itself))
                if itself:
                    _change(tree, page, -1)
                if victim == page:
                    admitted = False
                    break
                _change(tree, victim, -1)
                inside[victim] = False
                candidates -= 1
                cached[victim] = False
                used -= 1 if sizes is None else sizes[victim]
                if len(evicted):
                    evicted[count] = victim
                    evicted_at[count] = t
                count += 1
            if admitted:
                cached[page] = True
                used += size
        if t == now + batch - 1:
            for i in range(now, now + batch):
                page = stream[i]
                if cached[page] and (not marker or mark[page] != phase):
                    inside[page] = True
                    candidates += 1
                    _change(tree, page, 1)
    return count
