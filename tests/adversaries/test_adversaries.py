"""What the docstrings of the adversaries promise, on every instance with n*l <= 8."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from adversaries.base import AdaptiveAdversary, ObliviousAdversary
from adversaries.collector import OneLayerCollector
from adversaries.cruel import Cruel
from adversaries.duel import duel
from adversaries.fixed_partition import FixedPartition
from adversaries.layer_cycle import LayerCycle, ShortestCycle
from adversaries.one_layer import OneLayer
from adversaries.registry import ADVERSARIES
from adversaries.uniform import UniformExperts, UniformLayers
from adversaries.windows import Windows
from paging.errors import InvalidPartition, PreconditionNotMet
from paging.model import Instance, Requests
from paging.offline.belady import belady
from paging.policies.fifo import FIFO
from paging.policies.lru import LRU
from paging.policies.partitioned import Partitioned
from paging.policies.random_eviction import RandomEviction
from paging.policies.registry import PRACTICAL, SHARED
from paging.replay import Player

SMALL = [
    Instance(layers, experts, cache)
    for layers in range(1, 9)
    for experts in range(1, 8 // layers + 1)
    for cache in range(1, layers * experts + 2)
]
DETERMINISTIC = {name: make for name, make in {**SHARED, **PRACTICAL}.items() if make().deterministic}


def met(kind: type[AdaptiveAdversary] | type[ObliviousAdversary]) -> list[Instance]:
    return [instance for instance in SMALL if kind.precondition.holds(instance)]


def cost(instance: Instance, pages: np.ndarray[tuple[int, ...], np.dtype[np.int32]]) -> int:
    """OPT by Belady's rule."""
    requests = Requests.of(instance.layers, instance.experts, pages)
    return int((~belady(instance, requests)).sum())


EXPECTED: dict[str, Callable[[int, int, int], bool]] = {
    # the preconditions of theory.md, section 3, once more and independently
    "fixed-partition": lambda l, n, k: k >= l and any(
        k // l + (j < k % l) < min(n, k - l + 1) for j in range(l)
    ),
    "deterministic-lower": lambda l, n, k: l <= k < n * l,
    "deterministic-lower-one-layer": lambda l, n, k: k >= l and n >= k - l + 2,
    "one-token-lower": lambda l, n, k: k == l and n >= 2,
    "lru-lower": lambda l, n, k: (k + 1) % l == 0 and n >= (k + 1) // l,
    "lru-cycle-lower": lambda l, n, k: k < n * l,
    "lru-value-lower": lambda l, n, k: l <= k < n * l and (k > l or l == 1),
    "fifo-lower": lambda l, n, k: l <= k < n * l,
    "llru-lower": lambda l, n, k: 4 * l - 1 <= k < n * l and l >= 2,
    "randomized-lower": lambda l, n, k: k == n * l - 1 and l >= 2 and n >= 2,
    "randomized-uniform-lower": lambda l, n, k: k == n * l - 1 >= 1,
    "randomized-spread-lower": lambda l, n, k: l <= k < n * l,
    "randomized-even-lower": lambda l, n, k: (k + 1) % l == 0 and 2 * l <= k + 1 <= n * l,
    "two-layers-lower": lambda l, n, k: l == 2 and 3 <= k < 2 * n,
    "randomized-one-layer-lower": lambda l, n, k: k >= l and n >= k - l + 2,
    "cruel": lambda *_: True,
}  # fmt: skip


@pytest.mark.parametrize("name", ADVERSARIES)
def test_preconditions(name: str) -> None:
    kind = ADVERSARIES[name]
    for instance in SMALL:
        expected = EXPECTED[name](instance.layers, instance.experts, instance.cache)
        assert kind.precondition.holds(instance) == expected, instance
        if not expected:
            with pytest.raises(PreconditionNotMet, match=re.escape(kind.precondition.text)):
                kind(instance)


@pytest.mark.parametrize("name", ADVERSARIES)
def test_requests_are_legal_and_states_decide(name: str) -> None:
    """Layer order (checked by Requests), and equal states with equal caches lead to equal pages."""
    kind = ADVERSARIES[name]
    for instance in met(kind):
        adversary = kind(instance)
        make = Partitioned if kind is FixedPartition else None
        policy = make(RandomEviction) if make else RandomEviction()
        run = duel(policy, adversary, 12, np.random.default_rng(0))
        assert len(run.hits) == 12 * instance.layers
        if isinstance(adversary, AdaptiveAdversary):
            rng = np.random.default_rng(1)
            again = kind(instance)
            assert isinstance(again, AdaptiveAdversary)
            player = Player(policy, instance, rng)
            follow: dict[object, int] = {}
            for _ in range(30 * instance.layers):
                key = (again.state(), frozenset(player.cache))
                page = again.next_page(player.cache)
                assert follow.setdefault(key, page) == page
                player.serve(page)


