"""Marks: a policy of one's own has the states of the kernels, and marks that do not decide are seen."""

from __future__ import annotations

from collections.abc import Mapping, Set
from math import factorial
from typing import Any

import numpy as np
import pytest

from bounds.exact.played import PlayedGraph
from bounds.exact.product import KINDS
from bounds.exact.ratio import ExactRatio, exact_ratio
from layered_paging.testing.guard import guarded
from layered_paging.testing.marks import find_unequal_futures
from layered_paging.testing.soundness import unsound_state
from paging.errors import UnsupportedProblem
from paging.model import Instance, Page
from paging.offline.engines import opt
from paging.policies.base import Policy
from paging.policies.fifo import FIFO
from paging.policies.lru import LRU
from paging.policies.named import NamedPolicy
from paging.policies.registry import POLICIES, SHARED
from paging.policies.sieve import SIEVE
from paging.policies.slru import SLRU


def played(name: str, instance: Instance) -> ExactRatio:
    """By the policy itself."""
    found = exact_ratio(instance, NamedPolicy("mine", POLICIES[name].make))
    assert isinstance(found.product, PlayedGraph)
    return found


@pytest.mark.parametrize("name", [policy.id for policy in KINDS])
@pytest.mark.parametrize("numbers", [(1, 4, 3), (2, 2, 3), (3, 2, 3), (3, 2, 2), (4, 2, 3)], ids=str)
def test_as_many_states_as_the_kernel_has(name: str, numbers: tuple[int, int, int]) -> None:
    instance = Instance(*numbers)
    found, kernel = played(name, instance), exact_ratio(instance, name)
    assert isinstance(found.product, PlayedGraph)
    assert found.product.marked
    assert (found.ratio, found.product.states) == (kernel.ratio, kernel.product.states)


@pytest.mark.parametrize("name", [policy.id for policy in KINDS])
def test_the_cycle_in_real_pages_costs_the_ratio(name: str) -> None:
    """By a replay and an engine of OPT that knows nothing of states."""
    found = played(name, Instance(2, 3, 4) if name in ("lru", "guided-far") else Instance(3, 2, 3))
    once, twice = (found.run(times) for times in (1, 2))
    paid = opt(found.instance, twice.requests).cost - opt(found.instance, once.requests).cost
    assert twice.misses - once.misses == (paid * found.ratio if paid else len(found.cycle))


class OpaqueSLRU(SLRU):
    """Has only the canonical state, which speaks of pages by name: who states it anew inherits no marks."""

    canonical_state = SLRU.canonical_state


class OpaqueSIEVE(SIEVE):
    """As OpaqueSLRU."""

    canonical_state = SIEVE.canonical_state


@pytest.mark.parametrize(("make", "opaque"), [(SLRU, OpaqueSLRU), (SIEVE, OpaqueSIEVE)])
@pytest.mark.parametrize("numbers", [(2, 2, 2), (2, 2, 3), (1, 3, 2)], ids=str)
def test_marks_lose_nothing_but_names(
    make: type[Policy], opaque: type[Policy], numbers: tuple[int, int, int]
) -> None:
    """The ratio is the same; the states are fewer, each for at most l * n!^l by name: rotations, and names in each layer."""
    instance = Instance(*numbers)
    found, named = exact_ratio(instance, make), exact_ratio(instance, opaque)
    assert isinstance(found.product, PlayedGraph)
    assert isinstance(named.product, PlayedGraph)
    assert found.product.marked
    assert not named.product.marked
    assert found.ratio == named.ratio
    most = instance.layers * factorial(instance.experts) ** instance.layers
    assert 4 * found.product.states < named.product.states <= most * found.product.states


class NoHand(SIEVE):
    """Does not say where the hand stands."""

    def marks(self, cache: Set[Page]) -> Mapping[Page, int]:
        return {page: 2 * place + (page in self._visited) for place, page in enumerate(self._queue)}


