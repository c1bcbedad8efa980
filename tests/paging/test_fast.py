"""Every kernel plays as the reference replay does, request by request, whatever the option."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layered_paging.testing.strategies import instances, request_sequences
from paging.errors import InvalidPartition, InvalidRequests, LayeredPagingError, UnsupportedProblem
from paging.fast import has_kernel, misses_of, run_of
from paging.kernels.replay import guided_few
from paging.model import Instance, Requests, Semantics
from paging.policies.lru import LRU
from paging.policies.named import NamedPolicy, named
from paging.policies.registry import DIVIDED, GUIDED, POLICIES
from paging.replay import Run, replay
from paging.traces.synthetic import synthetic
from paging.variant import BASE, Variant

Game = tuple[Instance, Requests, Variant]

NAMES = [name for name, policy in POLICIES.items() if has_kernel(policy)]


@pytest.fixture(autouse=True)
def short_sequences_count_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the kernel for few slots plays short ones too."""
    monkeypatch.setattr(guided_few, "LONG", 0)


@st.composite
def games(draw: st.DrawFn) -> Game:
    """Any width, semantics and variant; also caches that are too small."""
    instance = draw(instances(max_pages=18))
    width = draw(st.integers(1, min(3, instance.experts)))
    semantics: Semantics = draw(st.sampled_from(["sequential", "atomic"]))
    requests = draw(request_sequences(instance, max_rounds=40, width=width, semantics=semantics))
    sizes = draw(st.none() | st.lists(st.integers(1, 5), min_size=instance.pages, max_size=instance.pages))
    capacity = None if sizes is None else draw(st.integers(1, 3 * instance.pages))
    return instance, requests, Variant(bypass=draw(st.booleans()), sizes=sizes, capacity=capacity)


def outcome(run: Run) -> tuple[list[bool], list[int], list[int]]:
    return run.hits.tolist(), run.evicted.tolist(), run.evicted_at.tolist()


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(game=games(), seed=st.integers(0, 3))
def test_kernels_are_the_reference(name: str, game: Game, seed: int) -> None:
    compare(name, game, seed)


@pytest.mark.parametrize("name", ["guided-lfu", "guided-random", "guided-lfu-dist", "guided-random-dist"])
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(game=games(), seed=st.integers(0, 3))
def test_the_kernel_for_many_slots(monkeypatch: pytest.MonkeyPatch, name: str, game: Game, seed: int) -> None:
    monkeypatch.setattr(guided_few, "FEW", 0)
    compare(name, game, seed)


@pytest.mark.parametrize("few", [0, guided_few.FEW])
@pytest.mark.parametrize("semantics", ["sequential", "atomic"])
@pytest.mark.parametrize(
    "name", ["lru", "fifo", "guided-lfu", "guided-random", "guided-spread", "guided-far", "guided-llru"]
)
def test_many_pages(monkeypatch: pytest.MonkeyPatch, name: str, semantics: Semantics, few: int) -> None:
    """More blocks of slots, of places and of marks."""
    monkeypatch.setattr(guided_few, "FEW", few)
    trace = synthetic(5, 160, 300, zipf=0.6, width=3, rng=np.random.default_rng(2))
    requests = trace.requests(semantics=semantics)
    instance = Instance(5, 160, 333)
    expected = replay(POLICIES[name](), instance, requests, np.random.default_rng(1))
    assert outcome(run_of(POLICIES[name], instance, requests, np.random.default_rng(1))) == outcome(expected)
    assert len(expected.evicted) > 500


@pytest.mark.parametrize("few", [0, guided_few.FEW])
@pytest.mark.parametrize(
    ("layers", "cache", "routing"),
    [
        (3, 6, "201320210230120031023213120130102102321012120302310102013301013031302301321320032"),
        (3, 8, "231310301210230120321320320012203031201210201130023130013023102123021312031"),
        (
            2,
            5,
            "023230023231103230320312310132130031301012012102023031231012302102312023310213130130123203120",
        ),
    ],
)
def test_a_cache_that_was_not_safe_becomes_so(
    monkeypatch: pytest.MonkeyPatch, layers: int, cache: int, routing: str, few: int
) -> None:
    """After an eviction that was not safe, because the set needed the safe pages, some c_i < i. A load then makes c_i = i
    for a large i, which decides who is safe. Rare: random search found these games, 4 experts a layer, sets of 3."""
    monkeypatch.setattr(guided_few, "FEW", few)
    experts = np.array(list(routing), dtype=int).reshape(-1, 3)
    pages = experts + 4 * (np.arange(len(experts)) % layers)[:, None]
    compare("guided-lfu", (Instance(layers, 4, cache), Requests.of(layers, 4, pages, "atomic"), BASE), 0)


