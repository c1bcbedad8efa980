"""Every policy of the registry: legal, reproducible, what it says it is, and what its definition says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from layered_paging.testing.canonical import find_disagreement
from layered_paging.testing.contract import PolicyContract
from layered_paging.testing.guard import guarded
from layered_paging.testing.known_games import KNOWN
from layered_paging.testing.properties import (
    breaks_conservative,
    breaks_determinism,
    breaks_marking,
    breaks_stack,
    contents,
)
from layered_paging.testing.strategies import games, request_sequences
from paging.errors import InvalidPartition
from paging.model import Instance, Requests
from paging.policies.fifo import FIFO
from paging.policies.history import as_array
from paging.policies.llru import LLRU
from paging.policies.lru import LRU
from paging.policies.named import MakePolicy
from paging.policies.partitioned import Partitioned, even_partition
from paging.policies.registry import DIVIDED, GUIDED, POLICIES, PRACTICAL, SHARED
from paging.replay import Player, replay
from tests.paging.policies.naive import NAIVE, offset, play, play_fifo

names = pytest.mark.parametrize("name", POLICIES)


def test_seven_guided_policies() -> None:
    assert len(GUIDED) == 7
    assert set(DIVIDED) == {f"{name}-dist" for name in SHARED}


FEW_DIVIDED = ("lru-dist", "random-dist", "guided-far-dist")
WITH_FEW_DIVIDED = [
    pytest.param(name, marks=pytest.mark.slow) if name in DIVIDED and name not in FEW_DIVIDED else name
    for name in POLICIES
]
"""What divided policies share is one class; a deterministic, a randomized and a guided one stand for it, the rest is slow."""


class TestEveryPolicy(PolicyContract):
    """Legal, reproducible, restartable, copyable, blind to the future, and what it declares to be."""

    examples = 20

    @pytest.fixture(params=WITH_FEW_DIVIDED)
    def policy(self, request: pytest.FixtureRequest) -> MakePolicy:
        return guarded(POLICIES[request.param])


OPEN = {("guided-lfu", "stack")}
"""Neither proved nor refuted."""


def wide_game(rng: np.random.Generator) -> tuple[Instance, Requests]:
    rows = rng.permuted(np.tile(np.arange(6), (12, 1)), axis=1)[:, :4] + 6 * (np.arange(12) % 2)[:, None]
    return Instance(2, 6, int(rng.integers(5, 9))), Requests.of(2, 6, rows, "sequential")


@pytest.mark.parametrize("name", [*SHARED, *PRACTICAL])
def test_undeclared_properties_have_counterexamples(name: str) -> None:
    """What is not declared is false."""
    make = POLICIES[name]
    policy = make()
    broken = {"deterministic": policy.deterministic, "marking": policy.marking}
    broken |= {"conservative": policy.conservative, "stack": policy.stack}
    rng = np.random.default_rng(5)
    tries = list(KNOWN.values())
    for layers, experts, cache in ((1, 4, 2), (1, 5, 3), (2, 3, 3), (2, 3, 4)):
        for _ in range(40):
            pages = rng.integers(experts, size=(30, layers)) + np.arange(layers) * experts
            tries.append((Instance(layers, experts, cache), Requests.of(layers, experts, pages.reshape(-1))))
    if name == "capped":  # LRU at width 1
        tries = [wide_game(rng) for _ in range(40)]
    for instance, requests in tries:
        run = replay(make(), instance, requests)
        broken["deterministic"] |= breaks_determinism(make, instance, requests) is not None
        broken["marking"] |= breaks_marking(run) is not None
        broken["conservative"] |= breaks_conservative(run) is not None
        broken["stack"] |= breaks_stack(make, instance, requests) is not None
    for what in ("deterministic", "marking", "conservative", "stack"):
        assert broken[what] or (name, what) in OPEN, what


@pytest.mark.parametrize("name", NAIVE)
@settings(max_examples=40, deadline=None)
@given(game=games())
def test_the_definition_in_words(name: str, game: tuple[Instance, Requests]) -> None:
    instance, requests = game
    stream = requests.stream.tolist()
    expected = play(NAIVE[name], stream, instance.layers, instance.experts, instance.cache)
    assert contents(replay(POLICIES[name](), instance, requests)) == expected


@given(games())
def test_fifo_is_a_queue(game: tuple[Instance, Requests]) -> None:
    instance, requests = game
    expected = play_fifo(requests.stream.tolist(), instance.cache)
    assert contents(replay(FIFO(), instance, requests)) == expected


@pytest.mark.parametrize("name", GUIDED)
@settings(max_examples=30, deadline=None)
@given(game=games())
def test_guided_caches_are_optimal_caches(name: str, game: tuple[Instance, Requests]) -> None:
    """After every request the cache is one with which the past could have been served at least cost."""
    instance, requests = game
    stream = requests.stream.tolist()
    for time, cache in enumerate(contents(replay(SHARED[name](), instance, requests))):
        sets = offset(stream[: time + 1], instance.cache)
        filled = cache | {-1 - i for i in range(instance.cache - len(cache))}
        empty_now = {p for members in sets for p in members if p < 0}
        levels = sum(1 for p in filled if p < 0)
        assert levels <= len(empty_now) or instance.cache > instance.pages
        if levels == 0:
            for i in range(instance.cache):
                assert len(cache & set().union(*sets[: i + 1])) >= i + 1


@names
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_sets_of_pages_in_both_semantics(name: str, data: st.DataObject) -> None:
    layers, width = data.draw(st.integers(1, 2)), data.draw(st.integers(1, 2))
    instance = Instance(layers, 4, data.draw(st.integers(layers * width, layers * 4)))
    for semantics in ("sequential", "atomic"):
        requests = data.draw(request_sequences(instance, width=width, semantics=semantics))
        run = replay(POLICIES[name](), instance, requests)
        after = contents(run)
        for visit, row in enumerate(requests.pages.tolist()):
            if semantics == "atomic":
                assert set(row) <= after[(visit + 1) * width - 1]


@pytest.mark.parametrize(
    ("name", "instance", "stream", "victims"),
    [
        ("lru", Instance(1, 4, 3), [0, 1, 2, 0, 3, 1], [1, 2]),
        ("fifo", Instance(1, 4, 3), [0, 1, 2, 0, 3, 1], [0]),
        ("mru", Instance(1, 4, 3), [0, 1, 2, 0, 3, 1], [0]),
        ("lfu", Instance(1, 4, 2), [0, 0, 1, 2, 1, 2, 0], [1, 2, 0, 1]),
        # l=2: a0 b0 | a1: age 1 (b0), 2 (a0); m = 0 (b0), 1 (a0): a0 goes
        ("llru", Instance(2, 2, 2), [0, 2, 1], [0]),
        # l=3, k=3: a0 b0 c0 | a1: all ages 1..3, m(a0)=1 goes first
        ("llru", Instance(3, 2, 3), [0, 2, 4, 1], [0]),
        # l=3, k=3, a0 b0 c0 | a0 b1: ages a0 1, c0 2 (m=0), b0 3 (m=1): b0 goes
        ("llru", Instance(3, 2, 3), [0, 2, 4, 0, 3], [2]),
        # l=3, k=2: a0 b0 c0: ages b0 1, a0 2, both m=0; next layer after c is a: b is further away, so b0 goes
        ("llru", Instance(3, 2, 2), [0, 2, 4], [2]),
        ("lru", Instance(3, 2, 2), [0, 2, 4], [0]),
    ],
)
def test_traces_by_hand(name: str, instance: Instance, stream: list[int], victims: list[int]) -> None:
    assert replay(SHARED[name](), instance, stream).evicted.tolist() == victims


@given(games())
def test_guided_lru_is_lru(game: tuple[Instance, Requests]) -> None:
    """The proof is in LRUPriority."""
    instance, requests = game
    assert contents(replay(SHARED["guided-lru"](), instance, requests)) == contents(
        replay(LRU(), instance, requests)
    )


def test_one_layer_llru_is_lru() -> None:
    stream = np.random.default_rng(0).integers(6, size=300)
    runs = [replay(make(), Instance(1, 6, 4), stream) for make in (LRU, LLRU)]
    assert runs[0].evicted.tolist() == runs[1].evicted.tolist()


def test_partition_is_even_with_the_remainder_first() -> None:
    assert even_partition(Instance(3, 4, 8)) == (3, 3, 2)
    with pytest.raises(InvalidPartition, match="at least one slot per layer, got k = 2 for 3 layers"):
        even_partition(Instance(3, 4, 2))


@given(st.data())
def test_a_partition_is_one_policy_per_layer(data: st.DataObject) -> None:
    slots = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    instance = Instance(2, 4, 6)
    requests = data.draw(request_sequences(instance, max_rounds=18))
    run = replay(Partitioned(LRU, slots), instance, requests)
    for layer in (0, 1):
        alone = replay(LRU(), Instance(1, 4, slots[layer]), requests.stream[layer::2] - 4 * layer)
        assert alone.hits.tolist() == run.hits[layer::2].tolist()


FINITE = {
    "lru",
    "fifo",
    "mru",
    "flush-when-full",
    "llru",
    "guided-far",
    "guided-keep",
    "guided-lru",
    "guided-llru",
    "slru",
    "lru-2",
    "arc",
    "s3-fifo",
    "sieve",
    "least-stale",
    "static",
    "throttled",
    "capped",
}


@names
def test_who_has_a_finite_state(name: str) -> None:
    player = Player(POLICIES[name](), Instance(2, 3, 4), np.random.default_rng(0))
    for page in (0, 3, 1, 4):
        player.serve(page)
    assert (player.policy.canonical_state(player.cache) is not None) == (name.removesuffix("-dist") in FINITE)


class Capped(LLRU):
    """LLRU with a wrong canonical state: ages are merely capped, which creates ties that do not exist."""

    def canonical_state(self, cache: object) -> object:
        pages: NDArray[np.int32] = as_array(cache)
        missed = np.minimum(self._history.missed_rounds(pages), 2)
        return self._history.layer, tuple(sorted(zip(pages.tolist(), missed.tolist(), strict=True)))


class Forgetful(LRU):
    """LRU whose canonical state forgets the order."""

    def canonical_state(self, cache: object) -> object:
        return frozenset(self._order)


@pytest.mark.parametrize(("make", "instance"), [(Capped, Instance(2, 3, 4)), (Forgetful, Instance(1, 3, 2))])
def test_wrong_canonical_states_are_caught(make: type[LRU], instance: Instance) -> None:
    found = find_disagreement(make, instance, np.random.default_rng(1), pasts=3000, rounds=12)
    assert found is not None
    ends = []
    for past in (found.first, found.second):
        player = Player(make(), instance, np.random.default_rng(0))
        for page in (*past, *found.future):
            player.serve(page)
        ends.append(set(player.cache))
    assert ends[0] != ends[1]
