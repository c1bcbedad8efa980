"""OPT at full speed: by marks, by a tournament, and the interval for pages of different sizes."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layered_paging.testing.strategies import instances, request_sequences
from paging.errors import UnsupportedProblem
from paging.kernels.marks import growth
from paging.model import Instance, Requests, Semantics
from paging.offline.belady import belady, optimal_misses
from paging.offline.by_size import optimum_interval, relaxation
from paging.offline.engines import opt
from paging.offline.intervals import interval_problem
from paging.offline.offset import OffsetFunction
from paging.traces.formats import read_trace
from paging.traces.synthetic import synthetic
from paging.variant import Variant
from tests.paging.offline.by_heap import belady_by_heap

TRACES = Path(__file__).parents[4] / "shared" / "traces"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_marks_are_the_offset_function(data: st.DataObject) -> None:
    """OPT of every prefix."""
    instance = data.draw(instances(max_pages=10))
    requests = data.draw(request_sequences(instance, max_rounds=30))
    offset = OffsetFunction(instance)
    for end, page in enumerate(requests.stream.tolist(), 1):
        offset.request(page)
        prefix = Requests.of(instance.layers, instance.experts, requests.stream[:end])
        assert optimal_misses(instance, prefix) == offset.optimum


def test_growth_request_by_request() -> None:
    """On all small instances; the axis of 4 n*l places is full many times."""
    rng = np.random.default_rng(2)
    for pages in range(1, 9):
        for layers in (layers for layers in range(1, pages + 1) if pages % layers == 0):
            routing = rng.integers(pages // layers, size=(60, layers))
            requests = Requests.of(
                layers, pages // layers, (routing + np.arange(layers) * (pages // layers)).reshape(-1)
            )
            for slots in range(1, pages + 1):
                offset = OffsetFunction(Instance(layers, pages // layers, slots))
                slow = [offset.request(page) for page in requests.stream.tolist()]
                assert growth(requests.stream, pages, slots).tolist() == slow


def test_a_full_axis_changes_nothing() -> None:
    trace = synthetic(2, 5, 3000, zipf=0.8, rng=np.random.default_rng(4)).requests()
    for slots in (1, 2, 5, 9, 10, 12):
        found = optimal_misses(Instance(2, 5, slots), trace)
        assert found == int(np.count_nonzero(~belady_by_heap(Instance(2, 5, slots), trace)))


@settings(max_examples=100, deadline=None)
@given(st.data(), st.sampled_from(["sequential", "atomic"]), st.booleans())
def test_the_tournament_is_the_heap(data: st.DataObject, semantics: Semantics, bypass: bool) -> None:
    """The same schedule, ties included."""
    width = data.draw(st.integers(1, 2))
    instance = data.draw(instances(max_pages=10, least_cache=width).filter(lambda i: i.experts >= width))
    requests = data.draw(request_sequences(instance, max_rounds=20, width=width, semantics=semantics))
    found = belady(instance, requests, bypass=bypass)
    assert found.tolist() == belady_by_heap(instance, requests, bypass=bypass).tolist()


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(["sequential", "atomic"]), st.booleans())
def test_the_optimum_lies_in_its_interval(data: st.DataObject, semantics: Semantics, bypass: bool) -> None:
    """The integer program finds it."""
    instance = data.draw(instances(max_pages=8))
    width = data.draw(st.integers(1, min(2, instance.experts)))
    requests = data.draw(request_sequences(instance, max_rounds=6, width=width, semantics=semantics))
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=instance.pages, max_size=instance.pages))
    unit = data.draw(st.sampled_from([1, 1000]))  # and what cannot be divided
    capacity = data.draw(st.integers(1, 12)) * unit + data.draw(st.integers(0, 1))
    variant = Variant(sizes=np.array(sizes) * unit, capacity=capacity, bypass=bypass)
    try:
        found = optimum_interval(instance, requests, variant)
    except UnsupportedProblem:
        assert not bypass
        return
    best = opt(instance, requests, "ilp", variant=variant)
    assert best.gap == 0
    assert found.lower <= best.cost <= found.upper
    if len(set(sizes)) == 1:
        assert found.exact or capacity < sizes[0] * unit


def test_without_requests_nothing_has_to_fit() -> None:
    nothing = Requests.of(1, 2, np.empty((0, 2), np.int32), "atomic")
    variant = Variant(sizes=[3, 3], capacity=5)
    assert optimum_interval(Instance(1, 2, 1), nothing, variant).to_dict() == {"lower": 0, "upper": 0}


def test_a_relaxation_by_hand() -> None:
    """Three pages of 2 in a cache of 5, one of them being used: 3 bytes hold one and a half of the other two."""
    requests = Requests.of(1, 3, [0, 1, 2, 0, 1, 2])
    variant = Variant(sizes=[2, 2, 2], capacity=5)
    assert optimum_interval(Instance(1, 3, 1), requests, variant).to_dict() == {"lower": 4, "upper": 4}
    problem = interval_problem(Instance(1, 3, 1), requests, variant)
    # a wants steps 1, 2; b: 2, 3; c: 3, 4. In parts a + b <= 3/2 and b + c <= 3/2: at most 1 + 1/2 + 1 hits, so 2
    assert relaxation(problem) == 4
    wide = interval_problem(Instance(1, 3, 1), requests, Variant(sizes=[2, 2, 2], capacity=6))
    assert relaxation(wide) == 3


def test_more_room_never_costs() -> None:
    requests = synthetic(3, 4, 200, zipf=0.7, rng=np.random.default_rng(1)).requests()
    sizes = np.repeat([3, 5, 7], 4)
    found = [
        optimum_interval(Instance(3, 4, 1), requests, Variant(sizes=sizes, capacity=room)).lower
        for room in range(7, 68, 6)
    ]
    assert all(larger <= smaller for smaller, larger in pairwise(found))
    assert found[-1] == 12  # everything fits: first uses


@pytest.mark.skipif(not TRACES.is_dir(), reason="the recorded traces are not beside the checkout")
@pytest.mark.parametrize("phase", ["decode", "prefill"])
@pytest.mark.parametrize(("name", "slots"), [("qwen3-30b-a3b", 288), ("gemma-4-26b-a4b", 180)])
def test_engines_agree_on_the_recorded_traces(name: str, slots: int, phase: str) -> None:
    """Marks, tournament, heap and the offset function in Python on the whole phase; the flow on its beginning."""
    trace = read_trace(TRACES / f"{name}.route.csv")
    requests = trace.requests(phase)  # type: ignore[arg-type]
    instance = Instance(trace.layers, trace.experts, slots)
    offset = OffsetFunction(instance)
    for page in requests.stream.tolist():
        offset.request(page)
    found = {opt(instance, requests, engine).cost for engine in ("belady", "offset")}
    assert found == {offset.optimum, int(np.count_nonzero(~belady_by_heap(instance, requests)))}
    part = trace.requests(phase, tokens=12)  # type: ignore[arg-type]
    assert len({opt(instance, part, engine).cost for engine in ("belady", "offset", "flow")}) == 1
