"""The claims of notes/lru-value-upper.md, by their numbers, on random sequences and on all short ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pytest

from adversaries.lru_order import LruOrder
from paging.model import Instance
from tests.proofs.plays import Rule, lru

SIZES = [(2, 3, 3), (3, 2, 4), (3, 3, 5), (4, 2, 5), (4, 3, 6), (5, 2, 6), (5, 3, 9), (6, 4, 7), (7, 3, 10)]


class Blocks:
    """A sequence, continued by repeating the last page of each layer, and what the claims say of its blocks."""

    def __init__(self, instance: Instance, pages: Sequence[int], planted: int = 0) -> None:
        self.planted = planted
        layers = instance.layers
        self.l, self.k, self.m = layers, instance.cache, instance.cache - layers
        self.end = len(pages) - 1
        self.pages = list(pages)
        for _ in range(6 * layers):
            self.pages.append(self.pages[-layers])
        rule = Rule(lru, instance)
        outcomes = [rule.serve(page) for page in self.pages]
        self.missed = [missed for missed, _, _ in outcomes]
        self.costs = np.cumsum(self.missed)
        self.optima = np.cumsum([grew for _, _, grew in outcomes])
        self.held: Counter[int] = Counter()
        self.failed: Counter[int] = Counter()

    def claim(self, number: int, holds: bool) -> None:
        self.held[number] += holds
        self.failed[number] += not holds

    def off(self, number: int) -> int:
        """1 in the claim that is made false."""
        return int(self.planted == number)

    def misses(self, s: int, t: int) -> int:
        """mu(s,t]."""
        return int(self.costs[t] - self.costs[s])

    def distinct(self, s: int, t: int) -> int:
        return len(set(self.pages[s : t + 1]))

    def x(self, s: int) -> int:
        return self.misses(s, s + self.l - 1) - self.m

    def judge(self) -> None:
        s = self.l - 1
        while s <= self.end:
            s = self.block(s)
        for time in range(self.end + 1):
            self.claim(10, self.costs[time] <= (2 * self.m + 1 - self.off(10)) * self.optima[time])

    def block(self, s: int) -> int:
        """Judge the block from s; where it ends."""
        l, k, m = self.l, self.k, self.m  # noqa: E741
        far = len(self.pages) - 3 * l
        y = next((t for t in range(s, far) if self.distinct(s, t) == k + 1), None)
        for t in range(s, far if y is None else y + 1):
            self.claim(1, self.misses(s, t) <= 2 * m + 1 + self.x(s) - self.off(1))
        if y is None:
            return far
        self.claim(2, self.missed[y])
        if self.x(y) <= 0:
            self.claim(
                9, self.misses(s, y) + max(self.x(y), 0) <= 2 * m + 1 + max(self.x(s), 0) - self.off(9)
            )
            return y
        e, xs, a = [y], [0], [0]
        for r in range(1, (far - y) // (l - 1) - 1):
            e.append(y + r * (l - 1))
            xs.append(self.x(e[r - 1]))
            a.append(xs[r] if r == 1 else a[r - 2] + xs[r])
            if r == 1:
                self.claim(4, self.distinct(s, e[1]) >= k + 1 + xs[1] + self.off(4))
            else:
                self.claim(5, self.distinct(e[r - 2], e[r]) >= l + xs[r] + m + self.off(5))
            most = max(a[r], a[r - 1])
            spare = (2 * m + 1) * most - r * m - (a[r] + a[r - 1])
            self.claim(6, sum(xs) == a[r] + a[r - 1])
            self.claim(7, int(self.optima[e[r]] - self.optima[s]) >= 1 + most + self.off(7))
            self.claim(8, a[r] >= r and spare >= 1 + self.off(8) and all(one >= 2 for one in xs[2:]))
            following = max(self.x(e[r]), 0)
            if following <= spare:
                paid = (2 * m + 1) * (1 + most) + max(self.x(s), 0) - self.off(9)
                self.claim(9, self.misses(s, e[r]) + following <= paid)
                return e[r]
        return far


def drawn(instance: Instance, seed: int, length: int) -> list[int]:
    """Requests with bursts of changes, which make chains, and of repetitions."""
    rng = np.random.default_rng([seed, instance.layers, instance.cache])
    now = [0] * instance.layers
    change = 0.5
    pages = []
    for time in range(length):
        layer = time % instance.layers
        if layer == 0 and rng.random() < 0.3:
            change = float(rng.choice([0.05, 0.3, 0.7, 1.0]))
        if rng.random() < change:
            now[layer] = int(rng.integers(instance.experts))
        pages.append(instance.page(layer, now[layer]))
    return pages


def sequences(instance: Instance, count: int = 6) -> Iterator[list[int]]:
    for seed in range(count):
        yield drawn(instance, seed, 20 * instance.layers)


@pytest.mark.parametrize("numbers", SIZES, ids=str)
def test_claims(numbers: tuple[int, int, int]) -> None:
    instance = Instance(*numbers)
    held: Counter[int] = Counter()
    for pages in sequences(instance):
        blocks = Blocks(instance, pages)
        blocks.judge()
        assert not +blocks.failed, (pages, blocks.failed)
        held += blocks.held
    assert {1, 2, 9, 10} <= set(held)


def test_chains_occur() -> None:
    """Claims 4 to 8 are about chains, and are tried."""
    held: Counter[int] = Counter()
    for numbers in ((5, 2, 6), (6, 4, 7), (8, 3, 9)):
        for pages in sequences(Instance(*numbers), 25):
            blocks = Blocks(Instance(*numbers), pages)
            blocks.judge()
            held += blocks.held
    assert all(held[number] >= 20 for number in range(1, 11) if number != 3)


@pytest.mark.parametrize(("numbers", "rounds"), [((2, 2, 3), 5), ((3, 2, 4), 4), ((3, 2, 5), 4)])
def test_all_short_sequences(numbers: tuple[int, int, int], rounds: int) -> None:
    instance = Instance(*numbers)
    layers = [list(instance.layer_pages(layer)) for layer in range(instance.layers)]
    for pages in product(*(layers * rounds)):
        if pages[: instance.layers] == tuple(layer[0] for layer in layers):
            blocks = Blocks(instance, pages)
            blocks.judge()
            assert not +blocks.failed, (pages, blocks.failed)


@pytest.mark.parametrize("number", [1, 4, 5, 7, 8, 9, 10])
def test_claims_off_by_one_are_caught(number: int) -> None:
    """Each is tight somewhere; claim 10 on the instance of lru-value-lower."""
    failed: Counter[int] = Counter()
    for numbers in ((4, 2, 5), (4, 2, 6), (5, 2, 6), (6, 4, 7)):
        instance = Instance(*numbers)
        adversary = LruOrder(instance)
        worst = [adversary.next_page(frozenset()) for _ in range(60 * instance.layers)]
        for pages in (worst, *sequences(instance, 8)):
            blocks = Blocks(instance, pages, number)
            blocks.judge()
            failed += blocks.failed
    assert set(+failed) == {number}
