"""What a policy reads besides the past is found, by playing in processes of its own; and what is not there is not found."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest

from layered_paging.apart.games import play_apart
from layered_paging.apart.judge import Judge, random_games
from layered_paging.apart.process import Process
from layered_paging.apart.wire import Closed, read, write
from layered_paging.policy_spec import Spec
from layered_paging.report.card import check
from layered_paging.report.conduct import conduct
from layered_paging.testing.fault import TIME_LIMIT
from layered_paging.testing.finding import Finding
from layered_paging.testing.guard import guarded
from paging.model import Instance, Requests
from paging.policies.base import Policy
from paging.policies.lru import LRU
from paging.policies.named import PolicyLike, named
from paging.policies.registry import DIVIDED, POLICIES, SHARED
from paging.replay import replay
from tests.layered_paging.testing.cheats import CHEATS, UNNOTICED, ForgesMessages, HangsInC
from tests.layered_paging.testing.planted import Least

EXAMPLES = Path(__file__).parents[3] / "examples"
TOUCHED = Path("/tmp/layered_paging_was_here")


def judged(policy: PolicyLike, limit: float = 2.0) -> Finding | None:
    with Judge(named(policy), limit, random_games(0)) as judge:
        found = judge.judge(300)
        assert found is not None or judge.processes == 5
        return found


@pytest.mark.parametrize(("name", "kind"), CHEATS, ids=[kind.__name__ for _, kind in CHEATS])
def test_cheats_are_named(name: str, kind: type[Policy]) -> None:
    found = judged(kind, 0.5 if name == TIME_LIMIT else 5.0)
    assert found is not None
    assert found.name == name
    assert not TOUCHED.exists()


QUICK = ("lru", "lfu", "marker", "guided-far", "guided-random")


@pytest.mark.parametrize(
    "name",
    [one if one in QUICK else pytest.param(one, marks=pytest.mark.slow) for one in (*SHARED, *DIVIDED)],
)
def test_no_policy_of_the_registry_is_suspected(name: str) -> None:
    assert judged(POLICIES[name]) is None


@pytest.mark.parametrize("spec", ["clock.py:Clock", "hot_pages.py:HotPages"])
def test_no_sound_example_is_suspected(spec: str) -> None:
    assert judged(Spec(f"{EXAMPLES}/{spec}")) is None


@pytest.mark.parametrize("kind", UNNOTICED)
def test_what_is_not_noticed(kind: type[Policy]) -> None:
    """The documentation says that there is such a thing; where this fails, it can promise more."""
    assert judged(kind) is None


def test_a_game_apart_is_a_game() -> None:
    for instance, requests in random_games(1):
        with Process(named(LRU), 2.0, hash_seed=1) as process:
            run = play_apart(process, instance, requests).run
        same = replay(LRU(), instance, requests)
        assert run.hits.tolist() == same.hits.tolist()
        assert run.evicted.tolist() == same.evicted.tolist()
        assert run.evicted_at.tolist() == same.evicted_at.tolist()


def test_messages_build_nothing_but_values() -> None:
    import os

    theirs, ours = os.pipe()
    write(ours, Path("/tmp"))
    with pytest.raises(Closed, match="pathlib"):
        read(theirs)
    write(ours, Instance(2, 2, 3))
    assert read(theirs) == Instance(2, 2, 3)
    TOUCHED.unlink(missing_ok=True)
    with Process(named(ForgesMessages), 2.0, hash_seed=1) as process:
        game = play_apart(process, Instance(1, 2, 1), Requests.of(1, 2, [0, 1, 0]))
    assert game.fault is not None
    assert not TOUCHED.exists()


class SwallowsTheRefusal(Least):
    def victim(self, page: int, candidates: object) -> int:
        with suppress(AttributeError):
            candidates.discard(page)  # type: ignore[attr-defined]
        return super().victim(page, candidates)  # type: ignore[no-any-return, arg-type]


class OnlyLooks(Least):
    def victim(self, page: int, candidates: object) -> int:
        assert hasattr(candidates, "discard") or True
        return super().victim(page, candidates)  # type: ignore[no-any-return, arg-type]


def test_an_attempt_to_change_the_candidates_is_seen_though_it_is_refused() -> None:
    assert {one.name for one in conduct(guarded(SwallowsTheRefusal), 20, examples=20).findings} == {
        "mutation"
    }
    assert not conduct(guarded(OnlyLooks), 20, examples=20).findings


class Slow(Least):
    def victim(self, page: int, candidates: object) -> int:
        time.sleep(0.015)
        return super().victim(page, candidates)  # type: ignore[no-any-return, arg-type]


@pytest.mark.slow
def test_time_is_kept_and_every_row_has_a_value() -> None:
    begin = time.monotonic()
    made = check(Slow, seconds=40)
    assert (
        time.monotonic() - begin < 40 + 25
    )  # the processes start before the time begins; the machine has other work
    assert all(row.worst is not None for row in made.ratios)
    assert all(row.hit_rate is not None for row in made.behaviours)


def test_what_hangs_in_c_is_killed() -> None:
    begin = time.monotonic()
    made = check(HangsInC, seconds=10, limit=0.3)
    assert time.monotonic() - begin < 120  # C would hang for an hour; the machine has other work
    assert TIME_LIMIT in {one.name for one in made.conduct.findings}
    assert all(one.skipped for one in made.conduct.properties)
