"""The policies that engines use: by hand, in words, and against other people's programs."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layered_paging.testing.properties import contents
from layered_paging.testing.strategies import games
from paging.model import Instance, Requests, Semantics
from paging.policies.admission import INSERTS, ONE_IN
from paging.policies.base import Policy
from paging.policies.heat import Heat
from paging.policies.registry import PRACTICAL
from paging.policies.static import Static
from paging.replay import replay
from paging.traces.synthetic import synthetic
from paging.traces.trace import Trace
from tests.paging.policies.naive import heat_by, play, static_by

Game = tuple[Instance, Requests]


@pytest.mark.parametrize(
    ("name", "slots", "stream", "victims"),
    [
        # 0 and 2 are visited; the hand clears 0, takes 1, then clears 2, takes 3 (loaded for 1); on with 0, which is clear
        ("sieve", 3, [0, 1, 2, 0, 2, 3, 4, 5], [1, 3, 0]),
        # the hand takes 0, 1, then 2 with the queue at its end: the next is the oldest, 3, not the newest
        ("sieve", 3, [0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 3]),
        # half of 4 slots: 0, 1 protected, then 2, for which 0 goes back on probation, behind 3
        ("slru", 4, [0, 1, 2, 3, 0, 1, 2, 4, 5, 6], [3, 0, 4]),
        # no one is on probation: 2 slots, both protected but for the share of one
        ("slru", 2, [0, 1, 0, 1, 2], [0]),
        # last but one: 0 at 0, 1 never, so 1 goes; 2 never, so 2; then 0 has 0, 1 has 1
        ("lru-2", 2, [0, 1, 0, 2, 1, 2, 0], [1, 2, 0, 1]),
        # T1 = 0 1, T2 empty, |T1| = c: 0 leaves and is not remembered, so that 0 is no ghost afterwards
        ("arc", 2, [0, 1, 2, 0, 1], [0, 1, 2]),
        # 0 in T2; 1 leaves T1 for 2 and is remembered in B1; 1 again: p = 1, |T1| = 1 is not above it: T2 gives up 0
        ("arc", 2, [0, 0, 1, 2, 1], [1, 0]),
        # small: one slot, main: two. Filling: 0 small, 1 and 2 main. 3: 0 leaves (ghost); 4: 3 leaves; 0: ghost, so to main
        ("s3-fifo", 3, [0, 1, 2, 3, 4, 0, 5], [0, 3, 4, 1]),
        # 0 has two hits: it goes over to the main queue, which then gives up 1
        ("s3-fifo", 3, [0, 1, 2, 0, 0, 3], [1]),
        # rates at 3: 0 has 2 requests, the last 3 ago; 1 has 1, 1 ago: 2/3 < 1
        ("lfru", 2, [0, 0, 1, 1, 2], [0]),
        ("lfru", 2, [0, 0, 0, 1, 2], [1]),
    ],
)
def test_by_hand(name: str, slots: int, stream: list[int], victims: list[int]) -> None:
    assert replay(name, Instance(1, 7, slots), stream).evicted.tolist() == victims


@pytest.mark.parametrize(
    ("name", "slots", "stream", "victims"),
    [
        # layers of 3. 0 and 3 were requested in the round before, so 0 (stale, loaded first) goes; then 3; 1 is fresh for 4
        ("least-stale", 2, [0, 3, 1, 4], [0, 3]),
        # 0 is fresh in the second round though it was loaded first: the stale 3 goes
        ("least-stale", 2, [0, 3, 0, 4], [3]),
        # after layer 0, layer 1 is ahead by 0, layer 0 by 1: 0 is worth 2 * 1, 3 is worth 1 * 2: the tie goes to 3
        ("frequency-distance", 2, [0, 3, 0, 4], [3]),
        # 0 twice: worth 2 * 1 or more; 3 once, ahead by 0: 1 * 2; at the request for 1 the last of 3 is older
        ("frequency-distance", 2, [0, 3, 1], [0]),
    ],
)
def test_by_hand_in_layers(name: str, slots: int, stream: list[int], victims: list[int]) -> None:
    assert replay(name, Instance(2, 3, slots), stream).evicted.tolist() == victims


@pytest.mark.parametrize("every", [3, 10])
@settings(max_examples=25, deadline=None)
@given(game=games())
def test_heat_in_words(every: int, game: Game) -> None:
    compare(Heat(every), heat_by(every), game)


@pytest.mark.parametrize("profile", [0, 7])
@settings(max_examples=25, deadline=None)
@given(game=games())
def test_static_in_words(profile: int, game: Game) -> None:
    compare(Static(profile), static_by(profile), game)


def compare(policy: Policy, rule: object, game: Game) -> None:
    instance, requests = game
    shape = instance.layers, instance.experts, instance.cache
    assert contents(replay(policy, instance, requests)) == play(rule, requests.stream.tolist(), *shape)  # type: ignore[arg-type]


def test_what_is_placed_stays() -> None:
    """After the profile the k - 1 hottest pages hit for ever, and all others share one slot."""
    rng = np.random.default_rng(2)
    stream = np.concatenate([rng.choice(8, size=60, p=np.arange(8) / 28), rng.integers(8, size=300)])
    policy = Static(60)
    run = replay(policy, Instance(1, 8, 4), stream)
    hottest = set(np.argsort(np.bincount(stream[:60], minlength=8), kind="stable")[-3:].tolist())
    late = slice(100, None)
    assert {int(p) for p, hit in zip(stream[late], run.hits[late], strict=True) if hit} >= hottest
    assert not hottest & set(run.evicted[run.evicted_at > 60].tolist())


@settings(max_examples=40, deadline=None)
@given(game=games(), name=st.sampled_from(["throttled", "capped"]))
def test_admission_in_words(name: str, game: Game) -> None:
    """The cache of the engine, and beside it the guest, of whom there is at most one at width 1."""
    instance, requests = game
    held: list[int] = []  # admitted, requested longest ago first
    guest: int | None = None
    full_misses = 0
    expected = []
    for page in requests.stream.tolist():
        if page in held:
            held = [q for q in held if q != page] + [page]
        elif page != guest:
            if len(held) + (guest is not None) < instance.cache:
                held.append(page)
            else:
                full_misses += 1
                if guest is None:
                    held = held[1:]
                guest = None
                if name == "capped" or full_misses % ONE_IN == 0:
                    held = [*held, page]
                else:
                    guest = page
        expected.append({*held, *(() if guest is None else (guest,))})
    assert contents(replay(name, instance, requests)) == expected


@pytest.mark.parametrize(
    ("semantics", "victims"),
    [
        # 4 and 5 take the places of 0 and 1, and are admitted; 6 that of 2, as a guest, which 7 takes from it, and 12 from 7
        ("sequential", [0, 1, 2, 6, 7, 3]),
        # all four are needed together: 7 takes the place of 3; 12 and 13 those of the two guests
        ("atomic", [0, 1, 2, 3, 6, 7]),
    ],
)
def test_a_visit_has_so_many_inserts(semantics: Semantics, victims: list[int]) -> None:
    """Of the 4 new pages of a set the first two stay."""
    assert INSERTS == 2
    rows = [[0, 1, 2, 3], [8, 9, 10, 11], [4, 5, 6, 7], [12, 13, 14, 15], [4, 5, 6, 7]]
    run = replay("capped", Instance(2, 8, 8), Requests.of(2, 8, rows, semantics))
    assert run.evicted[:6].tolist() == victims
    assert run.hits[-4:].tolist() == [True, True, False, False]


TRACES = [
    (slots, synthetic(4, 32, 600, zipf=zipf, width=2, rng=np.random.default_rng(seed)))
    for seed, zipf in ((0, 1.0), (1, 0.5))
    for slots in (20, 40)
]


@pytest.fixture
def peer() -> type:
    pytest.importorskip("libcachesim")
    from benchmarks.peers import LibCacheSim

    return LibCacheSim


@pytest.mark.parametrize(("slots", "trace"), TRACES)
def test_libcachesim_agrees_to_the_miss(peer: type, slots: int, trace: Trace, tmp_path: Path) -> None:
    """SIEVE, ARC and, where 10 divides k, S3-FIFO are theirs. Their SLRU and LRU-K are not ours, and are here in words."""
    requests = trace.requests(semantics="sequential")
    theirs = peer(requests, tmp_path)
    for name, other in (("sieve", "Sieve"), ("s3-fifo", "S3FIFO"), ("arc", "ARC")):
        assert replay(name, Instance(4, 32, slots), requests).misses == theirs.run(other, slots)[1], name
    stream = requests.stream.tolist()
    assert theirs.run("SLRU", slots)[1] == four_segments(stream, slots)
    assert theirs.run("LRUK", slots)[1] == forgetful_lru_2(stream, slots)
    assert set(PRACTICAL) >= {"slru", "lru-2"}


def four_segments(stream: list[int], slots: int) -> int:
    """libcachesim's SLRU: four lists of equal length, a hit brings a page one list up; while there is room, new pages fill
    the lists from below. Ours has the two lists of its authors, and new pages enter the lower one only."""
    lists: list[OrderedDict[int, None]] = [OrderedDict() for _ in range(4)]
    misses = 0
    for page in stream:
        at = next((i for i, pages in enumerate(lists) if page in pages), None)
        if at is not None:
            del lists[at][page]
            to = min(at + 1, 3)
        else:
            misses += 1
            to = next((i for i, pages in enumerate(lists) if len(pages) < slots // 4), 0)
            if sum(map(len, lists)) == slots:
                next(pages for pages in lists if pages).popitem(last=False)
        lists[to][page] = None
        while to and len(lists[to]) > slots // 4:
            down = lists[to].popitem(last=False)[0]
            to -= 1
            lists[to][down] = None
    return misses


def forgetful_lru_2(stream: list[int], slots: int) -> int:
    """libcachesim's LRU-K (K = 2) forgets the requests of a page that leaves; ours, as its authors', remembers them."""
    times: dict[int, list[int]] = {}
    misses = 0
    for now, page in enumerate(stream):
        if page not in times:
            misses += 1
            if len(times) == slots:
                del times[min(times, key=lambda q: (times[q][-2] if len(times[q]) > 1 else -1, times[q][-1]))]
            times[page] = []
        times[page].append(now)
    return misses
