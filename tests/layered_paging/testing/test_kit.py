"""The kit as a user meets it: the contract inherited, competitiveness asserted, time limits kept."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bounds.checker.upper import prefix_optima
from bounds.search.worst import worst
from layered_paging.testing import assert_competitive
from layered_paging.testing import strategies as kit
from layered_paging.testing.fault import PICKLE, Fault
from layered_paging.testing.finding import Finding
from layered_paging.testing.guard import guarded
from layered_paging.testing.shrink import shrink
from paging.errors import InvalidArgument
from paging.model import Instance, Requests
from paging.policies.lru import LRU
from paging.policies.mru import MRU
from paging.policies.random_eviction import RandomEviction
from paging.policies.registry import POLICIES
from paging.replay import replay
from paging.time_limit import OutOfTime, TimeLimit
from tests.layered_paging.testing.planted import CannotBePickled, EvictsThePageItself
from tests.layered_paging.testing.stubborn import endless, stubborn, wait

ROOT = Path(__file__).parents[3]


def run_pytest(folder: Path, text: str, *options: str) -> str:
    """What pytest says of a test file in a folder of its own, without the settings of this project."""
    (folder / "test_mine.py").write_text(text)
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "test_mine.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


TWO_LINES = """\
from layered_paging.testing import PolicyContract
from {module} import {name}
class TestMine(PolicyContract):
    make = {name}
