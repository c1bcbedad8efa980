"""The best division is the best of all divisions, each of them replayed."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paging.division import Divided, best_division, division_misses
from paging.errors import InvalidPartition
from paging.fast import misses_of
from paging.model import Instance, Requests
from paging.offline.belady import optimal_misses
from paging.policies.lru import LRU
from paging.policies.partitioned import Partitioned, even_partition
from paging.policies.registry import DIVIDED
from paging.replay import replay
from paging.traces.synthetic import synthetic


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
    assert found.shared == (
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