def test_short_sequences_need_no_second_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """To compile it takes longer than the other one plays them."""

    def never(*_: object) -> int:
        raise AssertionError

    monkeypatch.setattr(guided_few, "guided", never)
    requests = Requests.of(2, 3, [0, 3, 1, 4, 2, 5] * 5)
    with pytest.raises(AssertionError):
        run_of(POLICIES["guided-lfu"], Instance(2, 3, 3), requests)
    monkeypatch.setattr(guided_few, "LONG", len(requests) + 1)
    compare("guided-lfu", (Instance(2, 3, 3), requests, BASE), 0)


def test_so_many_kernels() -> None:
    """Fifteen, as many divided ones, and four practical ones; a policy without one has nothing to be compared."""
    assert len(NAMES) == 2 * 15 + 4


def test_the_profile_ends() -> None:
    """0 and 1 were requested 2,048 times each, 0 before 1; the next request for 0 is no longer counted."""
    stream = [0, 1] * 2048 + [0, 2]
    assert run_of(POLICIES["static"], Instance(1, 3, 2), Requests.of(1, 3, stream)).evicted.tolist() == [0]


@pytest.mark.parametrize("name", ["sieve", "slru", "heat", "static"])
@pytest.mark.parametrize("cache", [3, 4, 5])
def test_sets_that_fill_the_cache(name: str, cache: int) -> None:
    """What would leave is needed at the same time, more often than not."""
    rng = np.random.default_rng(3)
    rows = rng.permuted(np.tile(np.arange(6), (400, 1)), axis=1)[:, :3] + 6 * (np.arange(400) % 2)[:, None]
    few = np.sort(rng.permuted(np.tile(np.arange(4), (400, 1)), axis=1)[:, :3], axis=1)
    for pages, layers in ((rows, 2), (few, 1)):
        game = Instance(layers, 6, cache), Requests.of(layers, 6, pages, "atomic"), BASE
        compare(name, game, 0)


@pytest.mark.parametrize("name", ["heat", "static", "lfu"])
@pytest.mark.parametrize("semantics", ["sequential", "atomic"])
def test_counts_are_halved_and_frozen(name: str, semantics: Semantics) -> None:
    """More than 4,096 requests, and other pages are hot after every 1,500; slots, and bytes with bypass."""
    rng = np.random.default_rng(8)
    moods = [rng.permutation(10) for _ in range(9)]
    rows = [moods[v // 750][np.argsort(rng.random(10) * (1 + np.arange(10)))[:2]] for v in range(6750)]
    pages = np.array(rows) + 10 * (np.arange(6750) % 2)[:, None]
    requests, instance = Requests.of(2, 10, pages, semantics), Instance(2, 10, 7)
    compare(name, (instance, requests, BASE), 0)
    sizes = rng.integers(1, 4, size=20).tolist()
    compare(name, (instance, requests, Variant(bypass=True, sizes=sizes, capacity=14)), 0)
    runs = {each: run_of(POLICIES[each], instance, requests).misses for each in ("heat", "static", "lfu")}
    assert len(set(runs.values())) == 3


def compare(name: str, game: Game, seed: int) -> None:
    instance, requests, variant = game
    try:
        expected = replay(POLICIES[name](), instance, requests, np.random.default_rng(seed), variant)
    except LayeredPagingError as error:
        with pytest.raises(type(error)):
            run_of(POLICIES[name], instance, requests, np.random.default_rng(seed), variant)
        return
    found = run_of(POLICIES[name], instance, requests, np.random.default_rng(seed), variant)
    assert outcome(found) == outcome(expected)
    rng = np.random.default_rng(seed)
    assert misses_of(POLICIES[name], instance, requests, rng, variant) == expected.misses


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("semantics", ["sequential", "atomic"])
@pytest.mark.parametrize("few", [0, guided_few.FEW])
def test_long_runs(monkeypatch: pytest.MonkeyPatch, name: str, semantics: Semantics, few: int) -> None:
    """The axis of the guided kernels is full many times."""
    monkeypatch.setattr(guided_few, "FEW", few)
    rng = np.random.default_rng(11)
    routing = (
        rng.permuted(np.tile(np.arange(6), (1500, 1)), axis=1)[:, :2] + (np.arange(1500) % 3 * 6)[:, None]
    )
    requests = Requests.of(3, 6, routing, semantics)
    instance = Instance(3, 6, 9)
    expected = replay(POLICIES[name](), instance, requests, np.random.default_rng(1))
    assert outcome(run_of(POLICIES[name], instance, requests, np.random.default_rng(1))) == outcome(expected)
    assert 0 < expected.misses < len(requests)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith("-dist")])
