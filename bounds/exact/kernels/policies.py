"""Policies on labels, and the graph of (policy state, offset function) that they make with all request sequences.

aux of a cached page, by kind: LRU, MRU, KEEP: rank by last request, 1 the most recent; FIFO: rank by loading, 1 the newest;
FLUSH: 1; FAR: rank by last request within its layer; LLRU, GUIDED_LLRU: 1 + missed rounds, shortened. So aux - 1 is
the policy's mark (for KEEP up to a gap in it).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bounds.exact.kernels.states import (
    Labels,
    Words,
    add,
    copy,
    find,
    last_tight,
    pack,
    rehash,
    request_levels,
    rises,
    rotate,
    sort_layers,
    unpack,
)
from paging.compiling import kernel
from paging.stoppable import Stop

Ints = NDArray[np.int64]
Small = NDArray[np.int8]

LRU, MRU, FIFO, FLUSH, FAR, LLRU, GUIDED_LLRU, KEEP = range(8)


@kernel
def _grow(labels: Labels, empty: Labels, page: int, slots: int) -> bool:
    """The update rule of the offset function on the pages' labels and the levels of the empty slots."""
    at = labels[page] >> 4
    for i in range(len(empty)):
        empty[i] += rises(empty[i], at, slots)
    return request_levels(labels, len(labels), page, slots)


@kernel
def _victim(kind: int, labels: Labels, page: int, layers: int, experts: int, slots: int) -> int:
    """Position of the page to evict; the turn is that of layer 0, levels and aux are those after the request."""
    tight = last_tight(labels, page, slots) if kind in (FAR, GUIDED_LLRU, KEEP) else 0
    best, chosen = -1, -1
    for q in range(len(labels)):
        aux = labels[q] & 15
        if aux == 0 or q == page or labels[q] >> 4 <= tight:
            continue
        layer = q // experts
        distance = (layer - 1) % layers
        if kind == MRU:
            key = 15 - aux
        elif kind == FAR:
            key = distance * 16 + aux
        elif kind in (LLRU, GUIDED_LLRU):
            key = aux * layers + distance
        elif kind == KEEP and layer == 0 and aux == layers:
            key = 16  # the last page of this layer: the others of its round have been requested since
        else:
            key = aux
        if key > best:
            best, chosen = key, q
    return chosen


@kernel
def step(
    kind: int, labels: Labels, empty: Labels, page: int, layers: int, experts: int, slots: int
) -> tuple[int, int]:
    """Serve the page at a position of layer 0, in place; positions stay. The optimum has ``len(empty)`` slots (those of the
    policy, for FAR and GUIDED_LLRU). Returns miss + 2 * growth, and the victims as bits; -1 for the cost when an aux does not
    fit."""
    cost = 2 * _grow(labels, empty, page, len(empty))
    old = labels[page] & 15
    if kind in (LLRU, GUIDED_LLRU):
        for q in range(experts):
            if q != page and labels[q] & 15:
                if labels[q] & 15 == 15:
                    return -1, 0
                labels[q] += 1
    cached = 0
    for q in range(len(labels)):
        cached += (labels[q] & 15) > 0
    victims = 0
    if old == 0:
        cost += 1
        if cached == slots:
            for q in range(len(labels)):
                if kind == FLUSH and labels[q] & 15:
                    victims |= 1 << q
            if kind != FLUSH:
                victims = 1 << _victim(kind, labels, page, layers, experts, slots)
            for q in range(len(labels)):
                if victims >> q & 1:
                    labels[q] -= labels[q] & 15
    if kind == FLUSH:
        labels[page] |= 1
    elif kind in (LLRU, GUIDED_LLRU):
        labels[page] = (labels[page] & ~15) | 1
        _shorten(labels, layers, experts)
    else:
        _rank(kind, labels, page, old, experts)
    return cost, victims


