"""Caches up to symmetry: how many pages of each group they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import comb, prod
from typing import TypeAlias

from bounds.exact.randomized.labels import Group, Request

Counts: TypeAlias = tuple[int, ...]
"""Cached pages per group; per split group, where a request is concerned."""


def bases(groups: Sequence[Group], cache: int, slots: int) -> list[Counts]:
    """The caches of the policy that hold one in which an optimal algorithm with ``slots`` slots may be: at least i pages of
    the levels 1..i for every i <= slots, and ``cache`` in all.

    With as many slots these are the bases of a (transversal) matroid, else its bases with any pages added: again those of a
    matroid. From one to another lead as many swaps as pages differ, all through bases.
    """
    level = [group.label[0] for group in groups]

    def extend(counts: Counts, left: int) -> Iterator[Counts]:
        at = len(counts)
        if at == len(groups):
            if not left and all(
                sum(c for c, own in zip(counts, level, strict=True) if own <= i) >= i
                for i in range(1, slots + 1)
            ):
                yield counts
            return
        most = min(left, groups[at].size) if level[at] <= slots or slots < cache else 0
        for count in range(most + 1):
            yield from extend((*counts, count), left - count)

    return list(extend((), cache))


def arrangements(sizes: Sequence[int], counts: Counts) -> int:
    """How many caches these counts stand for."""
    return prod(comb(size, count) for size, count in zip(sizes, counts, strict=True))


def split(counts: Counts, request: Request) -> list[tuple[Fraction, Counts]]:
    """By split groups: the requested page is any page of its group, so cached with probability count / size."""
    group = request.group
    size = request.sizes[group] + 1
    parts = []
    for cached in (0, 1):
        share = Fraction(counts[group] if cached else size - counts[group], size)
        if share:
            own = counts[group] - cached
            parts.append((share, (*counts[:group], own, *counts[group + 1 :], cached)))
    return parts


def merged(counts: Counts, request: Request, groups: int) -> Counts:
    """Counts by split groups as counts by the groups of the target."""
    result = [0] * groups
    for count, into in zip(counts, request.into, strict=True):
        if count:
            result[into] += count
    return tuple(result)


def swaps(counts: Counts, sizes: Sequence[int]) -> Iterator[Counts]:
    """The counts after one page is given up and one of another group loaded."""
    for out, count in enumerate(counts):
        for into, size in enumerate(sizes):
            if count and into != out and counts[into] < size:
                yield tuple(c - (i == out) + (i == into) for i, c in enumerate(counts))


def distance(start: Counts, end: Counts) -> int:
    """How many pages must be loaded, at least, from a cache with these counts to one with those."""
    return sum(max(0, b - a) for a, b in zip(start, end, strict=True))
