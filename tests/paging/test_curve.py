"""The curves agree with single runs at every cache size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paging.curve import curve
from paging.fast import misses_of
from paging.model import Instance, Requests, Semantics
from paging.offline.belady import belady, optimal_misses
from paging.offline.engines import opt
from paging.policies.registry import POLICIES
from paging.replay import replay
from paging.traces.formats import read_trace
from paging.traces.synthetic import synthetic
from paging.traces.trace import Phase
from tests.paging.offline.by_heap import belady_by_heap

TRACES = Path(__file__).parents[3] / "shared" / "traces"
real = pytest.mark.skipif(not TRACES.is_dir(), reason="the recorded traces are not beside the checkout")


def compare(requests: Requests) -> None:
    found = curve(requests)
    pages = requests.layers * requests.experts
    assert found.cache.tolist() == list(range(requests.batch, pages + 1))
    for size in found.cache.tolist():
        instance = Instance(requests.layers, requests.experts, size)
        lru = replay(POLICIES["lru"](), instance, requests).misses
        best = int(np.count_nonzero(~belady(instance, requests)))
        assert found.at(size) == (lru, best)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 4),
    st.integers(1, 5),
    st.data(),
    st.sampled_from(["sequential", "atomic"]),
    st.integers(0, 2**32 - 1),
)
def test_random_traces(layers: int, experts: int, data: st.DataObject, semantics: str, seed: int) -> None:
    width = data.draw(st.integers(1, experts))
    tokens = data.draw(st.integers(1, 40))
    rng = np.random.default_rng(seed)
    trace = synthetic(layers, experts, tokens, width=width, zipf=data.draw(st.floats(0, 2)), rng=rng)
    compare(trace.requests(semantics=semantics))  # type: ignore[arg-type]


def test_many_pages_renumber_the_slots() -> None:
    """More than 4 * pages requests, so that the Fenwick tree is rebuilt several times."""
    compare(synthetic(2, 5, 400, rng=np.random.default_rng(1)).requests())


def test_cyclic_requests() -> None:
    """N pages in a circle: LRU misses everything below N slots; OPT with N-1 the first N requests, then every (N-1)-st."""
    pages, rounds = 6, 20
    found = curve(Requests.of(1, pages, np.tile(np.arange(pages), rounds)))
    assert found.lru.tolist() == [pages * rounds] * (pages - 1) + [pages]
    assert found.opt[-1] == pages
    assert found.opt[-2] == pages + (pages * rounds - pages) // (pages - 1)


def test_larger_caches_change_nothing() -> None:
    found = curve(Requests.of(1, 3, [0, 1, 2, 0, 1, 2]))
    assert found.at(1000) == found.at(3) == (3, 3)
    assert found.to_polars().shape == (3, 3)


@real
@pytest.mark.parametrize("every", [97, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("phase", ["decode", "prefill"])
@pytest.mark.parametrize("semantics", ["sequential", "atomic"])
@pytest.mark.parametrize("name", ["qwen3-30b-a3b", "gemma-4-26b-a4b"])
def test_recorded_traces(name: str, semantics: Semantics, phase: Phase, every: int) -> None:
    """At every size, or every 97th, by kernels; at some by the reference replay and by Belady's rule on a heap."""
    requests = read_trace(TRACES / f"{name}.route.csv").requests(phase, semantics)
    found = curve(requests)
    step = every if semantics == "sequential" else 97  # OPT of sets has only Belady's rule, which is slower
    for size in found.cache.tolist()[::step]:
        instance = Instance(requests.layers, requests.experts, size)
        assert found.at(size) == (
            misses_of(POLICIES["lru"], instance, requests),
            optimal_misses(instance, requests),
        )
    for size in (180, 288, 1000):
        instance = Instance(requests.layers, requests.experts, size)
        lru = replay(POLICIES["lru"](), instance, requests).misses
        assert found.at(size) == (lru, int(np.count_nonzero(~belady_by_heap(instance, requests))))


@real
@pytest.mark.parametrize("tokens", [10, pytest.param(None, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ["qwen3-30b-a3b", "gemma-4-26b-a4b"])
def test_engines_agree_on_recorded_traces(name: str, tokens: int | None) -> None:
    """Three algorithms that share nothing: marks on the recency stack, Belady's rule, min-cost flow; and offset functions."""
    trace = read_trace(TRACES / f"{name}.route.csv")
    phases: tuple[Phase, ...] = ("decode", "prefill")
    for phase in phases:
        requests = trace.requests(phase, tokens=tokens)
        for size in (trace.layers, trace.layers * trace.width, 1000):
            instance = Instance(trace.layers, trace.experts, size)
            costs = {engine: opt(instance, requests, engine).cost for engine in ("belady", "flow", "offset")}
            assert set(costs.values()) == {optimal_misses(instance, requests)}, costs
