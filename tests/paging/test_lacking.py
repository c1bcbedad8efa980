"""Sequences whose rounds lack layers: the model's rules, and every engine and kernel on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layered_paging.testing.strategies import instances, request_sequences
from paging.curve import curve
from paging.errors import InvalidRequests, LayeredPagingError
from paging.fast import has_kernel, misses_of, run_of
from paging.kernels.replay import guided_few
from paging.model import Instance, Requests, Semantics
from paging.offline.belady import belady, optimal_misses
from paging.offline.engines import ENGINES, opt
from paging.offline.intervals import interval_problem
from paging.offline.offset import OffsetFunction
from paging.offline.proof import prove
from paging.policies.registry import DIVIDED, POLICIES
from paging.replay import Run, replay
from paging.variant import Variant
from tests.paging.offline.brute_force import brute_force
from tests.paging.offline.by_heap import belady_by_heap

KERNELS = [name for name, policy in POLICIES.items() if has_kernel(policy)]

ROUNDS = Requests.of(3, 2, [0, 3, 1, 4, 2, 5, 1], rounds=[0, 0, 1, 1, 3, 3, 4])
"""Layers 0 1, 0 2, 1 2, 0."""


@st.composite
def lacking(
    draw: st.DrawFn, *, max_pages: int = 18, max_rounds: int = 24, most_width: int = 3
) -> tuple[Instance, Requests]:
    """A sequence of the model from which visits were taken out."""
    instance = draw(instances(max_pages=max_pages))
    width = draw(st.integers(1, min(most_width, instance.experts)))
    semantics: Semantics = draw(st.sampled_from(["sequential", "atomic"]))
    whole = draw(request_sequences(instance, max_rounds=max_rounds, width=width, semantics=semantics))
    share = draw(st.sampled_from([0.2, 0.5, 0.8]))
    kept = np.random.default_rng(draw(st.integers(0, 10**6))).random(len(whole.pages)) < share
    shape = (instance.layers, instance.experts)
    return instance, Requests.of(*shape, whole.pages[kept], semantics, rounds=whole.rounds[kept])


def outcome(run: Run) -> tuple[list[bool], list[int], list[int]]:
    return run.hits.tolist(), run.evicted.tolist(), run.evicted_at.tolist()


def test_rounds_are_numbered_without_gaps() -> None:
    assert ROUNDS.rounds.tolist() == [0, 0, 1, 1, 2, 2, 3]
    assert ROUNDS.visited.tolist() == [0, 1, 0, 2, 1, 2, 0]
    assert [ROUNDS.visits_of(layer).tolist() for layer in range(3)] == [[0, 2, 6], [1, 4], [3, 5]]
    assert ROUNDS.tokens == 4
    assert ROUNDS.first(3).rounds.tolist() == [0, 0, 1]


def test_rounds_that_lack_nothing_are_those_of_the_model() -> None:
    plain = Requests.of(2, 2, [0, 2, 1, 3, 0])
    same = Requests.of(2, 2, [0, 2, 1, 3, 0], rounds=[4, 4, 5, 5, 9])
    assert same.lacking is None
    assert (plain.rounds.tolist(), plain.visited.tolist()) == ([0, 0, 1, 1, 2], [0, 1, 0, 1, 0])
    assert (same.rounds.tolist(), plain.tokens) == (plain.rounds.tolist(), 3)
    assert [plain.visits_of(layer).tolist() for layer in range(2)] == [[0, 2, 4], [1, 3]]


@pytest.mark.parametrize(
    ("pages", "rounds", "said"),
    [
        ([0, 3], [1, 0], "visit 1: round 0 follows round 1"),
        ([0, 1], [0, 0], "index 1: layer 0 follows layer 0 in one round"),
        ([3, 0], [0, 0], "index 1: layer 0 follows layer 1 in one round"),
        ([[0, 3]], [0], "index 1: page 3 belongs to layer 1, expected layer 0"),
        ([0, 6], [0, 1], "index 1: page 6 does not exist"),
        ([[0, 0]], [0], "visit 0 repeats a page"),
        ([0, 3], [0], "rounds: expected an integer for each of 2 visits"),
        ([0, 3], [0.0, 0.0], "rounds: expected an integer for each of 2 visits"),
    ],
)
def test_rounds_are_checked(pages: object, rounds: object, said: str) -> None:
    with pytest.raises(InvalidRequests, match=said):
        Requests.of(3, 2, pages, "sequential", rounds=rounds)  # type: ignore[arg-type]


def test_without_rounds_the_layers_come_in_turn() -> None:
    with pytest.raises(InvalidRequests, match="index 2: page 1 belongs to layer 0, expected layer 2"):
        Requests.of(3, 2, ROUNDS.stream)


def test_a_table_has_a_row_for_each_round() -> None:
    table = replay(POLICIES["lru"](), Instance(3, 2, 3), ROUNDS).table()
    assert [row.requests for row in table] == [(0, 3), (1, 4), (2, 5), (1,)]
    assert sum(row.growth or 0 for row in table) == opt(Instance(3, 2, 3), ROUNDS).cost


@pytest.mark.parametrize("name", KERNELS)
@settings(max_examples=60, deadline=None)
@given(game=lacking(), data=st.data(), seed=st.integers(0, 3))
def test_kernels_are_the_reference(
    name: str, game: tuple[Instance, Requests], data: st.DataObject, seed: int
) -> None:
    instance, requests = game
    sizes = data.draw(
        st.none() | st.lists(st.integers(1, 5), min_size=instance.pages, max_size=instance.pages)
    )
    capacity = None if sizes is None else data.draw(st.integers(1, 3 * instance.pages))
    compare(
        name,
        instance,
        requests,
        seed,
        Variant(bypass=data.draw(st.booleans()), sizes=sizes, capacity=capacity),
    )


@pytest.mark.parametrize("few", [0, guided_few.FEW])
@pytest.mark.parametrize("name", [name for name in KERNELS if name not in DIVIDED])
@pytest.mark.parametrize("semantics", ["sequential", "atomic"])
def test_long_runs(monkeypatch: pytest.MonkeyPatch, name: str, semantics: Semantics, few: int) -> None:
    """The axis of the guided kernels is full many times; prompts as engines compute them, with one token in the last layer."""
    monkeypatch.setattr(guided_few, "FEW", few)
    monkeypatch.setattr(guided_few, "LONG", 0)
    rng = np.random.default_rng(5)
    tokens = 400
    experts = rng.permuted(np.tile(np.arange(6), (tokens * 5, 1)), axis=1)[:, :2]
    layer, token = np.arange(tokens * 5) % 5, np.arange(tokens * 5) // 5
    kept = (layer < 4) | (token % 20 == 19) | (token > 300)
    requests = Requests.of(5, 6, (experts + 6 * layer[:, None])[kept], semantics, rounds=token[kept])
    compare(name, Instance(5, 6, 11), requests, 1, Variant())


def compare(name: str, instance: Instance, requests: Requests, seed: int, variant: Variant) -> None:
    try:
        expected = replay(POLICIES[name](), instance, requests, np.random.default_rng(seed), variant)
    except LayeredPagingError as error:
        with pytest.raises(type(error)):
            run_of(POLICIES[name], instance, requests, np.random.default_rng(seed), variant)
        return
    assert outcome(
        run_of(POLICIES[name], instance, requests, np.random.default_rng(seed), variant)
    ) == outcome(expected)
    assert (
        misses_of(POLICIES[name], instance, requests, np.random.default_rng(seed), variant) == expected.misses
    )


def clock(layers: Sequence[int], count: int) -> list[int]:
    """When each request happens, in visits, from the definition: the layers' turns are counted off one by one."""
    now, turn, at = 0, -1, []
    for layer in layers:
        if turn < 0 or layer != turn % count or count == 1:
            turn += 1
            now += 1
            while turn % count != layer:
                turn += 1
                now += 1
        at.append(now)
    return at


