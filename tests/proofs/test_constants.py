"""The additive constants of the upper bounds: ALG <= r OPT + c with c = 0 after *every* short sequence.

Everything here is written anew (policies, and OPT by dynamic programming over all caches), so that it
is independent of what it checks. A walk over all sequences keeps, of those that lead to the same futures, the worst.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from fractions import Fraction

import pytest

Cache = frozenset[int]
Costs = dict[Cache, int]
State = tuple[Hashable, ...]
Step = Callable[[State, int, int], tuple[State, int]]


def optimum(costs: Costs, page: int, slots: int) -> Costs:
    """Least cost of serving the past and ending with each cache, one request later."""
    later: Costs = {}
    for cache, cost in costs.items():
        for after, price in _moves(cache, page, slots):
            later[after] = min(later.get(after, cost + price), cost + price)
    return later


def _moves(cache: Cache, page: int, slots: int) -> Iterator[tuple[Cache, int]]:
    if page in cache:
        yield cache, 0
    elif len(cache) < slots:
        yield cache | {page}, 1
    else:
        yield from (((cache - {out}) | {page}, 1) for out in cache)


def worst(step: Step, layers: int, experts: int, slots: int, ratio: Fraction, length: int) -> Fraction:
    """Largest ALG - ratio * OPT over all sequences of at most ``length`` requests."""
    largest = Fraction(0)
    front: dict[tuple[State, frozenset[tuple[Cache, int]]], Fraction] = {
        ((), frozenset({(frozenset(), 0)})): Fraction(0)
    }
    for time in range(length):
        following: dict[tuple[State, frozenset[tuple[Cache, int]]], Fraction] = {}
        for (state, costs), margin in front.items():
            for expert in range(experts):
                page = time % layers * experts + expert
                after, missed = step(state, page, time)
                then = optimum(dict(costs), page, slots)
                grown = min(then.values())
                key = (after, frozenset((cache, cost - grown) for cache, cost in then.items()))
                value = margin + missed - ratio * grown
                following[key] = max(following.get(key, value), value)
        front = following
        largest = max(largest, *front.values())
    return largest


def lru(slots: int) -> Step:
    def step(state: State, page: int, _: int) -> tuple[State, int]:
        rest = tuple(q for q in state if q != page)
        return (*rest, page)[-slots:], int(page not in state)

    return step


def fifo(slots: int) -> Step:
    def step(state: State, page: int, _: int) -> tuple[State, int]:
        return (state, 0) if page in state else ((*state, page)[-slots:], 1)

    return step


def llru(layers: int, experts: int, slots: int) -> Step:
    def step(state: State, page: int, time: int) -> tuple[State, int]:
        last: dict[int, int] = dict(state)  # type: ignore[arg-type]
        missed = page not in last
        if missed and len(last) == slots:
            current = time % layers
            del last[
                max(
                    last,
                    key=lambda q: ((time - last[q]) // layers, (q // experts - current - 1) % layers),
                )
            ]
        last[page] = time
        return tuple(sorted(last.items())), int(missed)

    return step


def one_slot(experts: int) -> Step:
    def step(state: State, page: int, _: int) -> tuple[State, int]:
        rest = tuple(q for q in state if isinstance(q, int) and q // experts != page // experts)
        return (*rest, page), int(page not in state)

    return step


SMALL = [(1, 3, 2, 9), (1, 4, 3, 8), (2, 2, 2, 10), (2, 2, 3, 10), (2, 3, 3, 7), (3, 2, 4, 10)]


@pytest.mark.parametrize(("layers", "experts", "slots", "length"), SMALL)
def test_lru_and_fifo(layers: int, experts: int, slots: int, length: int) -> None:
    for step in (lru(slots), fifo(slots)):
        assert worst(step, layers, experts, slots, Fraction(slots), length) == 0


@pytest.mark.parametrize(("layers", "experts", "slots", "length"), SMALL)
def test_fewer_slots_for_the_optimum(layers: int, experts: int, slots: int, length: int) -> None:
    for fewer in range(1, slots + 1):
        denominator = slots - fewer + 1
        ratio = Fraction(slots, denominator)
        assert worst(lru(slots), layers, experts, fewer, ratio, length) == 0
        ratio = Fraction(slots + layers - 1, denominator)
        assert worst(llru(layers, experts, slots), layers, experts, fewer, ratio, length) == 0


@pytest.mark.parametrize(("layers", "experts", "length"), [(1, 3, 8), (2, 2, 10), (2, 3, 8), (3, 2, 9)])
def test_one_slot_per_layer(layers: int, experts: int, length: int) -> None:
    assert worst(one_slot(experts), layers, experts, layers, Fraction(2), length) == 0


def test_the_walk_finds_violations() -> None:
    """A ratio that is too small shows within a few requests; at (2, 2, 2) one slot per layer reaches 3/2."""
    assert worst(lru(2), 1, 3, 2, Fraction(3, 2), 9) > 0
    assert worst(one_slot(2), 2, 2, 2, Fraction(5, 4), 14) > 0
