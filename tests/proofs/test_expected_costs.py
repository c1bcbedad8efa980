"""Marker, OnlineMin and every guided policy after all short sequences: E[ALG] <= r OPT with c = 0, exactly.

Distributions over caches are computed in fractions; the offset function is written anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from fractions import Fraction

import pytest

from bounds.formulas import harmonic

Pages = frozenset[int]
Levels = tuple[Pages, ...]
Tagged = tuple[Pages, tuple[int, ...]]  # a cache, and the marks or the priorities (lowest first)
Spread = frozenset[tuple[Tagged, Fraction]]
Step = Callable[[Spread, int, Levels, int], Iterable[tuple[Spread, Fraction]]]


def update(levels: Levels, page: int) -> tuple[Levels, bool]:
    """The sets L_1..L_k after a request, and whether OPT grew (theory, section 2)."""
    new = frozenset({page})
    at = next((i for i, pages in enumerate(levels) if page in pages), None)
    if len(levels) == 1:
        return (new,), at is None
    if at is None:
        return (new, levels[0] | levels[1], *levels[2:]), True
    if at == len(levels) - 1:
        return (new, *levels[:-1]), False
    return (new, *levels[:at], (levels[at] - new) | levels[at + 1], *levels[at + 2 :]), False


def optimal(cache: Pages, levels: Levels) -> bool:
    """Whether a full cache is one of the offset function's minimizers."""
    below: Pages = frozenset()
    for i, pages in enumerate(levels, 1):
        below |= pages
        if len(cache & below) < i:
            return False
    return True


def safe(cache: Pages, page: int, levels: Levels) -> list[int]:
    return [q for q in cache if optimal((cache - {q}) | {page}, levels)]


def guided(spread: Spread, page: int, levels: Levels, slots: int) -> Iterable[tuple[Spread, Fraction]]:
    """All that any priority could do: one outcome for every safe page."""
    (((cache, _), _),) = spread
    if page in cache:
        outcomes = [cache]
    elif len(cache) < slots:
        outcomes = [cache | {page}]
    else:
        outcomes = [(cache - {q}) | {page} for q in safe(cache, page, levels)]
        assert outcomes  # there is always a safe page
    one = Fraction(1)
    for after in outcomes:
        yield frozenset({((after, ()), one)}), Fraction(page not in cache)


def marker(spread: Spread, page: int, _: Levels, slots: int) -> Iterable[tuple[Spread, Fraction]]:
    later: dict[Tagged, Fraction] = defaultdict(Fraction)
    cost = Fraction(0)
    for (cache, marks), p in spread:
        marked = frozenset(marks) | {page}
        if page in cache:
            later[cache, tuple(sorted(marked))] += p
            continue
        cost += p
        if len(cache) < slots:
            later[cache | {page}, tuple(sorted(marked))] += p
            continue
        unmarked = cache - marked
        if not unmarked:
            unmarked, marked = cache, frozenset({page})
        for q in unmarked:
            later[(cache - {q}) | {page}, tuple(sorted(marked))] += p / len(unmarked)
    yield frozenset(later.items()), cost


def online_min(spread: Spread, page: int, levels: Levels, slots: int) -> Iterable[tuple[Spread, Fraction]]:
    later: dict[Tagged, Fraction] = defaultdict(Fraction)
    cost = Fraction(0)
    supported = frozenset[int]().union(*levels)
    for (cache, order), p in spread:
        entering = page not in order
        orders = [(*order[:i], page, *order[i:]) for i in range(len(order) + 1)] if entering else [order]
        cost += p * (page not in cache)
        for ranked in orders:
            after = cache | {page}
            if len(after) > slots:
                after -= {min(safe(cache, page, levels), key=ranked.index)}
            later[after, tuple(q for q in ranked if q in supported)] += p / len(orders)
    yield frozenset(later.items()), cost


def worst(step: Step, layers: int, experts: int, slots: int, ratio: Fraction, length: int) -> Fraction:
    """Largest E[ALG] - ratio * OPT over all sequences of at most ``length`` requests."""
    empty = tuple(frozenset({-1 - i}) for i in range(slots))  # empty slots are pages never requested
    start: Spread = frozenset({((frozenset(), ()), Fraction(1))})
    front: dict[tuple[Spread, Levels], Fraction] = {(start, empty): Fraction(0)}
    largest = Fraction(0)
    for time in range(length):
        following: dict[tuple[Spread, Levels], Fraction] = {}
        for (spread, levels), margin in front.items():
            for expert in range(experts):
                page = time % layers * experts + expert
                then, grows = update(levels, page)
                for after, cost in step(spread, page, then, slots):
                    value = margin + cost - ratio * grows
                    following[after, then] = max(following.get((after, then), value), value)
        front = following
        largest = max(largest, *front.values())
    return largest


SMALL = [(1, 3, 2, 8), (1, 4, 3, 7), (2, 2, 1, 8), (2, 2, 2, 9), (2, 2, 3, 10), (2, 3, 3, 6), (3, 2, 4, 8)]


@pytest.mark.parametrize(("layers", "experts", "slots", "length"), SMALL)
def test_constants_are_zero(layers: int, experts: int, slots: int, length: int) -> None:
    bound = harmonic(slots)
    assert worst(guided, layers, experts, slots, Fraction(slots), length) == 0
    assert worst(marker, layers, experts, slots, 2 * bound - 1, length) == 0
    assert worst(online_min, layers, experts, slots, bound, length) == 0


def test_the_walk_finds_violations() -> None:
    assert worst(online_min, 1, 3, 2, Fraction(5, 4), 12) > 0
    assert worst(marker, 1, 3, 2, Fraction(5, 4), 12) > 0
    assert worst(guided, 1, 3, 2, Fraction(3, 2), 12) > 0
