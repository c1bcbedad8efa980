"""The best division is the best of all divisions, each of them replayed."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paging.division import Divided, best_division, division_misses, shared_misses
from paging.errors import InvalidArgument, InvalidPartition
from paging.fast import misses_of
from paging.judged_division import judged_division, parts
from paging.model import Instance, Requests
from paging.offline.belady import optimal_misses
from paging.policies.lru import LRU
from paging.policies.partitioned import Partitioned, even_partition
from paging.policies.registry import DIVIDED
from paging.replay import replay
from paging.traces.synthetic import synthetic
from paging.traces.trace import Trace


def replayed(requests: Requests, slots: tuple[int, ...], policy: str) -> int:
    """Misses of a division without any curve: LRU by the reference replay, OPT by Belady's rule in each layer."""
    if policy == "lru":
        instance = Instance(requests.layers, requests.experts, sum(slots))
        return replay(Partitioned(LRU, slots), instance, requests).misses
    alone = [
        requests.pages[layer :: requests.layers] - layer * requests.experts for layer in range(len(slots))
    ]
    return sum(
        optimal_misses(
            Instance(1, requests.experts, mine), Requests.of(1, requests.experts, pages, "sequential")
        )
        for mine, pages in zip(slots, alone, strict=True)
    )


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 3),
    st.integers(1, 4),
    st.data(),
    st.sampled_from(["lru", "opt"]),
    st.integers(0, 2**32 - 1),
)
def test_against_all_divisions(
    layers: int, experts: int, data: st.DataObject, policy: Divided, seed: int
) -> None:
    cache = data.draw(st.integers(layers, layers * experts + 1))
    rng = np.random.default_rng(seed)
    requests = synthetic(
        layers, experts, data.draw(st.integers(1, 25)), zipf=data.draw(st.floats(0, 2)), rng=rng
    ).requests()
    found = best_division(requests, cache, policy)
    every = [slots for slots in product(range(1, experts + 1), repeat=layers) if sum(slots) <= cache]
    assert found.misses == min(replayed(requests, slots, policy) for slots in every)
    assert (
        found.misses
        == replayed(requests, found.slots, policy)
        == division_misses(requests, found.slots, policy)
    )
    assert sum(found.slots) == min(cache, layers * experts)
    instance = Instance(layers, experts, cache)
    assert shared_misses(requests, cache, policy) == (
        replay("lru", instance, requests).misses if policy == "lru" else optimal_misses(instance, requests)
    )


def test_one_by_one_is_not_enough_for_lru() -> None:
    """Layer 0 cycles through three experts, worth nothing before the third slot; layer 1 asks 0 0 1 0 0 1 …"""
    requests = Requests.of(2, 3, [page for i in range(12) for page in (i % 3, 3 + (i % 3 == 2))])
    found = best_division(requests, 4, "lru")
    assert (found.slots, found.misses) == ((3, 1), 3 + 8)  # greedy: (1, 3) or (2, 2), 12 + 2 misses


def test_a_warm_up_is_not_counted() -> None:
    rng = np.random.default_rng(5)
    requests = synthetic(3, 6, 60, width=2, zipf=1.0, rng=rng).requests(warmup=20)
    instance = Instance(3, 6, 10)
    expected = misses_of(DIVIDED["lru-dist"], instance, requests)
    assert division_misses(requests, even_partition(instance), "lru") == expected
    assert best_division(requests, 10, "lru").misses <= expected < requests.counted


def test_what_does_not_fit_is_refused() -> None:
    requests = Requests.of(2, 2, [0, 2])
    with pytest.raises(InvalidPartition, match="at least 1 slots for each of 2 layers, got k = 1"):
        best_division(requests, 1)
    with pytest.raises(InvalidPartition, match="expected 2 numbers"):
        division_misses(requests, (1,))
    with pytest.raises(InvalidPartition, match="of at least 1"):
        division_misses(requests, (0, 2))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=3),
    st.integers(1, 3),
    st.integers(0, 40),
    st.sampled_from(["lru", "opt"]),
    st.integers(0, 2**32 - 1),
)
def test_bytes_against_all_divisions(
    sizes: list[int], experts: int, more: int, policy: Divided, seed: int
) -> None:
    """Experts of a layer have one size; what is left over serves nobody."""
    layers, capacity = len(sizes), sum(sizes) + more
    requests = synthetic(layers, experts, 12, zipf=0.5, rng=np.random.default_rng(seed)).requests()
    found = best_division(requests, capacity, policy, sizes)
    every = [
        slots
        for slots in product(range(1, experts + 1), repeat=layers)
        if sum(size * mine for size, mine in zip(sizes, slots, strict=True)) <= capacity
    ]
    assert found.slots in every
    assert found.misses == min(replayed(requests, slots, policy) for slots in every)
    assert found.misses == replayed(requests, found.slots, policy)
    left = capacity - sum(size * mine for size, mine in zip(sizes, found.slots, strict=True))
    assert all(left < size or mine == experts for size, mine in zip(sizes, found.slots, strict=True))


def test_a_division_of_one_size_is_one_of_slots() -> None:
    requests = synthetic(3, 6, 60, zipf=1.0, rng=np.random.default_rng(5)).requests()
    for policy in ("lru", "opt"):
        assert best_division(requests, 10 * 4096 + 7, policy, [4096] * 3) == best_division(
            requests, 10, policy
        )
        assert shared_misses(requests, 10 * 4096 + 7, policy, [4096] * 3) == shared_misses(
            requests, 10, policy
        )


def test_sizes_without_a_common_unit_are_refused() -> None:
    requests = Requests.of(2, 2, [0, 2])
    with pytest.raises(InvalidPartition, match="got 16000000 bytes, of 16000001"):
        best_division(requests, 16 * 10**6, sizes=[8 * 10**6, 8 * 10**6 + 1])
    with pytest.raises(InvalidArgument, match="expected sizes with a common unit"):
        best_division(requests, 17 * 10**6, sizes=[8 * 10**6, 8 * 10**6 + 1])


def test_judged_on_tokens_that_it_has_not_seen() -> None:
    """Layer 0 needs its second slot in the first part, layer 1 in the second: what was best is the worst."""
    routing = [[t % 2, 0] for t in range(10)] + [[0, t % 2] for t in range(10)]
    trained, judged = parts(Trace.from_array(routing, experts=2), Fraction(1, 2))
    assert (trained.tokens, judged.tokens, judged.warmup) == (10, 10, 20)
    found = judged_division(trained, judged, 3, "lru")
    assert found.division.slots == (2, 1)
    assert found.divided == (3, 9)  # layer 1 misses every token but the first, which asks for what it holds
    assert found.hindsight.slots == (1, 2)
    assert (
        found.hindsight.misses == 1 + 1
    )  # layer 0 holds expert 1 when the second part begins, layer 1 expert 0
    assert found.even == found.divided
    assert found.shared == (shared_misses(trained, 3, "lru"), shared_misses(judged, 3, "lru"))


def test_both_parts_need_tokens() -> None:
    trace = Trace.from_array([[0], [1]])
    with pytest.raises(InvalidArgument, match=r"leaves tokens on both sides, got 0\.4 of 2 tokens"):
        parts(trace, Fraction(2, 5))
    with pytest.raises(InvalidArgument, match="leaves tokens on both sides, got 1 of 2"):
        parts(trace, Fraction(1))
