from __future__ import annotations

import re
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from paging.cache import Cache
from paging.errors import IllegalEviction, InvalidInstance, InvalidPartition, InvalidRequests
from paging.model import Instance, Requests


def test_pages_are_numbered_layer_by_layer() -> None:
    instance = Instance(3, 4, 5)
    assert instance.pages == 12
    assert [instance.page(j, e) for j in range(3) for e in range(4)] == list(range(12))
    assert [instance.layer(p) for p in instance.layer_pages(2)] == [2] * 4


def test_instance_is_frozen_and_normal() -> None:
    instance = Instance(np.int64(2), 2, 3)  # type: ignore[arg-type]
    assert type(instance.layers) is int
    with pytest.raises(FrozenInstanceError):
        instance.cache = 4  # type: ignore[misc]
    assert not instance.trivial
    assert Instance(2, 2, 4).trivial


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((0, 1, 1), "layers: expected 1 to 2147483647, got 0"),
        ((1, -3, 1), "experts: expected 1 to"),
        ((1, 1, 0), "cache: expected 1 to"),
        ((1, 1, 2**31), "cache: expected 1 to"),
        ((1, 1.5, 1), "experts: expected an integer, got 1.5"),
        ((True, 1, 1), "layers: expected an integer, got True"),
        ((2**16, 2**16, 1), "at most 2147483647 pages"),
    ],
)
def test_instances_outside_the_model(numbers: tuple[int, int, int], said: str) -> None:
    with pytest.raises(InvalidInstance, match=re.escape(said)):
        Instance(*numbers)


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        ([0, 4], "index 1: page 4 does not exist, expected 0 to 3"),
        ([-1], "index 0: page -1 does not exist"),
        ([0, 2, 2], "index 2: page 2 belongs to layer 1, expected layer 0"),
        ([0.0, 2.0], "expected integers, got float64"),
        ([[[0]]], "expected shape"),
        (["a"], "expected integers"),
    ],
)
def test_sequences_outside_the_model(pages: object, said: str) -> None:
    with pytest.raises(InvalidRequests, match=re.escape(said)):
        Requests.of(2, 2, pages)  # type: ignore[arg-type]


def test_sets_need_a_chosen_semantics_and_no_repetition() -> None:
    with pytest.raises(InvalidRequests, match="needs 'sequential' or 'atomic'"):
        Requests.of(1, 3, [[0, 1]])
    with pytest.raises(InvalidRequests, match="index 2: visit 1 repeats a page"):
        Requests.of(1, 3, [[0, 1], [2, 2]], "atomic")
    with pytest.raises(InvalidRequests, match="expected 'sequential' or 'atomic', got 'both'"):
        Requests.of(1, 3, [[0, 1]], "both")  # type: ignore[arg-type]


def test_the_two_semantics_cut_the_same_pages_differently() -> None:
    pages = [[0, 1], [3, 2]]
    one_by_one, together = (Requests.of(1, 4, pages, s) for s in ("sequential", "atomic"))
    assert one_by_one.batches.tolist() == [[0], [1], [3], [2]]
    assert together.batches.tolist() == pages
    assert one_by_one.stream.tolist() == together.stream.tolist() == [0, 1, 3, 2]
    assert len(together) == 4
    assert not together.pages.flags.writeable


def test_requests_fit_an_instance() -> None:
    requests = Requests.of(1, 4, [[0, 1]], "atomic")
    requests.fits(Instance(1, 4, 2))
    with pytest.raises(InvalidRequests, match="atomic sets of 2 pages need at least 2 slots, got 1"):
        requests.fits(Instance(1, 4, 1))
    with pytest.raises(InvalidRequests, match="1 layers of 4 experts, the instance has 1 of 5"):
        requests.fits(Instance(1, 5, 2))


def test_empty_sequences_are_sequences() -> None:
    assert len(Requests.of(2, 2, [])) == 0


def test_transition_rule() -> None:
    cache = Cache(Instance(1, 4, 2))
    cache.load(0)
    cache.load(1)
    assert cache.needed(2) == 1
    assert set(cache.candidates(2, frozenset({1}))) == {0}
    with pytest.raises(IllegalEviction, match="no page was evicted for page 2: all 2 slots"):
        cache.load(2)
    with pytest.raises(
        IllegalEviction, match=r"page 3 cannot be evicted for page 2: expected one of \[0, 1\]"
    ):
        cache.load(2, {3})
    with pytest.raises(IllegalEviction, match="page 1 cannot be evicted"):
        cache.load(2, {1}, protected={1})
    with pytest.raises(IllegalEviction, match="page 1 is loaded although"):
        cache.load(1, {0})
    cache.load(2, {0})
    assert set(cache) == {1, 2}


def test_no_eviction_without_need() -> None:
    cache = Cache(Instance(1, 4, 3))
    cache.load(0)
    with pytest.raises(IllegalEviction, match="needs no eviction: 1 of 3 slots used"):
        cache.load(1, {0})


def test_partition_keeps_layers_apart() -> None:
    cache = Cache(Instance(2, 3, 4), (1, 3))
    cache.load(0)
    assert cache.needed(1) == 1
    assert cache.needed(3) == -2
    assert set(cache.candidates(1)) == {0}
    cache.load(3)
    with pytest.raises(IllegalEviction, match="page 3 cannot be evicted for page 1"):
        cache.load(1, {3})
    cache.load(1, {0})
    assert set(cache) == {1, 3}


@pytest.mark.parametrize("partition", [(1,), (0, 3), (3, 2), (1, 1, 1)])
def test_partitions_that_do_not_fit(partition: tuple[int, ...]) -> None:
    with pytest.raises(InvalidPartition, match="expected 2 counts of at least 1 with sum at most 4"):
        Cache(Instance(2, 3, 4), partition)


def test_candidates_are_a_read_only_set() -> None:
    cache = Cache(Instance(1, 4, 2))
    cache.load(0)
    cache.load(1)
    candidates = cache.candidates(2, {1})
    assert len(candidates) == 1
    assert candidates & {0, 5} == {0}
    assert not hasattr(candidates, "discard")
    assert list(cache.candidates(2)) == [0, 1]
    assert not hasattr(cache.candidates(2), "discard")
    cache.load(3, {0})
    assert list(cache.candidates(2)) == [1, 3]  # the order of loading
