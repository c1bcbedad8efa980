"""OPT with a warm-up against a brute force that knows only what is counted, and between the engines."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paging.curve import curve
from paging.errors import InvalidRequests, InvalidTrace
from paging.fast import run_of
from paging.model import Instance, Requests
from paging.offline.belady import belady, optimal_misses
from paging.offline.by_size import optimum_interval
from paging.offline.engines import opt
from paging.offline.warm import shortened
from paging.policies.registry import POLICIES
from paging.traces.synthetic import synthetic
from paging.traces.trace import Trace
from paging.variant import Variant
from tests.paging.offline.by_heap import belady_by_heap


def least_counted(batches: list[list[int]], warm: int, room: int, sizes: list[int], bypass: bool) -> int:
    """Over all caches after every batch, for all schedules at once: the definition, with nothing clever in it."""
    best: dict[frozenset[int], int] = {frozenset(): 0}
    for number, batch in enumerate(batches):
        need = frozenset(batch)
        after: dict[frozenset[int], int] = {}
        for cache, cost in best.items():
            paid = cost + (len(need - cache) if number >= warm else 0)
            pool = sorted(cache | need)
            for kept in chain.from_iterable(combinations(pool, size) for size in range(len(pool) + 1)):
                new = frozenset(kept)
                legal = sum(sizes[page] for page in new) <= room and (bypass or need <= new)
                if legal and after.get(new, paid + 1) > paid:
                    after[new] = paid
        best = after
    return min(best.values())


@st.composite
def warmed(draw: st.DrawFn) -> Requests:
    layers, experts = draw(st.sampled_from([(1, 4), (1, 6), (2, 2), (2, 3), (3, 2)]))
    width = draw(st.integers(1, min(3, experts)))
    tokens = draw(st.integers(2, 10))
    trace = synthetic(
        layers,
        experts,
        tokens,
        width=width,
        zipf=0.5,
        rng=np.random.default_rng(draw(st.integers(0, 2**32 - 1))),
    )
    requests = trace.requests(semantics=draw(st.sampled_from(["sequential", "atomic"])))
    return requests.warmed(draw(st.integers(0, tokens * layers - 1)) * width)


@settings(max_examples=300, deadline=None)
@given(warmed(), st.integers(1, 5), st.booleans())
def test_the_definition(requests: Requests, cache: int, bypass: bool) -> None:
    """Belady's rule after the shorter warm-up, min-cost flow on the whole, and the brute force give one number."""
    if requests.batch > cache:
        return
    instance = Instance(requests.layers, requests.experts, cache)
    pages = [1] * instance.pages
    batches = requests.batches.tolist()
    expected = least_counted(batches, requests.warmup // requests.batch, cache, pages, bypass)
    variant = Variant(bypass=bypass)
    assert opt(instance, requests, "flow", variant=variant).cost == expected
    assert opt(instance, requests, "belady", variant=variant).cost == expected
    assert int((~belady_by_heap(instance, requests, bypass=bypass)).sum()) == expected
    assert len(belady(instance, requests, bypass=bypass)) == requests.counted
    if not bypass:
        assert optimal_misses(instance, requests) == expected
        assert curve(requests).at(cache)[1] == expected
        for name in ("lru", "llru", "mru", "marker"):
            assert run_of_misses(name, instance, requests) >= expected


def run_of_misses(name: str, instance: Instance, requests: Requests) -> int:
    return run_of(POLICIES[name], instance, requests, np.random.default_rng(0)).misses


@settings(max_examples=100, deadline=None)
@given(warmed(), st.integers(0, 2**32 - 1))
def test_the_interval_of_sizes(requests: Requests, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 4, requests.layers * requests.experts)
    room = int(sizes[requests.batches].sum(axis=1).max()) + int(rng.integers(0, 4))
    instance = Instance(requests.layers, requests.experts, 1)
    found = optimum_interval(instance, requests, Variant(sizes=sizes, capacity=room))
    best = least_counted(
        requests.batches.tolist(), requests.warmup // requests.batch, room, sizes.tolist(), False
    )
    assert found.lower <= best <= found.upper


def test_an_optimum_that_pays_in_the_warm_up() -> None:
    """a b c b c, then a: Belady's schedule for the whole ends the warm-up with b and c; one that keeps a misses nothing."""
    requests = Requests.of(1, 3, [0, 1, 2, 1, 2, 0]).warmed(5)
    instance = Instance(1, 3, 2)
    whole = Requests.of(1, 3, [0, 1, 2, 1, 2, 0])
    assert belady(instance, whole).tolist() == [False, False, False, True, True, False]
    assert optimal_misses(instance, requests) == 0
    assert shortened(requests).stream.tolist() == [0, 1, 2, 0]


@settings(max_examples=60, deadline=None)
@given(warmed())
def test_curves_and_policies_after_a_warm_up(requests: Requests) -> None:
    """LRU at every size as replayed, and the counted misses are the last ones of the run."""
    found = curve(requests)
    assert found.requests == requests.counted
    for size in found.cache.tolist():
        instance = Instance(requests.layers, requests.experts, size)
        run = run_of(POLICIES["lru"], instance, requests, np.random.default_rng(0))
        assert found.at(size) == (run.misses, optimal_misses(instance, requests))
        cold = run_of(POLICIES["lru"], instance, requests.warmed(0), np.random.default_rng(0))
        costs = [0, *cold.costs().tolist()]
        assert run.misses == costs[-1] - costs[requests.warmup]


def test_bad_warm_ups() -> None:
    requests = Requests.of(1, 4, [[0, 1], [2, 3]], "atomic")
    for count in (-2, 1, 4, 6):
        with pytest.raises(InvalidRequests, match="warmup: expected whole sets of 2, fewer than all 4"):
            requests.warmed(count)


def test_the_prompt_of_a_trace() -> None:
    trace = Trace.from_array(np.arange(12).reshape(6, 2) % 3, experts=3, decode=[0, 0, 1, 1, 1, 1])
    after = trace.requests(warmup="prefill")
    assert (len(after), after.warmup, after.counted) == (12, 4, 8)
    assert after.stream.tolist() == trace.requests("all").stream.tolist()
    assert trace.requests("all", warmup="prefill").warmup == 4
    assert trace.requests(warmup="prefill", tokens=1).counted == 2
    numbered = trace.requests(warmup=3)
    assert (len(numbered), numbered.warmup) == (8, 6)
    for phase, warmup, said in (
        ("decode", 4, "expected fewer than the 4 tokens of phase decode, got 4"),
        ("decode", -1, "expected fewer than the 4 tokens"),
        ("prefill", "prefill", "expected decoded tokens to count after the prompt, got none"),
    ):
        with pytest.raises(InvalidTrace, match=said):
            trace.requests(phase, warmup=warmup)  # type: ignore[arg-type]
    two = Trace.from_array(trace.routing, experts=3, decode=[0, 1, 1, 0, 1, 1])
    with pytest.raises(InvalidTrace, match="token 3 is of a later one"):
        two.requests(warmup="prefill")
    with pytest.raises(InvalidTrace, match="the trace has none"):
        Trace.from_array(trace.routing, experts=3).requests(warmup="prefill")
