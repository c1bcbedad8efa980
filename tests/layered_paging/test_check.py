"""The report card, from the command line and as a value."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from fractions import Fraction
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

from bounds.checker.upper import prefix_optima
from bounds.exact.deterministic import best_deterministic
from bounds.exact.ratio import exact_ratio
from layered_paging.__main__ import main
from layered_paging.policy_spec import as_policy
from layered_paging.report import card as card_module
from layered_paging.report import ratios as ratios_module
from layered_paging.report.card import check
from layered_paging.report.conduct import conduct
from layered_paging.report.ratios import BESIDE, beside, grid, worst_of
from layered_paging.report.traces import CACHES, SYNTHETIC, others
from layered_paging.testing.guard import guarded
from paging.errors import InvalidArgument
from paging.kernel_store import NAME, ROOT, SOURCES
from paging.model import Instance, Requests
from paging.policies.lru import LRU
from paging.policies.registry import POLICIES
from paging.replay import replay
from paging.traces.formats import read_trace
from tests.layered_paging.test_cli import complaint
from tests.layered_paging.testing.planted import CountsInTheClass, Least, Loops, MakesAGeneratorOfItsOwn

EXAMPLES = Path(__file__).parents[2] / "examples"
LONG = 60
"""Seconds, where a card must be whole; with a policy that has exact ratios it is so much earlier."""

GRID = 24
"""Instances with l <= k < n*l <= 6: for l = 1, n - 1 of them for each n from 2 to 6; (2,2): 2, (2,3): 4, (3,2): 3."""


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """The kernels of a card: to compile them, on a new machine, takes longer than some of these cards may."""
    assert list(beside(grid()[:1]))
    assert list(others((), {}))


@pytest.fixture
def small_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight instances, where every finite policy of these tests has its exact ratio at once, and as many games for each check
    as find all planted bugs; by default the seconds allow for up to five times as many."""
    monkeypatch.setattr(ratios_module, "PAGES", 4)
    monkeypatch.setattr(card_module, "MOST", 50)


small = pytest.mark.usefixtures("small_grid")


