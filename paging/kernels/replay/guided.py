"""Guided policies: O(log pages) per request, and at most one look at each layer per miss where the priority is layered.

In the picture of paging.kernels.marks level(q) <= i means that q's place is not older than the i-th mark. With s(x)
the cached pages minus the marks at the places from x to the newest one, c_i - i is s at the i-th mark: the last tight
i is the oldest mark with s = 0, and the safe pages are the older ones. A tree over the places keeps sums and least s
at marks (and, where the priority does not depend on the time, the least key of the cached pages).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from paging.kernels.marks import compress, newest_mark
from paging.kernels.replay.layered import oldest
from paging.kernels.replay.recency import Flags, Longs, Stream, link, unlink

FAR, LLRU, LFU, RANDOM = range(4)

NO_MARK = 1 << 29
NO_KEY = 1 << 62


@njit(cache=True)
def _join(sums: Stream, least: Stream, i: int) -> None:
    """A node from its children; places to the right are newer."""
    sums[i] = sums[2 * i] + sums[2 * i + 1]
    least[i] = min(least[2 * i + 1], sums[2 * i + 1] + least[2 * i])


@njit(cache=True)
def _set(sums: Stream, least: Stream, place: int, cached: bool, marked: bool) -> None:
    i = len(sums) // 2 + place
    sums[i] = cached - marked
    least[i] = sums[i] if marked else NO_MARK
    i >>= 1
    while i:
        _join(sums, least, i)
        i >>= 1


@njit(cache=True)
def _tight(sums: Stream, least: Stream, top: int) -> Any:
    """The oldest mark with s = 0. The newest place is one.

    After unsafe evictions, which atomic sets can force, s may be negative somewhere: then all places are looked at.
    """
    size = len(sums) // 2
    s = 0
    if least[1] < 0:
        place = top
        for x in range(top - 1, -1, -1):
            s += sums[size + x]
            if s == 0 and least[size + x] != NO_MARK:
                place = x
        return place
    i = 1
    while i < size:
        if s + sums[2 * i + 1] + least[2 * i] == 0:
            s += sums[2 * i + 1]
            i = 2 * i
        else:
            i = 2 * i + 1
    return i - size


@njit(cache=True)
def _set_key(keys: Longs, place: int, key: int) -> None:
    i = len(keys) // 2 + place
    keys[i] = key
    i >>= 1
    while i:
        keys[i] = min(keys[2 * i], keys[2 * i + 1])
        i >>= 1


@njit(cache=True)
def _least_key(keys: Longs, end: int) -> Any:
    """The place before ``end`` with the least key; -1 if there is no key."""
    size = len(keys) // 2
    node = 0
    low, high = size, size + end
    while low < high:
        if low & 1:
            if node == 0 or keys[low] < keys[node]:
                node = low
            low += 1
        if high & 1:
            high -= 1
            if node == 0 or keys[high] < keys[node]:
                node = high
        low >>= 1
        high >>= 1
    if node == 0 or keys[node] == NO_KEY:
        return -1
    while node < size:
        node = 2 * node if keys[2 * node] == keys[node] else 2 * node + 1
    return node - size


@njit(cache=True)
def guided(
    kind: int,
    stream: Stream,
    batch: int,
    layers: int,
    experts: int,
    room: int,
    rng: np.random.Generator,
    hits: Flags,
    evicted: Stream,
    evicted_at: Longs,
) -> int:
    """Evict, among the safe pages (among all, where none is safe), the one that the priority names; unit sizes, no bypass."""
    pages = layers * experts
    keyed = kind in (LFU, RANDOM)
    size = 4
    while size < 2 * pages:
        size *= 2
    sums = np.zeros(2 * size, np.int32)
    least = np.full(2 * size, NO_MARK, np.int32)
    keys = np.full(2 * size if keyed else 2, NO_KEY, np.int64)
    owner = np.full(size, -1, np.int32)
    below = np.empty(size, np.int32)
    place_of = np.full(pages, -1, np.int32)
    older = np.arange(pages + layers).astype(np.int32)
    newer = older.copy()
    cached = np.zeros(pages, np.bool_)
    needed = np.full(pages, -1, np.int64)
    seen = np.zeros(pages, np.int64)
    key_of = np.zeros(pages, np.int64)
    empty = min(room, pages)
    visit = 0
    current = -1
    used = 0
    count = 0
    top = 0
    for t in range(len(stream)):
        now = t - t % batch
        if batch > 1 and t == now:
            for i in range(t, t + batch):
                needed[stream[i]] = t
                if keyed and cached[stream[i]]:
                    _set_key(keys, place_of[stream[i]], NO_KEY)
        page = stream[t]
        layer = page // experts
        if layer != current or layers == 1:
            visit += 1
            current = layer
        seen[page] = visit
        if top == size:
            top = compress(owner, below, place_of, top)
            _rebuild(sums, least, keys, owner, below, cached, needed, key_of, now, batch, top)
        # the offset function
        place = place_of[page]
        mark = newest_mark(below, place)
        grows = mark < 0 and (place < 0 or empty == 0)
        if grows:
            mark = top - 1
        if place >= 0:
            owner[place] = -1
        if mark >= 0:
            below[mark] = mark - 1
            if mark != place:
                _set(sums, least, mark, owner[mark] >= 0 and cached[owner[mark]], False)
        else:
            empty -= 1
        if place >= 0:
            _set(sums, least, place, False, below[place] == place)
        place_of[page] = top
        owner[top] = page
        below[top] = top
        _set(sums, least, top, True, True)
        top += 1
        if kind == LFU:
            key_of[page] = ((key_of[page] >> 32) + 1) << 32 | t
        elif kind == RANDOM and grows:
            key_of[page] = np.int64(rng.random() * 2.0**53)
        # the cache
        hits[t] = cached[page]
        if cached[page]:
            unlink(older, newer, page)
            if keyed:
                _set_key(keys, place, NO_KEY)
        elif used < room:
            used += 1
        else:
            tight = _tight(sums, least, top)
            victim = -1
            while victim < 0:
                if keyed:
                    best = _least_key(keys, tight)
                    if best >= 0:
                        victim = owner[best]
                else:
                    victim = _layered(
                        kind, newer, needed, place_of, seen, layer, layers, pages, visit, now, batch, tight
                    )
                tight = top
            unlink(older, newer, victim)
            cached[victim] = False
            at = place_of[victim]
            _set(sums, least, at, False, below[at] == at)
            if keyed:
                _set_key(keys, at, NO_KEY)
            if len(evicted):
                evicted[count] = victim
                evicted_at[count] = t
            count += 1
        cached[page] = True
        link(older, newer, pages + layer, page)
        if keyed:
            if batch == 1:
                _set_key(keys, top - 1, key_of[page])
            elif t == now + batch - 1:
                for i in range(now, now + batch):
                    _set_key(keys, place_of[stream[i]], key_of[stream[i]])
    return count


@njit(cache=True)
def _layered(
    kind: int,
    newer: Stream,
    needed: Longs,
    place_of: Stream,
    seen: Longs,
    layer: int,
    layers: int,
    pages: int,
    visit: int,
    now: int,
    batch: int,
    tight: int,
) -> Any:
    """Of the pages at places before ``tight`` the one with the largest (m, d) or, FAR, the largest d; -1: there is none.

    A layer has such a page if and only if its oldest one is.
    """
    victim = -1
    most = -1
    j = layer
    for r in range(layers):
        q = oldest(newer, needed, pages + j, now, batch)
        if q < pages and place_of[q] < tight:
            if kind == FAR:
                return q
            if visit - seen[q] - r > most:
                most = visit - seen[q] - r
                victim = q
        j = j - 1 if j > 0 else layers - 1
    return victim


@njit(cache=True)
def _rebuild(
    sums: Stream,
    least: Stream,
    keys: Longs,
    owner: Stream,
    below: Stream,
    cached: Flags,
    needed: Longs,
    key_of: Longs,
    now: int,
    batch: int,
    top: int,
) -> None:
    """All trees, after the pages moved."""
    size = len(sums) // 2
    sums[:] = 0
    least[:] = NO_MARK
    keys[:] = NO_KEY
    for x in range(top):
        inside = cached[owner[x]]
        marked = below[x] == x
        sums[size + x] = inside - marked
        if marked:
            least[size + x] = sums[size + x]
        if len(keys) > 2 and inside and (batch == 1 or needed[owner[x]] != now):
            keys[size + x] = key_of[owner[x]]
    for i in range(size - 1, 0, -1):
        _join(sums, least, i)
        if len(keys) > 2:
            keys[i] = min(keys[2 * i], keys[2 * i + 1])