@pytest.mark.parametrize("name", DETERMINISTIC)
def test_windows_cost_a_miss_each(name: str) -> None:
    """Per phase at least k-l+1 misses, and OPT pays 1 per phase: slope as theory.md derives."""
    for instance in met(Windows):
        rounds = 6 * instance.pages
        run = duel(DETERMINISTIC[name](), Windows(instance), rounds, np.random.default_rng(0))
        assert len(set(run.requests.stream.tolist())) <= instance.cache + 1
        misses = run.misses - instance.cache
        optimum = cost(instance, run.requests.stream) - instance.cache
        assert misses >= (instance.cache - instance.layers + 1) * (optimum - 1)
        assert misses > 0


@pytest.mark.parametrize("name", DETERMINISTIC)
def test_one_layer_costs_a_miss_per_round(name: str) -> None:
    for instance in met(OneLayer):
        run = duel(DETERMINISTIC[name](), OneLayer(instance), 40, np.random.default_rng(0))
        assert np.all(~run.hits.reshape(40, -1).all(axis=1))
        phases = (40 - 1) // (instance.cache - instance.layers + 1)
        assert cost(instance, run.requests.stream) <= instance.cache + phases + 1


def test_cycle_starves_lru_and_fifo() -> None:
    """LRU and FIFO never hit; OPT grows by N-k in N-1 requests, in the long run (blocks of N-1 requests)."""
    for instance in met(LayerCycle):
        layers, k = instance.layers, instance.cache
        length = layers * -(-(k + 1) // layers)
        pages = LayerCycle(instance).sequence(40 * (length - 1) // layers * layers, np.random.default_rng(0))
        assert LayerCycle(instance).period == length == len(set(pages.tolist()))
        for policy in (LRU(), FIFO()):
            assert not duel(policy, LayerCycle(instance), 3 * length, np.random.default_rng(0)).hits.any()
        one, two = 1 + 10 * (length - 1), 1 + 20 * (length - 1)
        assert cost(instance, pages[:two]) - cost(instance, pages[:one]) == 10 * (length - k)


def test_shortest_cycle_has_one_page_too_many() -> None:
    for instance in met(ShortestCycle):
        assert ShortestCycle(instance).period == instance.cache + 1


def test_fixed_partition_costs_a_miss_per_round() -> None:
    for instance in met(FixedPartition):
        run = duel(Partitioned(LRU), FixedPartition(instance), 30, np.random.default_rng(0))
        assert np.all(~run.hits.reshape(30, -1).all(axis=1))
        assert len(set(run.requests.stream.tolist())) <= instance.cache
        assert cost(instance, run.requests.stream) <= instance.cache


def test_every_partition_has_a_short_layer() -> None:
    """For l >= 2 and l < k < nl every partition has a layer with fewer than min(n, k-l+1) slots."""
    for instance in SMALL:
        layers, k = instance.layers, instance.cache
        if layers == 2 and layers < k < instance.pages:
            for first in range(1, k):
                FixedPartition(instance, (first, k - first))


def test_fixed_partition_against_given_slots() -> None:
    with pytest.raises(PreconditionNotMet, match=r"with partition \(2,\): expected each k_j >= 1"):
        FixedPartition(Instance(1, 2, 2), (2,))
    with pytest.raises(InvalidPartition):
        FixedPartition(Instance(2, 2, 3), (2, 2))


def test_uniform_draws() -> None:
    """Each expert of each layer equally often."""
    pages = UniformExperts(Instance(2, 4, 7)).sequence(40_000, np.random.default_rng(0))
    assert np.allclose(np.bincount(pages) / 40_000, 1 / 4, atol=0.01)
    assert UniformLayers.sequence is UniformExperts.sequence


def test_collector_draws_in_one_layer() -> None:
    instance = Instance(3, 4, 5)
    pages = OneLayerCollector(instance).sequence(40_000, np.random.default_rng(0)).reshape(-1, 3)
    assert (pages[:, 1:] == [4, 8]).all()
    assert np.allclose(np.bincount(pages[:, 0]) / 40_000, 1 / 4, atol=0.01)


def test_cruel_always_misses_where_it_can() -> None:
    """A layer without a missing page has all n experts in the cache."""
    for instance in SMALL:
        if instance.cache < instance.pages:
            adversary, player = Cruel(instance), Player(LRU(), instance, np.random.default_rng(0))
            for time in range(60):
                layer = time % instance.layers
                whole = all(page in player.cache for page in instance.layer_pages(layer))
                assert player.serve(adversary.next_page(player.cache)) == whole


def test_cruel_takes_the_oldest() -> None:
    adversary = Cruel(Instance(1, 3, 1))
    assert [adversary.next_page(frozenset()) for _ in range(6)] == [0, 1, 2, 0, 1, 2]
    assert adversary.next_page(frozenset({0})) == 1
    assert adversary.next_page(frozenset({2})) == 0