@pytest.mark.parametrize("semantics", ["sequential", "atomic"])
def test_a_cache_smaller_than_a_round(name: str, semantics: Semantics) -> None:
    """Layers lose their last page."""
    rng = np.random.default_rng(4)
    for layers, experts, cache in ((4, 2, 2), (7, 3, 4), (12, 4, 5)):
        routing = rng.integers(experts, size=(800, 1)) + (np.arange(800) % layers * experts)[:, None]
        requests = Requests.of(layers, experts, routing, semantics)
        compare(name, (Instance(layers, experts, cache), requests, BASE), 1)


def test_bytes_by_hand() -> None:
    """Room for 5: sizes 2, 2, 3. LRU: 0 and 1 fit; 2 needs 3, so 0 leaves (1 + 2 are 5); 0 needs 2: 1 leaves; 1: 2 leaves."""
    variant = Variant(sizes=[2, 2, 3], capacity=5)
    run = replay(LRU(), Instance(1, 3, 3), [0, 1, 2, 0, 1], variant=variant)
    assert run.misses == 5
    assert run.evicted.tolist() == [0, 1, 2]
    both = replay(LRU(), Instance(1, 3, 3), [0, 1, 2], variant=Variant(sizes=[2, 2, 5], capacity=5))
    assert both.evicted.tolist() == [0, 1]
    assert both.evicted_at.tolist() == [2, 2]


def test_bypass_by_hand() -> None:
    """LFU keeps page 0, asked for twice, and does not admit 1; MRU admits nobody to a full cache."""
    bypass = Variant(bypass=True)
    requests = [0, 0, 1, 0, 2, 0]
    assert replay(POLICIES["lfu"](), Instance(1, 3, 1), requests, variant=bypass).misses == 3
    assert replay(POLICIES["lfu"](), Instance(1, 3, 1), requests).misses == 5
    assert replay(POLICIES["mru"](), Instance(1, 3, 1), requests, variant=bypass).misses == 3
    large = Variant(bypass=True, sizes=[1, 9], capacity=2)
    assert replay(LRU(), Instance(1, 2, 1), [0, 1, 0, 1], variant=large).hits.tolist() == [0, 0, 1, 0]


def test_what_does_not_go() -> None:
    sizes = Variant(sizes=[1, 2, 1, 2], capacity=3)
    one = Instance(2, 2, 3)
    for name in GUIDED:
        for variant in (sizes, Variant(bypass=True)):
            with pytest.raises(UnsupportedProblem, match="pages of one size, and no bypass"):
                replay(POLICIES[name](), one, [0, 2], variant=variant)
            with pytest.raises(UnsupportedProblem, match="pages of one size, and no bypass"):
                run_of(POLICIES[name], one, Requests.of(2, 2, [0, 2]), variant=variant)
    both = Requests.of(2, 2, [[0, 1], [2, 3]], "atomic")
    with pytest.raises(InvalidRequests, match="batch 0 occupies 3 bytes: expected at most 2"):
        replay(LRU(), one, both, variant=Variant(sizes=[1, 2, 1, 2], capacity=2))
    with pytest.raises(InvalidRequests, match="expected at most 2"):
        run_of(POLICIES["lru-dist"], one, both, variant=Variant(sizes=[1, 2, 1, 2], capacity=4))
    with pytest.raises(InvalidPartition, match="2 slots in every layer"):
        run_of(POLICIES["lru-dist"], one, both)


def test_a_users_policy_goes_by_the_reference() -> None:
    """Under whatever name; here it misses more often than the policy from which it inherits."""

    class Worst(LRU):
        def victim(self, page: int, candidates: object) -> int:
            newest = [q for q in self._order if q != page][-1]
            del self._order[newest]
            return newest

    instance, requests = Instance(1, 4, 2), Requests.of(1, 4, [0, 1, 2, 1, 2, 1, 2])
    rng = np.random.default_rng(0)
    for own in (named(Worst), NamedPolicy("lru", Worst)):
        assert not has_kernel(own)
        assert misses_of(own, instance, requests, rng) == 7
        assert run_of(own, instance, requests, rng, BASE).misses == 7
    assert misses_of(named(LRU), instance, requests, rng) == 3
    assert run_of(POLICIES["lru"], instance, requests, rng).misses == 3


def test_layers_of_a_partition_draw_apart() -> None:
    """One layer's draws do not depend on what the others are asked."""
    quiet = [0, 9, 1, 9, 2, 9, 3, 9] * 5
    busy = [page if t % 2 == 0 else 5 + t // 2 % 5 for t, page in enumerate(quiet)]
    runs = [
        run_of(POLICIES["random-dist"], Instance(2, 5, 4), Requests.of(2, 5, pages), np.random.default_rng(2))
        for pages in (quiet, busy)
    ]
    assert runs[0].hits[::2].tolist() == runs[1].hits[::2].tolist()
    assert runs[0].hits.tolist() != runs[1].hits.tolist()
    assert set(DIVIDED) <= set(POLICIES)
