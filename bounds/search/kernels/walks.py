"""Walks through the product graph of a policy with a kernel, state by state up to symmetry.

The part seen so far: request e of state x is entry x * n + e of ``price`` (miss + 2 * growth, known as soon as x is; ALIKE
where an earlier page of the layer looks the same, BARRED where ages do not fit into the labels), ``made`` (whether it was
followed), ``cost`` and ``to`` (0 and x until it was: a cycle that costs nothing and does not count). ``came``: the entry by
which a state was first reached. Words and table as in bounds.exact.kernels.states.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bounds.exact.kernels.policies import pack_empty, step
from bounds.exact.kernels.states import Labels, Words, add, find, pack, rotate, sort_layers, unpack
from paging.compiling import kernel

Small = NDArray[np.int8]
Index = NDArray[np.int32]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

LOW, HIGH, ANY = range(3)
LAST, FIRST, SOMETIMES = range(3)

UNREACHED = -(1 << 60)
ALIKE, BARRED = -1, -2


@kernel
def preference(price: int, level: int, free: bool, rule: Ints, rng: np.random.Generator) -> float:
    """How much a request is liked. rule[0], rule[1]: which level among misses that OPT does not pay, and among hits.

    rule[2]: when to ask for a page that OPT must load: only if the policy can be hurt nowhere for nothing (``free``), always
    rather than for a hit, or sometimes.
    """
    if price & 2:
        if (
            rule[2] == FIRST
            or (rule[2] == LAST and not free)
            or (rule[2] == SOMETIMES and rng.random() < 0.3)
        ):
            return 2000.0
        return 0.0
    which = rule[1] if price == 0 else rule[0]
    base = 1000.0 if price == 0 else 3000.0
    if which == ANY:
        return base + rng.random()
    return base + level if which == HIGH else base - level


@kernel
def _prices(labels: Labels, experts: int, slots: int, price: Small) -> None:
    """What each request would cost."""
    for e in range(experts):
        if e > 0 and labels[e] == labels[e - 1]:
            price[e] = ALIKE
        else:
            price[e] = (labels[e] & 15 == 0) + 2 * (labels[e] >> 4 > slots)


@kernel
def begin(layers: int, experts: int, slots: int, words: Words, table: Index, price: Small) -> None:
    """State 0: nothing was requested."""
    pages = layers * experts
    here = np.full(pages, (slots + 1) << 4, np.int64)
    low, high = pack(here, pages)
    add(table, words, 0, low, high, pack_empty(np.arange(1, slots + 1)))
    _prices(here, experts, slots, price)


@kernel
def _choose(
    labels: Labels, slots: int, price: Small, made: Flags, rule: Ints, noise: float, curious: bool, rng: Any
) -> int:
    """Position of the request; -1 if a curious walk finds none that was not made."""
    free = False
    for label in labels:
        free = free or (label & 15 == 0 and label >> 4 <= slots)
    blind = rng.random() < noise
    best, chosen = -1.0, -1
    for e in range(len(price)):
        if price[e] < 0 or (curious and made[e]):
            continue
        liked = rng.random() if blind else preference(price[e], labels[e] >> 4, free, rule, rng)
        if liked > best:
            best, chosen = liked, e
    return chosen


@kernel
def walk(
    kind: int,
    layers: int,
    experts: int,
    slots: int,
    optimum: int,
    words: Words,
    table: Index,
    price: Small,
    cost: Small,
    to: Index,
    made: Flags,
    came: Index,
    count: int,
    most: int,
    x: int,
    request: int,
    rule: Ints,
    noise: float,
    curiosity: float,
    steps: int,
    rng: np.random.Generator,
) -> int:
    """Walk from state x, first along the entry ``request`` if it is not -1; returns the number of states known after it.

    ``optimum``: its slots. ``noise``: how often a request is drawn blindly, ``curiosity``: how often one that was not made. The
    walk ends after ``steps`` requests, at ``most`` states, or when it has long met nothing new.
    """
    pages = layers * experts
    here = np.empty(pages, np.int64)
    empty = np.empty(optimum, np.int64)
    stale = 0
    for _ in range(steps):
        unpack(words[x, 0], words[x, 1], pages, here)
        b = x * experts
        e = request - b
        if request < 0:
            curious = rng.random() < curiosity
            e = _choose(
                here, optimum, price[b : b + experts], made[b : b + experts], rule, noise, curious, rng
            )
            if e < 0:
                e = _choose(
                    here, optimum, price[b : b + experts], made[b : b + experts], rule, noise, False, rng
                )
            if e < 0:
                break
        request = -1
        if made[b + e]:
            x = to[b + e]
            stale += 1
            if stale > 3 * pages:
                break
            continue
        for i in range(optimum):
            empty[i] = words[x, 2] >> (4 * i) & 15
        paid, _ = step(kind, here, empty, e, layers, experts, slots)
        if paid < 0:
            price[b + e] = BARRED
            break
        rotate(here, layers, experts)
        sort_layers(here, layers, experts)
        low, high = pack(here, pages)
        word = pack_empty(empty)
        y = find(table, words, low, high, word)
        if y < 0:
            if count >= most:
                break
            y = count
            add(table, words, y, low, high, word)
            came[y] = b + e
            _prices(here, experts, optimum, price[y * experts : (y + 1) * experts])
            count += 1
            stale = 0
        made[b + e] = True
        cost[b + e] = paid
        to[b + e] = y
        x = y
    return count


@kernel
def distances(
    experts: int, count: int, cost: Small, to: Index, made: Flags, start: int, p: int, q: int
) -> Ints:
    """The largest weight q * miss - p * growth of a path from ``start`` to each state, where no cycle is positive."""
    far = np.full(count, UNREACHED, np.int64)
    far[start] = 0
    moved = True
    while moved:
        moved = False
        for x in range(count):
            if far[x] == UNREACHED:
                continue
            for j in range(x * experts, (x + 1) * experts):
                if made[j]:
                    value = far[x] + q * (cost[j] & 1) - p * (cost[j] >> 1)
                    if value > far[to[j]]:
                        far[to[j]] = value
                        moved = True
    return far


@kernel
def frontier(
    experts: int, price: Small, made: Flags, far: Ints, p: int, q: int, noise: float, rng: np.random.Generator
) -> int:
    """The request, not made yet, with the largest distance after it, give or take ``noise`` growths of OPT; -1: none."""
    best, chosen = -1e300, -1
    for x in range(len(far)):
        if far[x] == UNREACHED:
            continue
        for j in range(x * experts, (x + 1) * experts):
            if price[j] >= 0 and not made[j]:
                value = far[x] + q * (price[j] & 1) - p * (price[j] >> 1) + noise * rng.random() * p
                if value > best:
                    best, chosen = value, j
    return chosen