def card(capsys: pytest.CaptureFixture[str], *arguments: object, status: int) -> Any:
    capsys.readouterr()
    assert main(["check", *map(str, arguments), "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_json_of_a_policy_of_the_registry(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card_module, "MOST", 140)
    found = card(capsys, "fifo", "--seconds", LONG, status=0)
    assert found["legal"] is True
    assert found["findings"] == []
    holds = {name: one["holds"] for name, one in found["properties"].items()}
    assert holds == {
        "deterministic": True,
        "marking": False,
        "conservative": True,
        "stack": False,
        "monotone": False,
    }
    anomaly = found["properties"]["monotone"]["counterexample"]
    costs = []
    for extra in (0, 1):
        instance = Instance(anomaly["layers"], anomaly["experts"], anomaly["cache"] + extra)
        costs.append(replay(POLICIES["fifo"](), instance, anomaly["requests"]).misses)
    assert costs[1] > costs[0]  # Belady's anomaly, replayed
    assert len(found["ratios"]) == GRID
    for row in found["ratios"]:
        instance = Instance(row["layers"], row["experts"], row["cache"])
        assert row["exact"]
        for name, other in (("ratio", "fifo"), *((name, name) for name in BESIDE)):
            assert Fraction(row[name]) == exact_ratio(instance, other).ratio
        assert (
            Fraction(row["optimum"]) == best_deterministic(instance).ratio
        )  # the theorems and the atlas against the game
        assert all(Fraction(row["optimum"]) <= Fraction(row[name]) for name in ("ratio", *BESIDE))
    assert Fraction(found["worst"]["ratio"]) == max(Fraction(row["ratio"]) for row in found["ratios"])
    assert len(found["traces"]) == len(SYNTHETIC) * len(CACHES)
    rates = [(row["hit_rate"], row["opt"]) for row in found["traces"] if row["why"] != "out of time"]
    assert rates
    assert all(mine <= best for mine, best in rates)


@small
def test_the_good_example(capsys: pytest.CaptureFixture[str]) -> None:
    """CLOCK is conservative, so its ratio is at most k (Sleator & Tarjan 1985)."""
    found = card(capsys, f"{EXAMPLES}/clock.py:Clock", "--seconds", LONG, status=0)
    assert found["legal"]
    assert found["findings"] == []
    assert len(found["ratios"]) == 8
    for row in found["ratios"]:
        assert row["exact"]
        assert Fraction(row["optimum"]) <= Fraction(row["ratio"]) <= row["cache"]


@small
def test_the_example_with_a_bug(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", f"{EXAMPLES}/tallies.py:Tallies", "--seconds", "20"]) == 1
    out = capsys.readouterr().out
    assert "found: shared-state" in out.splitlines()[0]
    assert "both share the class attribute Tallies.tally" in out
    assert "hit rates:" in out  # the rest of the card is there


@small
def test_the_example_that_looks_good(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Better than LRU on Zipf traces, and without a finite ratio: the card says so with the cycle."""
    spec, path = f"{EXAMPLES}/hot_pages.py:HotPages", tmp_path / "worst.trace"
    found = card(capsys, spec, "--seconds", LONG, "-o", path, status=0)
    zipf = [row for row in found["traces"] if row["trace"] == "zipf 1"]
    assert len(zipf) == len(CACHES)
    assert all(row["hit_rate"] > row["lru"] + 0.03 for row in zipf)
    worst = found["worst"]
    assert (worst["ratio"], worst["exact"]) == ("inf", True)
    instance = Instance(worst["layers"], worst["experts"], worst["cache"])
    assert exact_ratio(instance, as_policy(spec)).ratio == math.inf
    costs, optima = [], []
    for times in (10, 20):  # the cycle again and again: misses, and OPT stands still
        stream = np.array(worst["prefix"] + worst["cycle"] * times)
        requests = Requests.of(instance.layers, instance.experts, stream)
        costs.append(replay(as_policy(spec)(), instance, requests).misses)
        optima.append(int(prefix_optima(requests, instance, instance.cache)[-1]))
    assert costs[1] - costs[0] >= 10
    assert optima[0] == optima[1]
    saved = read_trace(path).requests().stream.tolist()
    sequence = worst["prefix"] + worst["cycle"] * 10
    assert saved[: len(sequence)] == sequence


@small
def test_text_shows_the_cycle(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", f"{EXAMPLES}/hot_pages.py:HotPages", "--seconds", "20"]) == 0
    out = capsys.readouterr().out
    assert "worst sequence: ratio inf at" in out
    assert "then again and again" in out


@small
def test_a_real_trace(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "a.trace"
    words = ["generate", "synthetic", "-l", "2", "-n", "4", "--rounds", "50", "-o", str(path)]
    assert main(words) == 0
    found = card(capsys, "lru", "--seconds", 30, "--trace", path, "-k", 3, status=0)
    row = found["traces"][0]
    assert (row["trace"], row["cache"]) == (str(path), 3)
    requests = read_trace(path).requests()
    assert row["hit_rate"] == pytest.approx(replay(POLICIES["lru"](), Instance(2, 4, 3), requests).hit_rate)


@small
def test_a_policy_that_hangs_has_a_card(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, saved = tmp_path / "mine.py", tmp_path / "worst.trace"
    path.write_text(
        "from layered_paging import Policy\nclass Hangs(Policy):\n"
        "    def victim(self, page, candidates):\n        while True: pass\n"
    )
    found = card(capsys, f"{path}:Hangs", "--seconds", LONG, "--limit", 0.2, "-o", saved, status=1)
    assert not found["legal"]
    (finding,) = found["findings"]
    assert finding["name"] == "time-limit"
    assert len(finding["requests"]) == 2  # two pages and one slot are enough, and needed
    assert {row["ratio"] for row in found["ratios"]} == {None}
    assert {row["lru"] for row in found["ratios"]} == {"1", "3/2", "2", "3"}
    assert found["worst"] is None
    assert read_trace(saved).requests().stream.tolist() == finding["requests"]
    assert all(one["holds"] is None for one in found["properties"].values())


@small
@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (Loops, "time-limit"),
        (MakesAGeneratorOfItsOwn, "not reproducible"),
        (CountsInTheClass, "its instances share state"),
    ],
)
def test_no_ratio_and_why(kind: type[Least], why: str) -> None:
    made = check(kind, seconds=LONG, limit=0.1)
    assert {row.why for row in made.ratios} == {why}
    assert made.worst is None
    assert not made.sound


@small
def test_a_wrong_canonical_state_is_not_trusted() -> None:
    """Without it the policy has no exact ratio."""
    made = check(Forgetful, seconds=6)
    assert "canonical-state" in {found.name for found in made.conduct.findings}
    assert not any(row.worst is not None and row.worst.exact for row in made.ratios)


class Forgetful(LRU):
    def canonical_state(self, cache: object) -> object:
        return 0


@small
def test_worst_prefers_what_is_larger_then_shorter() -> None:
    rows = check(POLICIES["lru"], seconds=20).ratios
    worst = worst_of(rows)
    assert worst is not None
    assert worst.ratio == 3
    rivals = [row.worst for row in rows if row.worst is not None and row.worst.ratio == 3]
    assert len(rivals) == 2
    assert len(worst.cycle) == min(len(one.cycle) for one in rivals)
    assert worst_of(()) is None


def test_equal_seeds_find_the_same() -> None:
    one, two = (conduct(guarded(POLICIES["random"]), 60, seed=3, examples=30) for _ in range(2))
    assert [each.to_dict() for each in one.properties] == [each.to_dict() for each in two.properties]
    assert one.properties[0].counterexample is not None  # two generators, two runs


def test_the_time_is_kept_while_kernels_load(tmp_path: Path) -> None:
    """On a new machine kernels are compiled first; here they never come: whoever opens one waits for ever.

    Takes its three seconds, in processes of its own. What needs a kernel is missing, and nothing is the policy's fault.
    """
    for path in (path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")):
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for each in vars(module).values():
            if isinstance(each, Dispatcher):
                index = Path(each._cache._cache_file._index_path)  # type: ignore[attr-defined]
                (store,) = (folder for folder in index.parents if folder.name.startswith(NAME))
                here = tmp_path / index.relative_to(store.parent)
                if not here.exists():
                    here.parent.mkdir(parents=True, exist_ok=True)
                    os.mkfifo(here)
    done = subprocess.run(
        [sys.executable, "-m", "layered_paging", "check", "lru", "--seconds", "3", "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        cwd=ROOT,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["findings"] == []
    assert len(found["ratios"]) == GRID
    assert {row[name] for row in found["ratios"] for name in ("ratio", *BESIDE)} == {None}
    assert {row[name] for row in found["traces"] for name in (*BESIDE, "opt")} == {None}


def test_the_best_ratio_is_there_before_any_kernel() -> None:
    """By theorem or atlas; at (2,3,4) it is k - l + 1."""
    first = list(islice(beside(grid()), GRID))
    assert [one.instance for one in first] == grid()
    assert all(one.ratios == {} for one in first)
    assert {one.instance: one.optimum for one in first}[Instance(2, 3, 4)] == 3
    assert all(one.optimum == best_deterministic(one.instance).ratio for one in first)


USER = """\
from layered_paging import Policy

class NoVictim(Policy):
    pass

class NotAPolicy:
    pass

class Good(Policy):
    def victim(self, page, candidates):
        return min(candidates)
"""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere.py:X"], "nowhere.py: no such file"),
        (["no_such_module_at_all:X"], "no_such_module_at_all: cannot be imported: ModuleNotFoundError"),
        (["{mine}:Missing"], "has no class 'Missing'"),
        (["{mine}:NoVictim"], "expected a method victim(page, candidates)"),
        (["{mine}:NotAPolicy"], "expected a subclass of layered_paging.Policy"),
        (["{bad}:X"], "cannot be imported: ZeroDivisionError"),
        (["{exits}:X"], "cannot be imported: SystemExit"),
        (["{syntax}:X"], "cannot be imported: SyntaxError"),
        (["lur"], "did you mean 'lru'?"),
        (["lru", "--seconds", "0"], "--seconds: expected more than 0, got 0"),
        (
            ["lru", "--seconds", "nan"],
            "--seconds: expected more than 0, got nan",
        ),
        (["lru", "--seconds", "1e30"], "--seconds: expected at most 10,000,000 seconds, got 1e+30"),
        (["lru", "--limit", "inf"], "--limit: expected at most 10,000,000 seconds, got inf"),
        (["lru", "--limit", "-1"], "--limit: expected more than 0, got -1"),
        (["lru", "--seconds", "soon"], "--seconds"),
        (["lru", "-o", "{tmp}/no/such/folder/x"], "does not exist"),
        (["lru", "-o", "/proc/x"], "cannot be written"),
        (["lru", "-o", "{tmp}"], "expected a file, this is a folder"),
        (["lru", "--trace", "{tmp}/none", "-k", "3"], "none"),
        (["lru", "--trace", "{mine}"], "expected --trace TRACE and -k SLOTS together"),
        (["lru", "-k", "3"], "expected --trace TRACE and -k SLOTS together"),
    ],
)
def test_bad_input(capsys: pytest.CaptureFixture[str], tmp_path: Path, words: list[str], says: str) -> None:
    texts = {"mine": USER, "bad": "1 / 0", "exits": "import sys; sys.exit(0)", "syntax": "def x(:"}
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
    places = {name: str(tmp_path / f"{name}.py") for name in texts} | {"tmp": str(tmp_path)}
    assert says in complaint(capsys, "check", *(word.format(**places) for word in words))


def test_times_are_judged_in_the_library_too() -> None:
    with pytest.raises(InvalidArgument, match="--seconds"):
        check(Least, seconds=0)
