"""Cache objects of cachetools and plain functions, as policies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from functools import partial
from pathlib import Path

import cachetools
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layered_paging.policy_spec import as_policy
from layered_paging.testing import PolicyContract
from layered_paging.testing.properties import contents
from layered_paging.testing.strategies import games, request_sequences
from paging.errors import UnknownName
from paging.measure import measure
from paging.model import Instance, Requests
from paging.policies.adapters import CachePolicy, FunctionPolicy
from paging.policies.base import Policy
from paging.policies.fifo import FIFO
from paging.policies.lfu import LFU
from paging.policies.lru import LRU
from paging.policies.named import MakePolicy
from paging.replay import Run, replay


def longest_unused(candidates: Set[int], history: Sequence[int]) -> int:
    """LRU once more."""
    return next(page for page in _oldest_first(history) if page in candidates)


def _oldest_first(history: Sequence[int]) -> list[int]:
    last = {page: time for time, page in enumerate(history)}
    return sorted(last, key=lambda page: last[page])


class TestLRUCache(PolicyContract):
    make = cachetools.LRUCache
    examples = 30


class TestLFUCache(PolicyContract):
    make = cachetools.LFUCache
    examples = 30


class TestFIFOCache(PolicyContract):
    make = cachetools.FIFOCache
    examples = 30


class TestRRCache(PolicyContract):
    make = cachetools.RRCache
    examples = 30


class TestFunction(PolicyContract):
    make = longest_unused
    examples = 30


class TestStaticFunction(PolicyContract):
    make = staticmethod(partial(CachePolicy, cachetools.LRUCache))
    examples = 10


PAIRS: dict[str, tuple[MakePolicy, MakePolicy]] = {
    "LRUCache": (partial(CachePolicy, cachetools.LRUCache), LRU),
    "FIFOCache": (partial(CachePolicy, cachetools.FIFOCache), FIFO),
    "longest_unused": (partial(FunctionPolicy, longest_unused), LRU),
}


@pytest.mark.parametrize("name", PAIRS)
@settings(max_examples=100, deadline=None)
@given(game=games())
def test_the_same_as_ours(name: str, game: tuple[Instance, Requests]) -> None:
    one, two = (replay(make(), *game) for make in PAIRS[name])
    assert contents(one) == contents(two)


@pytest.mark.parametrize("name", PAIRS)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_the_same_as_ours_with_atomic_sets(name: str, data: st.DataObject) -> None:
    """Where the page that would leave is protected, the next one leaves."""
    instance = Instance(2, 3, data.draw(st.integers(2, 5)))
    requests = data.draw(request_sequences(instance, width=2, semantics="atomic"))
    one, two = (replay(make(), instance, requests) for make in PAIRS[name])
    assert contents(one) == contents(two)


def least_counted(stream: Sequence[int], slots: int) -> list[frozenset[int]]:
    """cachetools' LFU in words: only pages in the cache are counted, anew after every load; of equal counts the page leaves
    that has had its count for longest."""
    count: dict[int, int] = {}
    since: dict[int, int] = {}
    caches = []
    for time, page in enumerate(stream):
        if page not in count and len(count) == slots:
            leaves = min(count, key=lambda q: (count[q], since[q]))
            del count[leaves], since[leaves]
        count[page] = count.get(page, 0) + 1
        since[page] = time
        caches.append(frozenset(count))
    return caches


@settings(max_examples=200, deadline=None)
@given(game=games())
def test_lfu_of_cachetools_is_what_it_says(game: tuple[Instance, Requests]) -> None:
    instance, requests = game
    expected = least_counted(requests.stream.tolist(), instance.cache)
    assert contents(replay(CachePolicy(cachetools.LFUCache), instance, requests)) == expected


def test_lfu_of_cachetools_is_not_ours() -> None:
    """Ours remembers the counts of pages that have left; cachetools' does not. It is no matter of ties."""
    instance, stream = Instance(1, 3, 2), [0, 0, 1, 1, 1, 2, 0, 0, 2]
    # 0 (twice) leaves for 2, comes back for 2, is hit: ours has counted it 4 times, cachetools twice; 1 was requested 3 times
    assert contents(replay(LFU(), instance, stream))[-1] == {0, 2}
    assert contents(replay(CachePolicy(cachetools.LFUCache), instance, stream))[-1] == {1, 2}


@settings(max_examples=100, deadline=None)
@given(game=games())
def test_lfu_is_ours_while_nothing_comes_back(game: tuple[Instance, Requests]) -> None:
    """Up to the first load of a page that had left, the counts are the same."""
    instance, requests = game
    ours, theirs = (
        replay(make(), instance, requests) for make in (LFU, partial(CachePolicy, cachetools.LFUCache))
    )
    end = _first_reload(ours)
    assert contents(ours)[:end] == contents(theirs)[:end]


def _first_reload(run: Run) -> int:
    seen: set[int] = set()
    for time, (page, hit) in enumerate(zip(run.requests.stream.tolist(), run.hits, strict=True)):
        if not hit and page in seen:
            return time
        seen.add(page)
    return len(run.hits)


def test_rr_is_seeded_and_uniform() -> None:
    policy = CachePolicy(cachetools.RRCache)
    assert not policy.deterministic
    instance = Instance(1, 5, 4)
    victims: Counter[int] = Counter()
    for seed in range(2000):
        runs = [replay(policy, instance, [0, 1, 2, 3, 4], np.random.default_rng(seed)) for _ in range(2)]
        assert runs[0].evicted.tolist() == runs[1].evicted.tolist()
        victims[int(runs[0].evicted[0])] += 1
    # 500 each expected; chi-squared with 3 degrees of freedom exceeds 16.3 with probability 0.001, and the seeds are fixed
    assert sum((victims[page] - 500) ** 2 / 500 for page in range(4)) < 16.3


def test_history_is_read_only_and_ends_with_the_request() -> None:
    seen: list[tuple[int, ...]] = []

    def note(candidates: Set[int], history: Sequence[int]) -> int:
        assert not hasattr(history, "append")
        seen.append(tuple(history))
        assert history[-1] == history[len(history) - 1]
        return min(candidates)

    replay(FunctionPolicy(note), Instance(1, 3, 1), [0, 1, 1, 2])
    assert seen == [(0, 1), (0, 1, 1, 2)]


def test_specs(tmp_path: Path) -> None:
    """What a user names on the command line."""
    assert isinstance(as_policy("cachetools:LRUCache")(), CachePolicy)
    path = tmp_path / "mine.py"
    path.write_text("def oldest(candidates, history):\n    return min(candidates)\n\ndef other(x): pass\n")
    make = as_policy(f"{path}:oldest")
    assert isinstance(make(), FunctionPolicy)
    with pytest.raises(UnknownName, match="cannot be built without arguments"):
        as_policy(f"{path}:other")
    rows = measure(Requests.of(1, 3, [0, 1, 2, 0]), [2], [make]).rows
    assert [row.misses for row in rows if row.policy == f"{path}:oldest"] == [4]
    with pytest.raises(UnknownName, match="expected a method victim"):
        as_policy(type("Nothing", (Policy,), {}))