"""


@pytest.mark.parametrize("some", ["legality or independent", pytest.param("", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("module", "name", "finds"),
    [("clock", "Clock", None), ("hot_pages", "HotPages", None), ("tallies", "Tallies", "shared-state")],
)
def test_two_lines_for_the_examples(
    tmp_path: Path, module: str, name: str, finds: str | None, some: str
) -> None:
    """Two tests of the contract, or all of them."""
    (tmp_path / f"{module}.py").write_text((ROOT / "examples" / f"{module}.py").read_text())
    said = run_pytest(tmp_path, TWO_LINES.format(module=module, name=name), "-k", some)
    if finds is None:
        assert "failed" not in said
        assert "passed" in said
    else:
        assert f"{finds}: " in said
        assert "round  requests" in said
        assert "test_independent_instances" in said


def test_a_contract_without_a_policy_says_so(tmp_path: Path) -> None:
    said = run_pytest(
        tmp_path, "from layered_paging.testing import PolicyContract\nclass TestMine(PolicyContract): pass\n"
    )
    assert "expected a class attribute make" in said
    assert "passed" not in said


def test_without_the_extra_only_the_contract_is_missing(tmp_path: Path) -> None:
    """A plain pip install has no pytest; ``check`` and the rest of the kit do without."""
    (tmp_path / "pytest.py").write_text("raise ModuleNotFoundError('not there', name='pytest')\n")
    environment = dict(os.environ, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command], env=environment, capture_output=True, text=True, check=False
        )

    done = run("-c", "from layered_paging.testing import PolicyContract")
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "PolicyContract needs pytest: install the extra, pip install 'layered-paging[testing]'" in last
    assert run("-c", "from layered_paging.testing import assert_competitive, games").returncode == 0
    done = run("-m", "layered_paging", "check", "lru", "--seconds", "4")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("lru: legal; found: nothing")


def test_true_claims_pass() -> None:
    assert_competitive(LRU, lambda instance: instance.cache, lambda instance: instance.cache)
    assert_competitive("guided-far", 2, 3, instances=Instance(2, 2, 3))


@pytest.mark.parametrize(
    ("policy", "ratio", "additive", "instance"),
    [
        (LRU, 2, 0, Instance(1, 4, 3)),  # Hypothesis finds it
        (LRU, Fraction(29, 10), 7, Instance(1, 4, 3)),  # only the cycle does, many times over: its ratio is 3
        ("lru", Fraction(29, 10), 7, Instance(1, 4, 3)),
        (MRU, 100, 100, Instance(2, 2, 2)),  # no finite ratio
    ],
)
def test_false_claims_fail_with_the_run(
    policy: Any, ratio: int | Fraction, additive: int, instance: Instance
) -> None:
    with pytest.raises(AssertionError, match="not-competitive: ") as caught:
        assert_competitive(policy, ratio, additive, instances=instance, examples=20)
    text = str(caught.value)
    assert "round  requests" in text
    stream = [int(page) for page in text.split("requests [")[1].split("]")[0].split(",")]
    requests = Requests.of(instance.layers, instance.experts, stream)
    run = replay((POLICIES[policy] if isinstance(policy, str) else policy)(), instance, requests)
    optimum = int(prefix_optima(requests, instance, instance.cache)[-1])
    assert run.misses > ratio * optimum + additive
    assert run.misses - 1 <= ratio * optimum + additive  # it ends where it is exceeded


def test_the_claim_is_shrunk() -> None:
    """LRU at (1, 2, 1) exceeds OPT never, and 1 * OPT - 1 with the first request."""
    with pytest.raises(AssertionError, match=r"requests \[0\]:"):
        assert_competitive(LRU, 1, -1, instances=Instance(1, 2, 1))


def test_claims_that_cannot_be_judged() -> None:
    with pytest.raises(InvalidArgument, match=r"ratio: expected an integer or a fraction, got 1\.5"):
        assert_competitive(LRU, 1.5)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="randomized"):
        assert_competitive(RandomEviction, 2)
    with pytest.raises(InvalidArgument, match="at least one instance"):
        assert_competitive(LRU, 2, instances=[])


def test_worst_is_exact_where_the_state_is_finite() -> None:
    found = worst(Instance(1, 4, 3), LRU, seconds=0.1)
    assert found is not None
    assert (found.ratio, found.exact, found.proven) == (3, True, True)
    one, two = (found.run(LRU, times).misses for times in (1, 3))
    assert two - one == 2 * sum(1 for _ in found.cycle)  # it always misses there


class WithoutState(LRU):
    def canonical_state(self, cache: object) -> None:
        return None


class SaysItIsConservative(MRU):
    """It is not: its ratio is infinite. A search that believed it would stop at k, and call that the ratio."""

    conservative = True


def test_worst_is_searched_where_there_is_no_finite_state() -> None:
    found = worst(Instance(1, 3, 2), WithoutState, seconds=2)
    assert found is not None
    assert not found.exact
    assert not found.proven
    assert found.ratio > 1
    assert worst(Instance(1, 4, 3), RandomEviction, seconds=1) is not None


def test_worst_does_not_rest_on_what_the_policy_says() -> None:
    instance = Instance(2, 2, 2)
    whole = worst(instance, SaysItIsConservative, seconds=2)
    assert whole is not None
    assert (whole.ratio, whole.exact) == (math.inf, True)
    searched = worst(instance, SaysItIsConservative, seconds=2, most=0)
    assert searched is not None
    assert searched.proven
    assert searched.ratio == math.inf or not searched.exact


def test_worst_of_a_policy_that_errs() -> None:
    with pytest.raises(Fault, match="cannot be pickled") as caught:
        worst(Instance(1, 3, 2), guarded(CannotBePickled), seconds=1)
    assert caught.value.name == PICKLE
    assert_competitive(CannotBePickled, 1000, 1000, instances=Instance(1, 3, 2))  # by Hypothesis alone
    with pytest.raises(AssertionError, match="not-competitive"):
        assert_competitive(CannotBePickled, 1, 0, instances=Instance(1, 3, 2))
    with pytest.raises(Fault, match="expected one of the candidates"):
        assert_competitive(EvictsThePageItself, 2, instances=Instance(1, 3, 2))


def test_time_limit_interrupts_python() -> None:
    with pytest.raises(OutOfTime), TimeLimit(0.1, __file__):
        endless()


def test_time_limit_interrupts_a_wait() -> None:
    with pytest.raises(OutOfTime), TimeLimit(0.01, __file__):
        wait()


def test_time_limit_interrupts_who_swallows_everything() -> None:
    with pytest.raises(OutOfTime), TimeLimit(0.1, __file__):
        stubborn()
    assert sys.gettrace() is None or "coverage" in sys.modules


def test_time_limit_leaves_everything_as_it_was() -> None:
    rung: list[int] = []
    handler = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    tracing = sys.gettrace()
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with TimeLimit(5, __file__) as limit:
            pass
        assert not limit.over
        assert sys.gettrace() is tracing
        deadline = time.monotonic() + 60
        while not rung and time.monotonic() < deadline:
            time.sleep(0.01)
        assert rung  # the timer that ran before goes on
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)


def test_shrink() -> None:
    """Two requests of page 3 in different rounds are all it takes."""
    instance = Instance(2, 4, 2)
    stream = np.random.default_rng(0).integers(4, size=(30, 2)) + np.array([0, 4])
    stream[5, 0] = stream[20, 0] = 3
    whole = Requests.of(2, 4, stream.reshape(-1))
    small = shrink(instance, whole, lambda _, requests: requests.stream.tolist().count(3) >= 2)
    assert small.stream.tolist() == [3, 4, 3, 4]


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_adversarial_phases_do_not_let_opt_grow(data: st.DataObject) -> None:
    """The requested page is in a set of the offset function wherever the layer has one."""
    instance = data.draw(kit.instances(trivial=False))
    from paging.offline.offset import OffsetFunction

    offset = OffsetFunction(instance)
    for time_, page in enumerate(data.draw(kit.request_sequences(instance)).stream.tolist()):
        layer = time_ % instance.layers
        chosen = kit.least_kept(offset, instance, layer, 1)[0]
        levels = [int(offset.level[q]) for q in instance.layer_pages(layer)]
        inside = [level for level in levels if level < offset.outside]
        assert levels[chosen] == (max(inside) if inside else offset.outside)
        offset.request(page)


def test_findings_have_a_size() -> None:
    run = replay(LRU(), Instance(1, 2, 1), [0, 1])
    long, short = (Finding("x", "y", Instance(1, 2, 1), pages, run) for pages in ((0, 1), (1,)))
    assert short.size < long.size
