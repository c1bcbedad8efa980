"""The deterministic game, explored: states (turn, offset function, cache) up to symmetry, and all moves."""

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
    rotate,
    sort_layers,
    unpack,
)
from paging.compiling import kernel
from paging.stoppable import Stop

Ints = NDArray[np.int64]
Small = NDArray[np.int8]


@kernel
def explore(
    layers: int, experts: int, slots: int, start: Labels, most: int, guided: bool, stop: Stop
) -> tuple[int, Words, Ints, Small, Small, Ints, NDArray[np.int32], Small, NDArray[np.int32]]:
    """All states that any play reaches from ``start``; aux 1 marks a cached page, and the cache is full.

    ``slots``: of the optimum. ``guided``: only safe pages may be evicted. ``stop``: see paging.stoppable.

    Returns the number of states (most + 1 if there are more), their words, and the moves in two tiers: requests of state x
    are first[x] .. first[x+1]-1, one per different label in the layer whose turn it is: of page[j], a position among the sorted
    labels, with cost[j] = miss + 2 * growth; the states after request j are to[option[j]] .. to[option[j+1]-1], one per
    different label that may be evicted, at position victim[e] (on a hit one, -1). Last comes the hash table of the words.
    """
    pages = layers * experts
    words = np.empty((1024, 3), np.int64)
    table = np.full(4096, -1, np.int32)
    labels = start.copy()
    sort_layers(labels, layers, experts)
    low, high = pack(labels, pages)
    add(table, words, 0, low, high, 0)
    count = 1
    first = np.zeros(1025, np.int64)
    cost = np.empty(4096, np.int8)
    asked = np.empty(4096, np.int8)
    option = np.zeros(4097, np.int64)
    to = np.empty(16384, np.int32)
    victim = np.empty(16384, np.int8)
    requests = 0
    options = 0
    here = np.empty(pages, np.int64)
    after = np.empty(pages, np.int64)
    new = np.empty(pages, np.int64)
    x = 0
    while x < count and not stop[0]:
        unpack(words[x, 0], words[x, 1], pages, here)
        for page in range(experts):
            if page > 0 and here[page] == here[page - 1]:
                continue
            if requests + 2 > len(cost):
                cost = np.concatenate((cost, np.empty(len(cost), np.int8)))
                asked = np.concatenate((asked, np.empty(len(asked), np.int8)))
                option = np.concatenate((option, np.empty(len(option), np.int64)))
            copy(here, after)
            grows = request_levels(after, pages, page, slots)
            hit = after[page] & 1
            cost[requests] = (1 - hit) + 2 * grows
            asked[requests] = page
            tight = last_tight(after, page, slots) if guided and not hit else 0
            for out in range(-1, pages):
                if hit != (out < 0):  # on a hit there is one way to go on, on a miss one per page evicted
                    continue
                if out >= 0:
                    if out == page or not after[out] & 1 or after[out] >> 4 <= tight:
                        continue
                    if out % experts > 0 and out - 1 != page and after[out] == after[out - 1]:
                        continue
                if options + 1 > len(to):
                    to = np.concatenate((to, np.empty(len(to), np.int32)))
                    victim = np.concatenate((victim, np.empty(len(victim), np.int8)))
                if count + 1 > len(words):
                    words = np.concatenate((words, np.empty((len(words), 3), np.int64)))
                    table = rehash(words, count, 4 * len(words))
                copy(after, new)
                if out >= 0:
                    new[out] -= 1
                    new[page] |= 1
                rotate(new, layers, experts)
                sort_layers(new, layers, experts)
                low, high = pack(new, pages)
                index = find(table, words, low, high, 0)
                if index < 0:
                    index = count
                    add(table, words, count, low, high, 0)
                    count += 1
                    if count > most:
                        return most + 1, words, first, cost, asked, option, to, victim, table
                to[options] = index
                victim[options] = out
                options += 1
            requests += 1
            option[requests] = options
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
        option[: requests + 1],
        to[:options],
        victim[:options],
        table,
    )
