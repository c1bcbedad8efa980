"""The claims of randomized-spread-lower, randomized-even-lower, two-layers-lower: the exact best response to the adversary."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import proofs
from adversaries.random_phases import EvenPhases, RandomPhases, SpreadPhases, TwoLayerPhases
from bounds.formulas import harmonic
from bounds.theorems.registry import THEOREMS
from paging.model import Instance

Page = tuple[int, int]
Unmarked = frozenset[Page]
Chance = Callable[[int, int, Unmarked], Fraction]
"""(layer of the phase's first page, layer, unmarked pages) -> pi of one page of the layer at the first draw."""


def uniform(_start: int, _layer: int, unmarked: Unmarked) -> Fraction:
    return Fraction(1, len(unmarked))


def even(layers: int, size: int) -> Chance:
    """As note randomized-even-lower states it."""
    pages = layers * size

    def chance(start: int, layer: int, _: Unmarked) -> Fraction:
        if layer == start:
            return Fraction(1, pages - layers) + Fraction(layers - 1, pages)
        return Fraction(1, pages * (size - 1))

    return chance


def two(b: int) -> Chance:
    """As note two-layers-lower states it: b+2 pages in layer 0 = A, b+1 in layer 1 = B."""
    table = {
        (0, 0): Fraction(1, b + 1),
        (0, 1): Fraction(0),
        (1, 1): Fraction(2 * b + 3, (b + 2) * (2 * b + 1)),
        (1, 0): Fraction(2, (b + 2) * (2 * b + 1)),
    }
    return lambda start, layer, _: table[start, layer]


def best_response(sizes: Sequence[int], start: int, chance: Chance) -> Fraction:
    """Least expected misses from just after the start of a phase to just after the next one, whichever page is missing."""
    pages = [(layer, expert) for layer, size in enumerate(sizes) for expert in range(size)]
    first = (start, 0)

    @cache
    def before_pass(unmarked: Unmarked, x: Page, fresh: bool) -> Fraction:
        if not unmarked or x in unmarked:
            return draw(unmarked, x, fresh) if unmarked else Fraction(0)
        return 1 + min(draw(unmarked, y, fresh) for y in pages if y != x)

    @cache
    def draw(unmarked: Unmarked, x: Page, fresh: bool) -> Fraction:
        weights = {
            u: chance(start, u[0], unmarked) if fresh else Fraction(1, len(unmarked)) for u in unmarked
        }
        assert sum(weights.values()) == 1
        assert min(weights.values()) >= 0
        total = Fraction(0)
        for u, weight in weights.items():
            rest = unmarked - {u}
            after = [before_pass(rest, y, False) for y in pages if y != u]
            total += weight * (1 + min(after) if u == x else before_pass(rest, x, False))
        return total

    def first_round(marked: frozenset[Page], x: Page, step: int) -> Fraction:
        if step == len(sizes):
            return before_pass(frozenset(pages) - marked, x, True)
        layer = (start + step) % len(sizes)
        total = Fraction(0)
        for page in pages:
            if page[0] == layer:
                seen = marked | {page}
                if page == x:
                    total += 1 + min(first_round(seen, y, step + 1) for y in pages if y != page)
                else:
                    total += first_round(seen, x, step + 1)
        return total / sizes[layer]

    return min(first_round(frozenset({first}), x, 1) for x in pages if x != first)


@pytest.mark.parametrize("sizes", [(3,), (2, 1), (1, 2), (2, 2), (3, 1), (2, 1, 1), (2, 2, 1)], ids=str)
def test_claim_1_every_phase_costs_the_harmonic_number(sizes: tuple[int, ...]) -> None:
    m = sum(sizes) - len(sizes)
    found = [best_response(sizes, start, uniform) for start in range(len(sizes))]
    assert all(one >= harmonic(m) for one in found)
    assert min(found) == harmonic(m)  # with uniform draws it is not more


@pytest.mark.parametrize(("layers", "size"), [(1, 2), (1, 4), (2, 2), (2, 3), (3, 2)])
def test_even_claims(layers: int, size: int) -> None:
    """Claims 1 to 3: probabilities (asserted in the best response), their difference, the cost."""
    chance = even(layers, size)
    assert layers == 1 or chance(0, 0, frozenset()) - chance(0, 1, frozenset()) == Fraction(1, size)
    instance = Instance(layers, size, layers * size - 1)
    assert best_response([size] * layers, 0, chance) == THEOREMS["randomized-even-lower"].bound(instance)


def test_uniform_first_draws_are_caught() -> None:
    """Also for layers of different size, from either start: claims 1 and 2 of two-layers-lower need its own draws."""
    assert best_response([2, 2], 0, uniform) == Fraction(3, 2) < Fraction(7, 4)
    for start in (0, 1):
        assert best_response([3, 2], start, uniform) < best_response([3, 2], start, two(1))


def next_start(b: int, start: int) -> Fraction:
    """P(the next phase starts in the other layer), by claim 3's own words: all orders of the draws."""
    chance = two(b)
    counts = (b + 1, b)  # unmarked after the first round
    total = Fraction(0)
    for layer in (0, 1):
        first = counts[layer] * chance(start, layer, frozenset())
        left = [counts[j] - (j == layer) for j in (0, 1)]
        total += first * Fraction(left[1 - start], sum(left))
    return total


@pytest.mark.parametrize("b", [1, 2])
def test_two_layers_claims(b: int) -> None:
    """Claims 1 and 2 with the best response; 3 and 4 for the chain of starts."""
    sizes = (b + 2, b + 1)
    costs = [best_response(sizes, start, two(b)) for start in (0, 1)]
    assert costs[0] == harmonic(2 * b) + Fraction(1, b + 1)
    assert costs[1] == harmonic(2 * b) + Fraction(2 * b + 3, (b + 2) * (2 * b + 1))
    to_b, to_a = next_start(b, 0), next_start(b, 1)
    assert to_b == Fraction(1, 2)
    assert to_a == Fraction((b + 1) * (2 * b + 5), 2 * (b + 2) * (2 * b + 1))
    mean = (to_a * costs[0] + to_b * costs[1]) / (to_a + to_b)
    assert mean == THEOREMS["two-layers-lower"].bound(Instance(2, b + 2, 2 * b + 2))


def test_the_atlas_agrees() -> None:
    """No certified upper bound is below these lower bounds, and where k = n l - 1 or l = 2 <= k - 1 they meet."""
    rows = json.loads((Path(proofs.__file__).parent / "atlas.json").read_bytes())["rows"]
    met = 0
    for row in rows:
        instance = Instance(row["layers"], row["experts"], row["cache"])
        if "randomized" not in row["cells"]:
            continue
        upper = Fraction(row["cells"]["randomized"]["upper"])
        for name in ("randomized-spread-lower", "randomized-even-lower", "two-layers-lower"):
            if THEOREMS[name].precondition.holds(instance):
                assert THEOREMS[name].bound(instance) <= upper
                met += name != "randomized-spread-lower" and THEOREMS[name].bound(instance) == upper
    assert met >= 15


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        (SpreadPhases, (3, 3, 4)),
        (EvenPhases, (2, 3, 5)),
        (EvenPhases, (3, 2, 5)),
        (TwoLayerPhases, (2, 3, 4)),
    ],
)
def test_sequences_are_what_the_definition_says(
    kind: type[RandomPhases], numbers: tuple[int, int, int]
) -> None:
    """k+1 pages; the first round brings a new page of each other layer; then all marked pages between two new ones."""
    instance = Instance(*numbers)
    adversary = kind(instance)
    pages = adversary.sequence(2000, np.random.default_rng(1)).tolist()
    assert len(set(pages)) == instance.cache + 1
    begin = max(pages.index(page) for page in set(pages))
    marked, gap, firsts = [pages[begin]], set(), []
    for time in range(begin + 1, len(pages)):
        page = pages[time]
        gap.add(page)
        if page in marked:
            continue
        if len(marked) < instance.layers:
            assert time == begin + len(marked)
        else:
            assert set(marked) <= gap
            if len(marked) == instance.layers:
                firsts.append((instance.layer(marked[0]), instance.layer(page)))
        marked.append(page)
        gap = set()
        if len(marked) == instance.cache + 1:
            marked, begin = [page], time
    if kind is EvenPhases:
        layers, size = instance.layers, (instance.cache + 1) // instance.layers
        back = np.mean([start == layer for start, layer in firsts])
        expected = (size - 1) * even(layers, size)(0, 0, frozenset())
        assert abs(back - float(expected)) < 4 * (0.25 / len(firsts)) ** 0.5
    assert len(firsts) > 40
