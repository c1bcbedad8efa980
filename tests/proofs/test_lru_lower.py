"""The claims of notes/lru-value-lower.md and notes/llru-lower.md, by their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from adversaries.llru_bins import LlruBins
from adversaries.lru_order import LruOrder
from adversaries.planned import Planned, Walk
from paging.model import Instance
from tests.proofs.plays import Phase, Rule, Victim, fifo, instances, llru, lru, phases

LRU = [
    one
    for one in instances(10, (4, 3, 9), (7, 9, 40), (32, 8, 64), (5, 3, 7), (9, 2, 12), (48, 128, 576))
    if LruOrder.precondition.holds(one)
]
LLRU = [
    one
    for one in instances(16, (4, 6, 23), (7, 9, 40), (6, 6, 24), (8, 16, 31))
    if LlruBins.precondition.holds(one)
]


def counts(instance: Instance, pages: Sequence[int], turn: int) -> list[int]:
    """How many of the pages are in each role, a role being a layer counted from ``turn``."""
    layers = [instance.layer(page) for page in pages]
    return [layers.count((turn + role) % instance.layers) for role in range(instance.layers)]


def roles(instance: Instance, pages: Sequence[int], turn: int) -> list[int]:
    return [(instance.layer(page) - turn) % instance.layers for page in pages]


def lru_invariant(instance: Instance, rule: Rule, phase: Phase, turn: int) -> bool:
    """(I1) to (I3) after a phase, at the turn that follows."""
    order, layers = phase.after, instance.layers
    number = counts(instance, order, turn)
    return (
        set(order) == set(rule.cached)
        and list(order) == sorted(rule.cached, key=rule.last.__getitem__)
        and roles(instance, order[: layers - 1], turn) == list(range(1, layers))
        and roles(instance, order[-1:], turn) == [layers - 1]
        and 1 <= number[0] <= instance.experts - 1
        and all(2 <= many <= instance.experts for many in number[1:])
    )


def llru_invariant(instance: Instance, rule: Rule, phase: Phase, turn: int) -> bool:
    """(J1) to (J4)."""
    order, layers, now = phase.after, instance.layers, rule.time
    number = counts(instance, order, turn)
    times = [rule.last[page] for page in order]
    early = len(order) - layers
    return (
        set(order) == set(rule.cached)
        and times == sorted(times)
        and 3 <= number[0] <= instance.experts - 1
        and all(4 <= many <= instance.experts for many in number[1:])
        and times[early:] == list(range(now - layers, now))
        and times[early - 1] == now - layers - 2
        and (layers == 2 or roles(instance, order, turn)[early - 2] == layers - 3)
        and roles(instance, order[: 2 * layers - 2], turn) == [*range(1, layers), *range(layers - 1)]
        and all(b - a >= layers for a, b in pairwise(times[:early]))
    )


def misses_of_lru(phase: Phase) -> list[int]:
    """The list of the phase: what is missed, in order."""
    return [phase.requests[0], *phase.before[:-1]]


def misses_of_llru(layers: int, phase: Phase) -> list[int]:
    order = list(phase.before)
    f, g, early = order[-layers:], order[-layers - 1], order[: -layers - 1]
    z = [phase.requests[0], *order[: layers - 2]]
    return [z[0], *early, *reversed(f[: layers - 2]), g, f[layers - 2], *reversed(z)]


def judge(adversary: Planned, victim: Victim, count: int, twice: bool = False) -> dict[str, bool]:
    """The claims of a note over ``count`` phases; ``twice``: those of LLRU."""
    instance = adversary.played
    rule = Rule(victim, instance)
    held = dict.fromkeys(("invariant", "misses", "one after another", "optimum", "hits restore"), True)
    for number, phase in enumerate(phases(adversary, rule, count)):
        turn = (phase.turn + len(phase.requests)) % instance.layers
        invariant = llru_invariant if twice else lru_invariant
        held["invariant"] &= invariant(instance, rule, phase, turn)
        if number == 0:
            continue
        claimed = misses_of_llru(instance.layers, phase) if twice else misses_of_lru(phase)
        held["misses"] &= phase.misses == claimed
        held["one after another"] &= phase.evicted == [*claimed[1:], phase.before[-1]]
        held["optimum"] &= phase.growths == [phase.requests[0]]
        held["hits restore"] &= set(phase.requests) == {*phase.after}
    return held


@pytest.mark.parametrize("instance", LRU, ids=str)
def test_claims_of_lru(instance: Instance) -> None:
    """Claims 1 to 4: the invariant; k misses, each the page evicted before; one growth; nothing but the new pages."""
    count = 3 * instance.layers + 2 if instance.pages < 100 else 2
    assert all(judge(LruOrder(instance), lru, count).values())


@pytest.mark.parametrize("instance", LLRU, ids=str)
def test_claims_of_llru(instance: Instance) -> None:
    """Claims 1 to 5: the same with k+l-1 misses."""
    assert all(judge(LlruBins(instance), llru, 2 * instance.layers + 2, twice=True).values())


@pytest.mark.parametrize(
    "instance", [one for one in LRU if one.layers < one.cache < 2 * one.layers - 1], ids=str
)
def test_claim_5_of_lru(instance: Instance) -> None:
    """Below 2l-1: a smaller instance in the first layers; with the other layers LRU misses at the same places."""
    adversary = LruOrder(instance)
    spare = instance.cache - instance.layers
    assert adversary.played == Instance(spare + 1, instance.experts, 2 * spare + 1)
    whole, part = Rule(lru, instance), Rule(lru, adversary.played)
    differing = 0
    for time in range(60 * instance.layers):
        page = adversary.next_page(frozenset())
        missed, _, grew = whole.serve(page)
        if time % instance.layers <= spare:
            found, _, grown = part.serve(page)
            assert (missed, grew) == (found, grown)
        else:
            differing += missed
            assert page == time % instance.layers * instance.experts
    assert differing == instance.layers - spare - 1


@pytest.mark.parametrize("layers", [2, 3, 4])
def test_the_rule_of_llru_by_bins(layers: int) -> None:
    """Claim 1 of llru-lower: of the oldest nonempty bin, which ends at a time = t mod l, the page requested latest."""
    rng = np.random.default_rng(layers)
    instance = Instance(layers, 5, 2 * layers + 1)
    for _ in range(300):
        time = int(rng.integers(layers * 5, layers * 9))
        last: dict[int, int] = {}
        for past in range(time):
            last[int(past % layers * 5 + rng.integers(5))] = past
        cached = rng.choice(list(last), min(len(last), instance.cache), replace=False).tolist()
        oldest = max((time - last[page]) // layers for page in cached)
        there = [page for page in cached if (time - last[page]) // layers == oldest]
        rule = Rule(llru, instance)
        rule.cached, rule.last, rule.time = cached, last, time
        assert llru(rule) == max(there, key=last.__getitem__)


class Unmoved(LruOrder):
    """Prepares the next phase for the same layer, instead of the one before it."""

    def phase(self, pages: Sequence[int], walk: Walk) -> Sequence[int]:
        self._moved = bool(pages)
        return super().phase(pages, walk)

    def _reorder(self, pages: Sequence[int], turn: int, walk: Walk) -> Sequence[int]:
        return super()._reorder(pages, (turn + self._moved) % self.played.layers, walk)


class Swapped(LruOrder):
    """Restores an order with two pages exchanged."""

    def _reorder(self, pages: Sequence[int], turn: int, walk: Walk) -> Sequence[int]:
        order = list(super()._reorder(pages, turn, walk))
        order[-1], order[-2] = order[-2], order[-1]
        return order


class Crowded(LlruBins):
    """Restores the order without a round between the early pages: LRU's way."""

    def _reorder(self, pages: Sequence[int], turn: int, walk: Walk) -> Sequence[int]:
        order = super()._reorder(pages, turn, Walk(self.played, walk.turn))
        final = {self.played.layer(page): page for page in order[-self.played.layers :]}
        walk.visit(order, final.__getitem__)
        return order


def test_false_variants_are_caught() -> None:
    def broken(adversary: Planned, victim: Victim, twice: bool = False) -> set[str]:
        try:
            return {name for name, held in judge(adversary, victim, 8, twice).items() if not held}
        except (StopIteration, IndexError, KeyError):
            return {"construction"}

    assert broken(Unmoved(Instance(3, 3, 6)), lru)
    assert "invariant" in broken(Swapped(Instance(2, 3, 4)), lru)
    assert "misses" in broken(LruOrder(Instance(2, 3, 4)), fifo)
    assert {"invariant", "misses"} <= broken(Crowded(Instance(3, 5, 12)), llru, twice=True)
    assert "misses" in broken(LlruBins(Instance(2, 4, 7)), lru, twice=True)
