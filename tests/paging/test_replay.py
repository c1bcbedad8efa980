from __future__ import annotations

import re
import sys
from collections.abc import Set
from types import FrameType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layered_paging.testing.strategies import instances, policies, request_sequences
from paging.errors import IllegalEviction, InvalidPartition
from paging.model import Instance, Page, Requests, Semantics
from paging.policies.base import Policy
from paging.policies.fifo import FIFO
from paging.policies.flush_when_full import FlushWhenFull
from paging.policies.lru import LRU
from paging.policies.named import NamedPolicy
from paging.replay import replay


def test_a_run_by_hand() -> None:
    """l=2, n=2, k=3; requests a0 b0 a1 b1 a0 b0: LRU misses all; OPT pays 4, as a1 leaves for b1."""
    run = replay(LRU(), Instance(2, 2, 3), [0, 2, 1, 3, 0, 2])
    assert run.misses == 6
    assert run.hit_rate == 0
    assert run.evicted.tolist() == [0, 2, 1]
    assert run.evicted_at.tolist() == [3, 4, 5]
    assert run.costs().tolist() == [1, 2, 3, 4, 5, 6]
    rounds = run.table()
    assert [r.requests for r in rounds] == [(0, 2), (1, 3), (0, 2)]
    assert [r.evicted for r in rounds] == [(), (0,), (2, 1)]
    assert sum(r.growth or 0 for r in rounds) == 4
    assert run.to_dict()["misses"] == 6


def test_flush_gives_up_everything() -> None:
    run = replay(FlushWhenFull(), Instance(1, 3, 2), [0, 1, 2, 0, 2])
    assert run.hits.tolist() == [False, False, False, False, True]
    assert run.evicted.tolist() == [0, 1]
    assert run.evicted_at.tolist() == [2, 2]


class Answer(Policy):
    """Answers with whatever it was built with."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        return self.answer  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (2, "page 2 cannot be evicted for page 2"),
        (7, "page 7 cannot be evicted for page 2: expected one of [0, 1]"),
        (None, "Answer.victim returned None: expected one of the candidates"),
        (1.0, "Answer.victim returned 1.0"),
        (True, "Answer.victim returned True"),
        (frozenset(), "no page was evicted for page 2"),
    ],
)
def test_illegal_answers(answer: object, said: str) -> None:
    with pytest.raises(IllegalEviction, match=re.escape(said)):
        replay(Answer(answer), Instance(1, 3, 2), [0, 1, 2])


def test_a_policy_without_victim() -> None:
    with pytest.raises(NotImplementedError, match="Policy does not implement victim"):
        replay(Policy(), Instance(1, 3, 2), [0, 1, 2])


def test_pages_of_an_atomic_set_protect_each_other() -> None:
    requests = Requests.of(1, 4, [[0, 1], [2, 3], [0, 3]], "atomic")
    run = replay(LRU(), Instance(1, 4, 2), requests)
    assert run.evicted.tolist() == [0, 1, 2]
    assert run.hits.tolist() == [False, False, False, False, False, True]
    assert run.table()[0].sets is None


def test_atomic_sets_must_fit_each_layers_slots() -> None:
    from paging.policies.partitioned import Partitioned

    requests = Requests.of(2, 3, [[0, 1], [3, 4]], "atomic")
    with pytest.raises(InvalidPartition, match="atomic sets of 2 pages need 2 slots in every layer"):
        replay(Partitioned(LRU), Instance(2, 3, 3), requests)


@given(st.data(), instances(), policies())
def test_conservation(data: st.DataObject, instance: Instance, policy: NamedPolicy) -> None:
    """Each miss loads one page: loads - evictions = pages in the cache at the end, never more than k."""
    if "dist" in policy.id and instance.cache < instance.layers:
        return
    requests = data.draw(request_sequences(instance))
    run = replay(policy, instance, requests)
    there: set[int] = set()
    leaves: dict[int, tuple[int, ...]] = dict.fromkeys(range(len(requests)), ())
    for page, at in zip(run.evicted.tolist(), run.evicted_at.tolist(), strict=True):
        leaves[at] = (*leaves[at], page)
    for time, page in enumerate(requests.stream.tolist()):
        assert (page in there) == run.hits[time]
        there -= set(leaves[time])
        there.add(page)
        assert len(there) <= instance.cache
    assert run.misses - len(run.evicted) == len(there)


class Watched(FIFO):
    """Keeps the very objects that it was given."""

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        super().start(instance, rng)
        self.objects: dict[int, set[int]] = {}
        self.kept: list[int] = []

    def request(self, page: int, hit: bool) -> None:
        super().request(page, hit)
        self.kept.append(page)
        self.objects.setdefault(page, set()).add(id(page))


@pytest.mark.parametrize("semantics", ["sequential", "atomic"])
def test_a_page_is_one_object_for_the_policy(semantics: Semantics) -> None:
    """A dictionary finds it by its identity: of the seconds that a policy takes to look up every candidate, a fifth."""
    sets = 1000 + np.array(
        [[0, 1], [2, 3], [1, 2], [3, 0]] * 5
    )  # small numbers are single objects in any case
    policy = Watched()
    replay(policy, Instance(1, 2000, 3), Requests.of(1, 2000, sets, semantics))
    assert [len(policy.objects[page]) for page in (1000, 1001, 1002, 1003)] == [1, 1, 1, 1]


def test_replay_calls_little_beside_the_policy() -> None:
    """Calls of Python functions for each miss with a full cache: 17, or 34 where each fact is asked for several times."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    instance, short, long = Instance(1, 8, 4), [*range(8)] * 2, [*range(8)] * 52
    before = sys.getprofile()
    found = []
    for pages in (short, long):
        calls = 0
        sys.setprofile(count)
        try:
            run = replay(FIFO(), instance, pages)
        finally:
            sys.setprofile(before)
        assert run.misses == len(pages)
        found.append(calls)
    assert (found[1] - found[0]) / (len(long) - len(short)) <= 20
