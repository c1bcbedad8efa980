"""The potential of `randomized-upper`, by enumerating all orders of priority on small level structures."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import cache

import pytest
from sympy.utilities.iterables import multiset_permutations

from bounds.formulas import harmonic

Sizes = tuple[int, ...]


@cache
def missing(sizes: Sizes) -> tuple[Fraction, ...]:
    """P(a page of L_j is not in the cache), j = 1..i: the cache is built greedily in order of priority, keeping at
    most i - j pages of levels above j."""
    levels = [level for level, size in enumerate(sizes, 1) for _ in range(size)]
    slots, orders = len(sizes), 0
    kept: Counter[int] = Counter()
    for order in multiset_permutations(levels):
        orders += 1
        chosen: list[int] = []
        for level in order:
            longer = [*chosen, level]
            if all(sum(x > j for x in longer) <= slots - j for j in range(slots)):
                chosen = longer
        kept.update(chosen)
    return tuple(1 - Fraction(kept[level], orders * size) for level, size in enumerate(sizes, 1))


def potential(sizes: Sizes) -> Fraction:
    return sum((missing(sizes[:i])[-1] for i in range(1, len(sizes) + 1)), Fraction(0))


def after(sizes: Sizes, level: int) -> Sizes:
    """Sizes of the sets after a request of this level; len(sizes) + 1 is outside."""
    slots = len(sizes)
    if level > slots:
        return (1, sizes[0] + sizes[1], *sizes[2:])
    if level == slots:
        return (1, *sizes[:-1])
    return (1, *sizes[: level - 1], sizes[level - 1] - 1 + sizes[level], *sizes[level + 1 :])


@pytest.mark.parametrize(("slots", "pages"), [(2, 8), (3, 7), (4, 7)])
def test_every_step_pays(slots: int, pages: int) -> None:
    """Expected cost + rise of the potential is at most H_k if OPT grows, else 0; often with equality."""
    start = (1,) * slots
    assert potential(start) == 0
    known, todo, tight = {start}, [start], 0
    while todo:
        sizes = todo.pop()
        assert potential(sizes) >= 0
        for level in range(1, slots + 2):
            then = after(sizes, level)
            if sum(then) > pages:
                continue
            grows = level > slots
            cost = Fraction(1) if grows else missing(sizes)[level - 1]
            spent = cost + potential(then) - potential(sizes)
            allowed = harmonic(slots) if grows else Fraction(0)
            assert spent <= allowed
            tight += spent == allowed
            if then not in known:
                known.add(then)
                todo.append(then)
    assert tight > len(known)  # a bound below H_k would fail somewhere


def test_levels_by_hand() -> None:
    """({p}, {a, b}): one of a, b is missing; after a third request outside, one of three."""
    assert missing((1, 2)) == (Fraction(0), Fraction(1, 2))
    assert missing((1, 3)) == (Fraction(0), Fraction(2, 3))
    assert after((1, 1), 3) == (1, 2)
