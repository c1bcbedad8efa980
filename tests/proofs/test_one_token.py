"""The claims of notes/one-token-lower.md and notes/one-token-upper.md, by their numbers."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Hashable
from itertools import product

import numpy as np
import pytest

from adversaries.one_token import OneToken
from paging.model import Instance
from tests.proofs.plays import Rule, Victim, fifo, lru


def drawn(seed: int) -> Victim:
    """Evicts at random, not the page requested last."""
    rng = np.random.default_rng(seed)

    def victim(rule: Rule) -> int:
        return int(rng.choice(rule.cached))

    return victim


def stale(rule: Rule) -> int:
    """Evicts the page requested last: always one of P, where it can."""
    return max(rule.cached, key=rule.last.__getitem__)


def kind(adversary: OneToken, before: int) -> str:
    """What the request was that the adversary has just made; ``before``: its place earlier."""
    layers, place = adversary.instance.layers, adversary._place
    if place < 0:
        return "stop" if 0 <= before < layers * (layers - 1) else "repeat"
    if place == 0:
        return "growth"
    if place % layers == 0:
        return "pivot"
    return "growth" if place % (layers - 1) == 0 else "repeat"


def lower(layers: int, victim: Victim, length: int) -> Counter[str]:
    """Claims of the lower bound that failed, with how often."""
    instance = Instance(layers, 2, layers)
    adversary, rule = OneToken(instance), Rule(victim, instance)
    failed: Counter[str] = Counter()
    growths = misses = in_block = missed_in_block = best = 0
    stopped = False
    for time in range(length):
        before = adversary._place
        page = adversary.next_page(frozenset(rule.cached))
        if time < layers:
            best += rule.serve(page)[2]
            misses += 1
            continue
        what = kind(adversary, before)
        if what == "growth" and adversary._place == 0:  # a block begins: claim 4 for the one before
            failed["4"] += layers * missed_in_block < (2 * layers - 1) * in_block
            failed["3"] += stopped and missed_in_block < 2 * in_block
            in_block = missed_in_block = 0
            stopped = False
        missed, _, grew = rule.serve(page)
        best += grew
        misses += missed
        missed_in_block += missed
        stopped |= what == "stop"
        if what == "growth":
            growths += 1
            in_block += 1
            failed["1"] += not missed
        if what == "pivot":
            failed["2"] += not missed
        failed["5"] += best > layers + growths  # what the offline algorithm of claims 5 to 7 pays
        failed["together"] += layers * misses < (2 * layers - 1) * best - layers * (layers + 1)
    return +failed


@pytest.mark.parametrize("layers", [1, 2, 3, 4, 5, 7, 10])
def test_claims_of_the_lower_bound(layers: int) -> None:
    for victim in (lru, fifo, stale, drawn(0), drawn(1)):
        assert lower(layers, victim, 40 * layers**2) == Counter()


def against_everybody(layers: int, make: Callable[[Instance], OneToken]) -> tuple[bool, bool]:
    """All plays of all policies as a graph: is there a cycle with l misses < (2l-1) growths; is there one without a miss?"""
    instance = Instance(layers, 2, layers)
    start = make(instance)
    for _ in range(layers):
        start.next_page(frozenset())
    first = (start.state(), frozenset(instance.page(layer, 0) for layer in range(layers)))
    at = {first: 0}
    waiting: list[tuple[OneToken, frozenset[int]]] = [(start, first[1])]
    edges: list[tuple[int, int, int, bool]] = []
    for x, (adversary, cache) in enumerate(waiting):
        after = copy.deepcopy(adversary)
        page = after.next_page(cache)
        grows = kind(after, adversary._place) == "growth"
        missed = page not in cache
        caches = [(cache - {out}) | {page} for out in cache] if missed else [cache]
        for new in caches:
            key: tuple[Hashable, frozenset[int]] = (after.state(), new)
            if key not in at:
                at[key] = len(waiting)
                waiting.append((after, new))
            edges.append((x, at[key], layers * missed - (2 * layers - 1) * grows, missed))
    return negative_cycle(len(waiting), [(x, y, w) for x, y, w, _ in edges]), negative_cycle(
        len(waiting), [(x, y, -1) for x, y, _, missed in edges if not missed]
    )


def negative_cycle(states: int, edges: list[tuple[int, int, int]]) -> bool:
    """Bellman and Ford, on all states at once."""
    if not edges:
        return False
    x, y, weight = (np.array(column) for column in zip(*edges, strict=True))
    least = np.zeros(states, np.int64)
    for _ in range(states + 1):
        later = least.copy()
        np.minimum.at(later, y, least[x] + weight)
        if (later == least).all():
            return False
        least = later
    return True


@pytest.mark.parametrize("layers", [1, 2, 3, pytest.param(4, marks=pytest.mark.slow)])
def test_no_policy_does_better(layers: int) -> None:
    assert against_everybody(layers, OneToken) == (False, False)


class NoPivots(OneToken):
    """Repeats the pivot as all other pages."""

    def _changes(self, kept: bool) -> bool:
        found = super()._changes(kept)
        return found and not (self._place > 0 and self._place % self.instance.layers == 0)


class NeverStops(OneToken):
    """Goes on with the block when the cache is not P."""

    def _changes(self, kept: bool) -> bool:
        return super()._changes(kept or self._place >= 0)


@pytest.mark.parametrize("variant", [NoPivots, NeverStops])
def test_false_variants_are_caught(variant: type[OneToken]) -> None:
    assert any(against_everybody(3, variant))


def upper(instance: Instance, pages: list[int], tighter: bool = False) -> Counter[int]:
    """Claims of the upper bound that failed."""
    layers = instance.layers
    rule = Rule(lru, instance)
    missed, best = [], [0]
    failed: Counter[int] = Counter()
    for time, page in enumerate(pages):
        outcome = rule.serve(page)
        missed.append(outcome[0])
        best.append(best[-1] + outcome[2])
        if time >= layers:
            failed[1] += outcome[0] != (page != pages[time - layers])
        failed[4] += layers * sum(missed) > (2 * layers - 1 - tighter) * best[-1]
    end = len(pages) - 1
    for s in range(1 - 2 * layers, end):
        last = range(max(s + layers, 0), min(s + 2 * layers - 1, end) + 1)
        new = sum(missed[t] for t in last)
        stop = min(s + 2 * layers - 1, end)
        distinct = len(set(pages[max(s, 0) : stop + 1]))
        failed[3] += new + tighter > (max(distinct - layers, 0) if s >= 0 else distinct)
    return +failed


@pytest.mark.parametrize(
    ("numbers", "rounds"), [((1, 3, 1), 8), ((2, 2, 2), 5), ((2, 3, 2), 3), ((3, 2, 3), 4)]
)
def test_claims_of_the_upper_bound_on_all_short_sequences(numbers: tuple[int, int, int], rounds: int) -> None:
    instance = Instance(*numbers)
    for pages in product(*([instance.layer_pages(layer) for layer in range(instance.layers)] * rounds)):
        assert upper(instance, list(pages)) == Counter()


@pytest.mark.parametrize("layers", [2, 3, 4, 6, 9])
def test_claims_of_the_upper_bound_on_long_sequences(layers: int) -> None:
    instance = Instance(layers, 3, layers)
    rng = np.random.default_rng(layers)
    adversary, rule = OneToken(instance), Rule(lru, instance)
    worst = []
    for _ in range(8 * layers**2):
        worst.append(adversary.next_page(frozenset(rule.cached)))
        rule.serve(worst[-1])
    for pages in (worst, [t % layers * 3 + int(rng.integers(3)) for t in range(40 * layers)]):
        assert upper(instance, pages) == Counter()
    assert set(upper(instance, worst, tighter=True)) == {3, 4}
