"""Classes of guided policies: every request and every eviction that a class allows, as a graph up to symmetry."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from paging.model import Instance


class Miss(NamedTuple):
    """What a class looks at: safe positions, w (-1: none), the last page of each layer, growth, distance of each position."""

    safe: list[int]
    w: int
    last: set[int]
    grows: bool
    distance: Callable[[int], int]


Choices = Callable[[Miss], list[int]]


def guided(miss: Miss) -> list[int]:
    return miss.safe


def far(miss: Miss) -> list[int]:
    """guided-far, with any rule for ties."""
    most = max(map(miss.distance, miss.safe))
    return [page for page in miss.safe if miss.distance(page) == most]


def near(miss: Miss) -> list[int]:
    least = min(map(miss.distance, miss.safe))
    return [page for page in miss.safe if miss.distance(page) == least]


def keep(miss: Miss) -> list[int]:
    """KEEP: w at a growth, otherwise a safe page outside the last round."""
    return [miss.w] if miss.grows else [page for page in miss.safe if page not in miss.last]


def keep_if_safe(miss: Miss) -> list[int]:
    """KEEPW: w wherever it is safe."""
    return [miss.w] if miss.w in miss.safe else keep(miss)


Label = tuple[int, bool, bool]  # level, cached, last of its layer
State = tuple[
    tuple[Label, ...], tuple[int, ...]
]  # pages from the layer whose turn it is; levels of empty slots


def steps(state: State, instance: Instance, choices: Choices) -> list[tuple[State, bool, bool]]:
    """All that can follow: state, miss, growth."""
    l, n, k = instance.layers, instance.experts, instance.cache  # noqa: E741
    labels, empty = state
    found = []
    for page in range(n):
        if page and labels[page] == labels[page - 1]:
            continue
        at, cached, _ = labels[page]
        grows = at == k + 1

        def raised(level: int, at: int = at, grows: bool = grows) -> int:
            return level + (level == 1 if grows else level <= at)

        level = [raised(one[0]) for one in labels]
        level[page] = 1
        held = {q for q in range(l * n) if labels[q][1]}
        last = {q for q in range(l * n) if labels[q][2]}
        w = next((q for q in range(n) if q in last), -1)
        last = (last - set(range(n))) | {page}
        outs: list[int] = [-1]
        if not cached and len(held) == k:
            count = [level[q] for q in (*held, page)]
            tight = max(i for i in range(1, k + 1) if sum(one <= i for one in count) == i)
            safe = [q for q in sorted(held) if level[q] > tight]
            outs = choices(Miss(safe, w, last, grows, lambda q: (q // n - 1) % l))
            assert outs
            assert set(outs) <= set(safe)
        for out in outs:
            now = (held | {page}) - {out}
            after = [(level[q], q in now, q in last) for q in range(l * n)]
            turned = [tuple(sorted(after[j * n : (j + 1) * n])) for j in (*range(1, l), 0)]
            later = tuple(label for layer in turned for label in layer)
            found.append(((later, tuple(sorted(map(raised, empty)))), not cached, grows))
    return found


def at_most(instance: Instance, choices: Choices, ratio: Fraction) -> bool:
    """Whether ALG <= ratio * OPT at every prefix of every sequence, whatever the class evicts."""
    k = instance.cache
    start: State = (((k + 1, False, False),) * instance.pages, tuple(range(1, k + 1)))
    at = {start: 0}
    states = [start]
    edges: list[list[tuple[int, int]]] = []
    for state in states:
        out = []
        for later, missed, grows in steps(state, instance, choices):
            if later not in at:
                at[later] = len(states)
                states.append(later)
            out.append((at[later], ratio.denominator * missed - ratio.numerator * grows))
        edges.append(out)
    most: list[int | None] = [None] * len(states)
    most[0] = 0
    waiting = [0]
    while waiting:
        following = set()
        for x in waiting:
            here = most[x]
            assert here is not None
            for y, weight in edges[x]:
                there = most[y]
                if there is None or here + weight > there:
                    if here + weight > 0:
                        return False
                    most[y] = here + weight
                    following.add(y)
        waiting = sorted(following)
    return True
