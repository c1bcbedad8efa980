"""Sets of different sizes, several requests, and tokens that are computed together, against plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from layered_paging.testing.strategies import traces
from paging.errors import InvalidRequests, InvalidTrace
from paging.fast import misses_of
from paging.model import Instance, Requests
from paging.offline.engines import opt
from paging.policies.registry import POLICIES
from paging.replay import replay
from paging.traces.passes import interleaved, joined, passes_of, together
from paging.traces.trace import Trace

Sets = list[list[list[int]]]


def sets(trace: Trace) -> Sets:
    """The set of every token and layer."""
    return [[[e for e in cell if e >= 0] for cell in token] for token in trace.routing.tolist()]


def trace_of(rows: Sets, decode: list[bool] | None = None, request: list[int] | None = None) -> Trace:
    width = max(len(cell) for token in rows for cell in token)
    padded = [[cell + [-1] * (width - len(cell)) for cell in token] for token in rows]
    sizes = [[len(cell) for cell in token] for token in rows]
    return Trace.from_array(padded, sizes=sizes, decode=decode, request=request, name="t")


@settings(max_examples=60, deadline=None)
@given(trace=traces(unequal=True))
def test_requests_are_the_experts_in_order(trace: Trace) -> None:
    due = [
        layer * trace.experts + expert
        for token in sets(trace)
        for layer, cell in enumerate(token)
        for expert in cell
    ]
    found = trace.requests("all")
    assert found.stream.tolist() == due
    rounds = np.repeat(found.rounds, found.width)
    per_token = [sum(map(len, token)) for token in sets(trace)]
    assert np.bincount(rounds).tolist() == [size for size in per_token if size]


def test_policies_play_sets_of_different_sizes() -> None:
    """As the same pages of one layer, for LRU; and kernels as the reference replay."""
    trace = trace_of([[[0, 1, 2], [3]], [[1], [0, 3]], [[2, 0], []], [[4], [3]]])
    requests = trace.requests()
    assert requests.rounds.tolist() == [0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3]
    assert requests.visited.tolist() == [0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1]
    instance = Instance(2, trace.experts, 4)
    for policy in POLICIES.values():
        assert misses_of(policy, instance, requests) == replay(policy, instance, requests).misses, policy.id
    assert len({opt(instance, requests, engine).cost for engine in ("belady", "offset", "flow")}) == 1
    flat = Requests.of(1, 2 * trace.experts, requests.stream)
    lru = POLICIES["lru"]
    assert replay(lru, instance, requests).misses == replay(lru, Instance(1, 10, 4), flat).misses


@pytest.mark.parametrize(
    ("pages", "sizes", "semantics", "said"),
    [
        ([0, 1, 4], [2, 2], "sequential", "add up to the 3 pages"),
        ([0, 1, 4], [3, 0], "sequential", "numbers from 1 on"),
        ([0, 1, 4], [1.0, 2.0], "sequential", "two sequences of integers"),
        ([0, 1, 4], [1, 2], "sequential", "index 2: page 4 belongs to layer 1, expected layer 0"),
        ([0, 1, 1, 4, 5], [3, 2], "sequential", "index 2: visit 0 repeats a page in its set"),
        ([0, 1, 2], [2, 1], "sequential", "layer 0, expected layer 1|layer 0 follows layer 0"),
        ([0, 1, 4], [2, 1], "atomic", "expected 'sequential', got 'atomic'"),
        ([0, 9, 4], [2, 1], "sequential", "page 9 does not exist"),
    ],
)
def test_sets_that_are_none(pages: list[int], sizes: list[int], semantics: str, said: str) -> None:
    with pytest.raises(InvalidRequests, match=said):
        Requests.of(2, 4, pages, semantics, sizes=sizes)  # type: ignore[arg-type]


def test_equal_sizes_are_sets_of_one_width() -> None:
    found = Requests.of(2, 4, [0, 1, 4, 5], "atomic", sizes=[2, 2])
    assert found.batches.tolist() == [[0, 1], [4, 5]]


@pytest.mark.parametrize(
    ("sizes", "said"),
    [([[3, 1]], "0 to 2 experts in a set"), ([[1, -1]], "0 to 2 experts"), ([[1]], "expected integers of shape"),
     ([[2, 1]], "token 0, layer 0: an expert is repeated")],
)  # fmt: skip
def test_sizes_that_are_none(sizes: list[list[int]], said: str) -> None:
    with pytest.raises(InvalidTrace, match=said):
        Trace.from_array([[[1, 1], [0, 2]]], sizes=sizes)


def test_atomic_sets_have_one_size() -> None:
    with pytest.raises(InvalidTrace, match=r"sets differ in size.*expected the semantics sequential"):
        trace_of([[[0, 1], [3]]]).requests(semantics="atomic")


def test_warm_up_of_different_sizes() -> None:
    assert trace_of([[[0, 1, 2], [3]], [[1], [0, 3]]]).requests(warmup=1).warmup == 4


@settings(max_examples=60, deadline=None)
@given(trace=traces(unequal=True))
def test_a_pass_is_the_union_of_its_tokens(trace: Trace) -> None:
    step = np.arange(trace.tokens) // 2
    if any(len(set(trace.decode[step == s])) > 1 for s in set(step.tolist())):
        with pytest.raises(InvalidTrace, match="tokens of the prompt and of decoding"):
            joined(trace, step)
        return
    every = sets(trace)
    due = []
    for begin in range(0, trace.tokens, 2):
        tokens = every[begin : begin + 2]
        due.append([list(dict.fromkeys(e for t in tokens for e in t[j])) for j in range(trace.layers)])
    found = joined(trace, step)
    assert sets(found) == due
    assert (found.experts, found.layers) == (trace.experts, trace.layers)


def test_a_prompt_is_one_pass() -> None:
    trace = trace_of([[[0, 1]], [[1, 2]], [[3, 0]], [[1, 2]]], [False, False, True, True])
    assert passes_of(trace).tolist() == [0, 0, 1, 2]
    assert sets(joined(trace, passes_of(trace))) == [[[0, 1, 2]], [[3, 0]], [[1, 2]]]


def test_a_server_decodes_a_token_of_each_request_in_one_pass() -> None:
    trace = trace_of(
        [[[0]], [[1]], [[2]], [[3]], [[4]], [[5]]],
        [False, False, True, True, False, True],
        [7, 7, 7, 7, 3, 3],
    )
    found = interleaved(trace)
    assert sets(found) == [[[0, 1]], [[4]], [[2, 5]], [[3]]]
    assert found.decode.tolist() == [False, False, True, True]
    with pytest.raises(InvalidTrace, match="expected several requests"):
        interleaved(trace_of([[[0]], [[1]]]))


def test_traces_one_after_another() -> None:
    one, two = trace_of([[[0, 1], [2]]]), trace_of([[[3], [4]], [[0], [1]]])
    found = together([one, two])
    assert sets(found) == sets(one) + sets(two)
    assert found.request is not None
    assert found.request.tolist() == [0, 1, 1]
    assert together([found, one]).request.tolist() == [0, 1, 1, 2]  # type: ignore[union-attr]
    with pytest.raises(InvalidTrace, match="t: layers: expected 2 as in t, got 1"):
        together([one, trace_of([[[0]]])])