@settings(max_examples=150, deadline=None)
@given(lacking(max_pages=12, most_width=1))
def test_llru_from_its_definition(game: tuple[Instance, Requests]) -> None:
    """Plain lists: rounds missed by the clock, then the distance; the page requested earlier where both are equal."""
    instance, requests = game
    stream = requests.stream.tolist()
    layer_of = [page // instance.experts for page in stream]
    at = clock(layer_of, instance.layers)
    cache: set[int] = set()
    hits = []
    for t, page in enumerate(stream):
        hits.append(page in cache)
        if page not in cache and len(cache) == instance.cache:
            last = {q: max(s for s in range(t) if stream[s] == q) for q in cache}

            def key(q: int, t: int = t, last: dict[int, int] = last) -> tuple[int, int, int]:
                missed = (at[t] - at[last[q]]) // instance.layers
                following = [(layer_of[t] + 1 + d) % instance.layers for d in range(instance.layers)]
                wait = following.index(q // instance.experts)
                return missed, wait, -last[q]

            cache.remove(max(cache, key=key))
        cache.add(page)
    assert replay(POLICIES["llru"](), instance, requests).hits.tolist() == hits


def test_the_clock_runs_on_where_layers_are_lacking() -> None:
    """l = 3, the last layer always lacks: the requests to 0, 2, 1, 3 are visits 1, 2, 4, 5. At the last one both 0 and 2 have
    missed a round (ages 4 and 3), and the current layer's 2 can be needed latest: it goes. A clock of the visits that took
    place would say that 2, of age 2, has missed none, and evict 0."""
    requests = Requests.of(3, 2, [0, 2, 1, 3], rounds=[0, 0, 1, 1])
    run = replay(POLICIES["llru"](), Instance(3, 2, 3), requests)
    assert outcome(run) == ([False] * 4, [2], [3])


@settings(max_examples=150, deadline=None)
@given(lacking(max_pages=6, max_rounds=9, most_width=2), st.booleans())
def test_engines_agree_with_brute_force(game: tuple[Instance, Requests], bypass: bool) -> None:
    instance, requests = game
    if requests.batch > instance.cache:
        return
    ones = [1] * instance.pages
    least = brute_force(requests.batches.tolist(), instance.cache, ones, ones, bypass)
    names = [name for name in ENGINES if name != "offset" or (requests.batch == 1 and not bypass)]
    found = [opt(instance, requests, name, variant=Variant(bypass=bypass)) for name in names]
    assert {one.cost for one in found} == {least}
    problem = interval_problem(instance, requests, Variant(bypass=bypass))
    for one in found:
        if one.hits is not None:
            assert prove(problem, one.hits).cost == least
    if not bypass:
        assert optimal_misses(instance, requests) == least
        assert belady(instance, requests).tolist() == belady_by_heap(instance, requests).tolist()


@settings(max_examples=100, deadline=None)
@given(lacking(max_pages=8, max_rounds=12, most_width=1))
def test_the_offset_function_is_the_optimum_of_every_prefix(game: tuple[Instance, Requests]) -> None:
    instance, requests = game
    offset = OffsetFunction(instance)
    for visits, page in enumerate(requests.stream.tolist(), 1):
        offset.request(page)
        assert offset.optimum == opt(instance, requests.first(visits), "flow").cost


@settings(max_examples=60, deadline=None)
@given(lacking(max_pages=10))
def test_curves_agree_with_single_runs(game: tuple[Instance, Requests]) -> None:
    instance, requests = game
    found = curve(requests)
    for size in found.cache.tolist():
        here = Instance(instance.layers, instance.experts, size)
        assert found.at(size) == (replay(POLICIES["lru"](), here, requests).misses, opt(here, requests).cost)


@settings(max_examples=100, deadline=None)
@given(lacking(max_pages=6, max_rounds=9, most_width=1), st.data())
def test_a_warm_up_counts_what_follows(game: tuple[Instance, Requests], data: st.DataObject) -> None:
    """OPT by brute force, in which the misses of the warm-up cost nothing."""
    instance, requests = game
    if len(requests) < 2:
        return
    warm = requests.warmed(data.draw(st.integers(0, len(requests) - 1)))
    assert warm.tokens == len(set(warm.rounds[warm.warmup :].tolist()))
    run = replay(POLICIES["lru"](), instance, warm)
    assert run.misses == int(np.count_nonzero(~run.hits[warm.warmup :]))
    assert misses_of(POLICIES["lru"], instance, warm) == run.misses
    best = {frozenset[int](): 0}
    for t, page in enumerate(warm.stream.tolist()):
        after: dict[frozenset[int], int] = {}
        for cache, paid in best.items():
            cost = paid + (page not in cache and t >= warm.warmup)
            loaded = [cache] if page in cache else [cache | {page}]
            if page not in cache and len(cache) == instance.cache:
                loaded = [(cache - {q}) | {page} for q in cache]
            for new in loaded:
                after[new] = min(cost, after.get(new, cost))
        best = after
    assert optimal_misses(instance, warm) == min(best.values())