@kernel
def _rank(kind: int, labels: Labels, page: int, old: int, experts: int) -> None:
    """The requested page gets rank 1 (FIFO: only if it was loaded); then ranks are counted anew, without gaps."""
    if kind == FIFO and old:
        return
    low, high = 0, len(labels)
    if kind == FAR:
        high = experts
    ranks = np.zeros(len(labels), np.int64)
    for q in range(low, high):
        aux = labels[q] & 15
        if q == page or aux == 0:
            continue
        ranks[q] = 2
        for r in range(low, high):
            other = labels[r] & 15
            if r != page and other and other < aux:
                ranks[q] += 1
    for q in range(low, high):
        if q != page and labels[q] & 15:
            labels[q] = (labels[q] & ~15) | ranks[q]
    labels[page] = (labels[page] & ~15) | 1
    if kind == FAR:  # a layer that lost a page keeps the order of the others
        for layer in range(1, len(labels) // experts):
            _close_gaps(labels, layer * experts, (layer + 1) * experts)


@kernel
def _close_gaps(labels: Labels, low: int, high: int) -> None:
    """Ranks 1, 2, ... in the order of the aux of the cached pages."""
    ranks = np.zeros(high - low, np.int64)
    for q in range(low, high):
        if labels[q] & 15:
            for r in range(low, high):
                if labels[r] & 15 and labels[r] & 15 <= labels[q] & 15:
                    ranks[q - low] += 1
    for q in range(low, high):
        labels[q] = (labels[q] & ~15) | ranks[q - low]


@kernel
def _shorten(labels: Labels, layers: int, experts: int) -> None:
    """Missed rounds (aux - 1) with the gaps between neighbours in age cut, as History.shortened_ages does and explains.

    It is the visit of layer 0; that of layer j was l - j visits ago, and a page that missed m rounds was asked for m * l visits
    earlier. No two cached pages have the same age.
    """
    last, cut = -1, 0
    while True:
        age, oldest = 1 << 30, -1
        for q in range(len(labels)):
            if labels[q] & 15:
                visits = ((labels[q] & 15) - 1) * layers + (layers - q // experts) % layers
                if last < visits < age:
                    age, oldest = visits, q
        if oldest < 0:
            return
        gap = age - max(last, 0)
        cut += gap if gap < layers else layers + gap % layers
        labels[oldest] = (labels[oldest] & ~15) | (cut // layers + 1)
        last = age  # labels that are cut have at most this age, and are not met again


@kernel
def pack_empty(empty: Labels) -> int:
    """Sorted levels of the empty slots, four bits each."""
    levels = empty.copy()
    sort_layers(levels, 1, len(levels))
    word = 0
    for i in range(len(levels)):
        word |= levels[i] << (4 * i)
    return word


@kernel
def explore(
    kind: int, layers: int, experts: int, slots: int, optimum: int, most: int, stop: Stop
) -> tuple[int, Words, Ints, Small, Small, NDArray[np.int32], NDArray[np.int32]]:
    """All states that requests reach from the empty cache. ``optimum``: its slots, not more than the policy's. ``stop``: see
    paging.stoppable.

    Returns their number (most + 1: more; -1: an aux did not fit), words (the third one holds the empty slots), and as in
    kernels.game first, cost, page; then to, one state per request, and the victims as bits of positions.
    """
    pages = layers * experts
    words = np.empty((1024, 3), np.int64)
    table = np.full(4096, -1, np.int32)
    here = np.full(pages, (optimum + 1) << 4, np.int64)
    empty_here = np.arange(1, optimum + 1)
    low, high = pack(here, pages)
    add(table, words, 0, low, high, pack_empty(empty_here))
    count = 1
    first = np.zeros(1025, np.int64)
    cost = np.empty(4096, np.int8)
    asked = np.empty(4096, np.int8)
    to = np.empty(4096, np.int32)
    victims = np.empty(4096, np.int32)
    new = np.empty(pages, np.int64)
    empty = np.empty(optimum, np.int64)
    requests = 0
    x = 0
    while x < count and not stop[0]:
        unpack(words[x, 0], words[x, 1], pages, here)
        for i in range(optimum):
            empty_here[i] = words[x, 2] >> (4 * i) & 15
        for page in range(experts):
            if page > 0 and here[page] == here[page - 1]:
                continue
            if requests + 1 > len(cost):
                cost = np.concatenate((cost, np.empty(len(cost), np.int8)))
                asked = np.concatenate((asked, np.empty(len(asked), np.int8)))
                to = np.concatenate((to, np.empty(len(to), np.int32)))
                victims = np.concatenate((victims, np.empty(len(victims), np.int32)))
            if count + 1 > len(words):
                words = np.concatenate((words, np.empty((len(words), 3), np.int64)))
                table = rehash(words, count, 4 * len(words))
            copy(here, new)
            copy(empty_here, empty)
            paid, out = step(kind, new, empty, page, layers, experts, slots)
            if paid < 0:
                return -1, words, first, cost, asked, to, victims
            rotate(new, layers, experts)
            sort_layers(new, layers, experts)
            low, high = pack(new, pages)
            index = find(table, words, low, high, pack_empty(empty))
            if index < 0:
                index = count
                add(table, words, count, low, high, pack_empty(empty))
                count += 1
                if count > most:
                    return most + 1, words, first, cost, asked, to, victims
            cost[requests] = paid
            asked[requests] = page
            to[requests] = index
            victims[requests] = out
            requests += 1
        x += 1
        if x + 1 > len(first) - 1:
            first = np.concatenate((first, np.empty(len(first), np.int64)))
        first[x] = requests
    return (
        count,
        words[:count],
        first[: count + 1],
        cost[:requests],
        asked[:requests],
        to[:requests],
        victims[:requests],
    )