class RankOnly(SLRU):
    """Does not say what is protected."""

    def marks(self, cache: Set[Page]) -> Mapping[Page, int]:
        return {page: mark // 2 for page, mark in super().marks(cache).items()}


class Blank(LRU):
    """Says nothing of the order that it goes by."""

    def marks(self, cache: Set[Page]) -> Mapping[Page, int]:
        return dict.fromkeys(cache, 0)


class ByName(Policy):
    """The least page goes: names matter."""

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        return min(candidates)

    def marks(self, cache: Set[Page]) -> Mapping[Page, int]:
        return dict.fromkeys(cache, 0)


class FirstLayer(LRU):
    """Spares the first layer: rotation matters."""

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        super().start(instance, rng)
        self._experts = instance.experts

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        return super().victim(page, {q for q in candidates if q >= self._experts} or candidates)

    marks = LRU.marks


@pytest.mark.parametrize("make", [Blank, ByName, FirstLayer, NoHand, RankOnly])
def test_marks_that_do_not_decide_are_seen(make: type[Policy]) -> None:
    with pytest.raises(UnsupportedProblem, match="its marks do not decide what it does"):
        exact_ratio(Instance(2, 3, 4), make)
    found = unsound_state(guarded(make), pasts=100, futures=0)
    assert found is not None
    assert "equal" in found.says


class Rare(LRU):
    """LRU, but for one page that misses beside one cache: then the newest page leaves."""

    cache: frozenset[Page] = frozenset()
    asked = -1

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        if page != self.asked or candidates != self.cache:
            return super().victim(page, candidates)
        newest = next(q for q in reversed(self._order) if q in candidates)
        del self._order[newest]
        return newest

    marks = LRU.marks


@pytest.mark.parametrize(
    ("cache", "asked"),
    [((0, 1, 2, 5), 4), ((1, 2, 3, 5), 4), ((2, 3, 4, 5), 0), ((2, 3, 4, 5), 1), ((0, 1, 2, 3), 5)],
)
def test_a_rare_lie_is_seen(cache: tuple[Page, ...], asked: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of these some escaped, with a wrong ratio, when two situations of each state were compared."""
    monkeypatch.setattr(Rare, "cache", frozenset(cache))
    monkeypatch.setattr(Rare, "asked", asked)
    with pytest.raises(UnsupportedProblem, match="its marks do not decide what it does"):
        exact_ratio(Instance(2, 3, 4), Rare)


@pytest.mark.parametrize("policy", [*SHARED.values(), POLICIES["slru"], POLICIES["sieve"]], ids=str)
def test_marks_of_the_registry_decide(policy: NamedPolicy) -> None:
    for instance in (Instance(2, 3, 4), Instance(3, 2, 2)):
        assert find_unequal_futures(policy.make, instance, np.random.default_rng(3), pasts=150) is None


@pytest.mark.parametrize(
    ("marks", "says"),
    [
        ({0: 0, 1: 1}, "expected those in the cache"),
        ({0: -1}, "expected an integer from 0 on"),
        ({0: True}, "expected an integer from 0 on"),
        ({0: 0.5}, "expected an integer from 0 on"),
    ],
)
def test_what_are_no_marks(marks: Any, says: str) -> None:
    class Wrong(LRU):
        def marks(self, cache: Set[Page]) -> Mapping[Page, int]:
            return dict(marks)

    with pytest.raises(UnsupportedProblem, match=f"Wrong: mark.*{says}"):
        exact_ratio(Instance(2, 2, 3), Wrong)


class Youngest(LRU):
    """Decides otherwise than LRU."""

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        newest = next(q for q in reversed(self._order) if q in candidates)
        del self._order[newest]
        return newest


class Same(FIFO):
    """Decides as FIFO does."""


def test_who_decides_otherwise_inherits_no_marks() -> None:
    """The canonical state, which speaks of pages by name, remains."""
    found = exact_ratio(Instance(2, 2, 3), Youngest)
    assert isinstance(found.product, PlayedGraph)
    assert not found.product.marked
    assert found.ratio == exact_ratio(Instance(2, 2, 3), "mru").ratio

    same = exact_ratio(Instance(2, 2, 3), Same)
    assert isinstance(same.product, PlayedGraph)
    assert same.product.marked
