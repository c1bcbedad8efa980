"""What is saved and what a decision may cost, from the definitions; real traces where they are there."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from paging.errors import InvalidRequests, InvalidTrace
from paging.fast import run_of
from paging.model import Instance
from paging.offline.belady import optimal_misses
from paging.policies.registry import SHARED
from paging.timing.headroom import ALL_ELSEWHERE, COMPARED, GIB, headroom
from paging.timing.model import Timing
from paging.traces.formats import read_trace
from paging.traces.synthetic import synthetic
from paging.traces.trace import Trace

TRACES = Path(__file__).parents[4] / "shared" / "traces"
real = pytest.mark.skipif(not TRACES.is_dir(), reason="the recorded traces are not beside the checkout")

MICRO = Fraction(1, 10**6)


def small(sizes: tuple[int, ...] = (GIB // 4,)) -> Trace:
    made = synthetic(4, 9, 50, width=2, zipf=0.9, stickiness=0.4, rng=np.random.default_rng(1))
    return made.sized(sizes)


def test_without_overlap_all_of_it_is_arithmetic() -> None:
    trace, load = small(), Fraction(GIB // 4, 7 * 10**9) + 10 * MICRO
    found = headroom(trace, 12, Timing(Fraction(7 * 10**9), 10 * MICRO, 3 * MICRO), decision=MICRO)
    requests = trace.requests()
    instance = Instance(4, 9, 12)
    computing = 200 * 3 * MICRO
    for row, policy in zip(found.rows, COMPARED, strict=True):
        run = run_of(policy, instance, requests, np.random.default_rng(0))
        assert (row.policy, row.loads, row.evictions) == (policy.id, run.misses, len(run.evicted))
        assert row.times.total == run.misses * load + computing
        assert (
            found.saves(row)
            == (found.own.loads - run.misses) * load - (row is not found.own) * row.evictions * MICRO
        )
        if row.evictions:
            assert found.break_even(row) == (
                (found.own.loads - run.misses) * load / row.evictions,
                (found.own.loads - run.misses) * load / 400,
            )
    best = optimal_misses(instance, requests)
    assert found.exact
    assert found.lower == best * load + computing
    assert found.saved == (found.own.loads - best) * load
    assert found.break_even() == (found.saved / (best - 12), found.saved / 400)
    more, faster, ahead = found.changes
    roomy = Instance(4, 9, 16)
    assert more.what == "1 GiB more cache (+4 slots)"
    assert more.lower == more.upper == optimal_misses(roomy, requests) * load + computing
    assert more.policy == run_of(SHARED["lru"], roomy, requests).misses * load + computing
    assert faster.lower == best * (load + 10 * MICRO) / 2 + computing
    assert ahead.lower <= ahead.upper <= ahead.policy


def test_percentiles_are_of_tokens() -> None:
    """One layer of three experts, two slots: tokens take 5 ticks where they load, and 1 where they do not."""
    trace = Trace.from_array([[0], [1], [0], [1], [2]], expert_bytes=[4])
    found = headroom(trace, 2, Timing(Fraction(1), compute=Fraction(1)))
    assert found.own.times.total == 3 * 5 + 2
    assert [found.own.times.p50, found.own.times.p99] == [5, 5]
    hits = Trace.from_array([[0], [1], [0], [1], [0]], expert_bytes=[4])
    found = headroom(hits, 2, Timing(Fraction(1), compute=Fraction(1)))
    assert [found.own.times.p50, found.own.times.p99] == [1, 5]


def test_what_decides_whether_it_pays() -> None:
    """A policy that saves a tenth of the misses, and pays more for it: the published case."""
    trace = small()
    free = headroom(trace, 12, Timing(Fraction(7 * 10**9)))
    row = max(free.policies, key=free.saves)
    limit, _ = free.break_even(row)
    assert limit is not None
    for share, pays in ((Fraction(9, 10), True), (Fraction(11, 10), False)):
        found = headroom(trace, 12, Timing(Fraction(7 * 10**9)), decision=limit * share)
        assert (found.saves(next(one for one in found.rows if one.policy == row.policy)) > 0) == pays


def test_all_elsewhere() -> None:
    found = headroom(small(), 12, Timing(Fraction(7 * 10**9), elsewhere=5 * MICRO, compute=MICRO))
    nothing = found.rows[-1]
    assert (nothing.policy, nothing.loads) == (ALL_ELSEWHERE, 0)
    assert nothing.times.total == 400 * 5 * MICRO + 200 * MICRO
    assert nothing not in found.policies
    assert found.lower <= nothing.times.total
    assert found.evictions is None


def test_a_warm_up_is_not_counted() -> None:
    trace = small()
    found = headroom(trace, 12, Timing(Fraction(7 * 10**9)), warmup=20)
    assert (found.requests, found.tokens, found.warmup) == (240, 30, 160)
    requests = trace.requests(warmup=20)
    assert found.lower == optimal_misses(Instance(4, 9, 12), requests) * Fraction(GIB // 4, 7 * 10**9)


def test_everything_fits() -> None:
    found = headroom(small(), 36, Timing(Fraction(7 * 10**9)))
    assert found.saved == 0
    assert found.changes[0].what == "twice the bandwidth"


def test_json_holds_all_of_it() -> None:
    found = headroom(small((GIB // 4, GIB // 5, GIB // 4, GIB // 4)), 12, Timing(Fraction(7 * 10**9)))
    said = json.loads(json.dumps(found.to_dict()))
    assert Fraction(said["best"]["lower_seconds"]) == found.lower
    assert {row["policy"]: Fraction(row["seconds"]) for row in said["rows"]} == {
        row.policy: row.times.total for row in found.rows
    }
    assert said["rows"][0]["ms_per_token"] == float(found.own.times.total * 1000 / 50)
    assert said["break_even_us"]["request"] == float(found.saved / 400 * 10**6)
    assert said["saved_at_most_ms_per_token"] == float(found.saved * 1000 / 50)


def test_what_is_missing_is_said() -> None:
    timing = Timing(Fraction(1))
    made = synthetic(2, 3, 4, width=2, rng=np.random.default_rng(0))
    with pytest.raises(InvalidTrace, match="expected the sizes of its experts"):
        headroom(made, 3, timing)
    with pytest.raises(InvalidRequests, match="need at least 2 slots"):
        headroom(made.sized([1]), 1, timing, atomic=True)


@real
@pytest.mark.parametrize("name", ["qwen3-30b-a3b", "gemma-4-26b-a4b"])
def test_recorded_traces(name: str) -> None:
    """Exact without overlap, though layers differ in size; and OPT's loads are where they were measured otherwise."""
    trace = read_trace(TRACES / f"{name}.route.csv")
    cut = Trace.from_array(
        trace.routing[trace.decode][:20], experts=trace.experts, expert_bytes=trace.expert_bytes
    )
    cache = trace.layers * trace.width
    found = headroom(cut, cache, Timing(Fraction(25 * 10**9), compute=100 * MICRO))
    assert found.exact
    assert (
        found.own.loads
        == run_of(SHARED["lru"], Instance(cut.layers, cut.experts, cache), cut.requests()).misses
    )
    assert found.loads >= optimal_misses(Instance(cut.layers, cut.experts, cache), cut.requests())
    overlapped = headroom(cut, cache, Timing(Fraction(25 * 10**9), compute=100 * MICRO, overlap=True))
    assert overlapped.lower <= overlapped.found.total <= found.lower
