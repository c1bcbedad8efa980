"""The claims of notes/one-page-missing-upper.md, by their numbers: the distribution of the missing page, exactly."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from bounds.theorems.registry import THEOREMS
from paging.model import Instance
from paging.policies.registry import POLICIES
from paging.replay import replay

Spread = dict[int, Fraction]


class Missing:
    """Which page is missing, with what probability, under the rule of the note; ``flat``: (ii) left out."""

    def __init__(self, instance: Instance, flat: bool = False) -> None:
        self.instance, self.flat = instance, flat
        self.spread: Spread = {}
        self.marked: set[int] = set()
        self.phases, self.place = 1, 0
        self.cost = Fraction(0)
        self.phase_cost = Fraction(0)

    def layer(self, pages: set[int], layer: int) -> set[int]:
        return pages & set(self.instance.layer_pages(layer))

    def serve(self, page: int) -> Fraction:
        """The expected cost of a request; from phase 2 on ``spread`` is the distribution."""
        pages, l = set(range(self.instance.pages)), self.instance.layers  # noqa: E741
        if self.phases == 1 and len(self.marked | {page}) < self.instance.pages:
            paid = Fraction(page not in self.marked)
            self.marked.add(page)
            self.cost += paid
            return paid
        begins = len(self.marked | {page}) == self.instance.pages
        paid = Fraction(1) if self.phases == 1 else self.spread.pop(page, Fraction(0))
        if begins:
            self.phases, self.place, self.marked = self.phases + 1, 0, {page}
            free = pages - self.marked
            assert paid == 1
            self.spread = {
                q: Fraction(1, l * len(self.layer(free, layer)))
                for layer in range(l)
                for q in self.layer(free, layer)
            }
        else:
            self.place += 1
            self.marked.add(page)
            free = pages - self.marked
            own = self.layer(free, self.instance.layer(page))
            among = own if self.place < l and not self.flat else free
            if paid:
                for q in among:
                    self.spread[q] = self.spread.get(q, Fraction(0)) + paid / len(among)
        self.cost += paid
        return paid


def optimum(phases: int, marked: int, instance: Instance) -> int:
    return marked if phases == 1 else instance.cache + phases - 1


def faults(
    instance: Instance, pages: list[int], flat: bool = False, less: Fraction = Fraction(0)
) -> set[int]:
    """Claims that fail on a sequence; ``less``: so much is taken from the ratio."""
    missing, failed = Missing(instance, flat), set()
    bound = THEOREMS["one-page-missing-upper"].bound(instance) - less
    since = Fraction(0)
    for page in pages:
        before = missing.phases
        since += missing.serve(page)
        free = set(range(instance.pages)) - missing.marked
        if missing.phases > 1:
            for layer in range(instance.layers):
                there = missing.layer(free, layer)
                each = {missing.spread.get(q, Fraction(0)) for q in there}
                if missing.place < instance.layers and each != {Fraction(1, instance.layers * len(there))}:
                    failed.add(1)
            if missing.place >= instance.layers - 1:
                uniform = {missing.spread.get(q, Fraction(0)) for q in free}
                if uniform != {Fraction(1, len(free))}:
                    failed.add(2)
        if missing.phases > before:
            if before >= 2 and since != bound:
                failed.add(3)
            since = Fraction(0)
        elif before >= 2 and since > bound - 1:
            failed.add(3)
        if missing.cost > bound * optimum(missing.phases, len(missing.marked), instance):
            failed.add(4)
    return failed


@pytest.mark.parametrize(
    ("numbers", "rounds"), [((1, 3, 2), 7), ((2, 2, 3), 5), ((3, 2, 5), 4), ((2, 3, 5), 3)], ids=str
)
def test_claims_on_all_short_sequences(numbers: tuple[int, int, int], rounds: int) -> None:
    instance = Instance(*numbers)
    for pages in product(*([instance.layer_pages(layer) for layer in range(instance.layers)] * rounds)):
        assert faults(instance, list(pages)) == set()


@pytest.mark.parametrize("numbers", [(2, 2, 3), (3, 3, 8), (4, 2, 7), (2, 5, 9)], ids=str)
def test_claims_on_long_sequences(numbers: tuple[int, int, int]) -> None:
    instance = Instance(*numbers)
    rng = np.random.default_rng(2)
    l, n = instance.layers, instance.experts  # noqa: E741
    pages = [t % l * n + int(rng.integers(n)) for t in range(120 * l)]
    assert faults(instance, pages) == set()
    assert {1, 2, 3} <= faults(instance, pages, flat=True)


def test_a_smaller_ratio_is_caught() -> None:
    instance = Instance(2, 2, 3)
    rng = np.random.default_rng(3)
    pages = [t % 2 * 2 + int(rng.integers(2)) for t in range(240)]
    assert faults(instance, pages) == set()
    assert faults(instance, pages, less=Fraction(1, 10)) == {3, 4}


def test_the_policy_is_the_one_of_the_note() -> None:
    """Hit rates of guided-spread, request by request, over many runs, lie at the exact probabilities."""
    instance = Instance(3, 2, 5)
    rng = np.random.default_rng(4)
    pages = [t % 3 * 2 + int(rng.integers(2)) for t in range(60)]
    missing = Missing(instance)
    expected = np.array([float(missing.serve(page)) for page in pages])
    runs = 1500
    rate = (
        sum(~replay(POLICIES["guided-spread"](), instance, pages, draw).hits for draw in rng.spawn(runs))
        / runs
    )
    assert np.abs(rate - expected).max() < 5 * (0.25 / runs) ** 0.5
    assert np.all((rate == 0) == (expected == 0))
    assert np.all((rate == 1) == (expected == 1))
