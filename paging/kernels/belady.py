"""Belady's rule on a tournament of the pages' next uses: O(log pages) per request."""

from __future__ import annotations

from typing import Any

import numpy as np

from paging.compiling import kernel
from paging.kernels.replay.recency import Flags, Longs, Sizes, Stream


@kernel
def _set(best: Longs, page: int, due: int) -> None:
    """``page`` is due then; -1: not in the game."""
    i = len(best) // 2 + page
    best[i] = due
    i >>= 1
    while i:
        best[i] = max(best[2 * i], best[2 * i + 1])
        i >>= 1


@kernel
def belady(
    stream: Stream, nexts: Longs, batch: int, pages: int, room: int, sizes: Sizes, bypass: bool, hits: Flags
) -> None:
    """Fill in the hits. Of pages that are due at the same time the one with the smallest number leaves.

    With ``sizes`` pages leave, furthest first, until the rest fits: a schedule, not an optimal one.
    """
    size = 1
    while size < pages:
        size *= 2
    best = np.full(2 * size, -1, np.int64)
    cached = np.zeros(pages, np.bool_)
    used = 0
    for begin in range(0, len(stream), batch):
        for t in range(begin, begin + batch):
            page = stream[t]
            hits[t] = cached[page]
            if not cached[page]:
                cached[page] = True
                used += 1 if sizes is None else sizes[page]
            if bypass or (batch > 1 and best[size + page] >= 0):
                _set(best, page, nexts[t] if bypass else -1)  # without bypass the batch itself cannot leave
        while used > room:
            i = 1
            while i < size:
                i = 2 * i if best[2 * i] == best[i] else 2 * i + 1
            page = i - size
            cached[page] = False
            used -= 1 if sizes is None else sizes[page]
            _set(best, page, -1)
        if not bypass:
            for t in range(begin, begin + batch):
                _set(best, stream[t], nexts[t])


@kernel
def regret(
    stream: Stream, nexts: Longs, batch: int, pages: int, evicted: Stream, evicted_at: Longs, since: int
) -> Any:
    """How many evictions took a page while another one, which the batch did not need, was due later; from ``since`` on."""
    size = 1
    while size < pages:
        size *= 2
    best = np.full(2 * size, -1, np.int64)
    wrong = 0
    at = 0
    for begin in range(0, len(stream), batch):
        for t in range(begin, begin + batch):
            _set(best, stream[t], -1)
        for t in range(begin, begin + batch):
            while at < len(evicted) and evicted_at[at] == t:
                wrong += t >= since and best[size + evicted[at]] < best[1]
                _set(best, evicted[at], -1)
                at += 1
        for t in range(begin, begin + batch):
            _set(best, stream[t], nexts[t])
    return wrong
