"""What a newcomer meets first: the version, the ids in --help, short tables, a silent minute that is explained."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import layered_paging
from adversaries.registry import ADVERSARIES
from bounds.theorems.ids import IDS
from bounds.theorems.registry import THEOREMS
from layered_paging import plots
from layered_paging.__main__ import main
from paging.curve import curve
from paging.explain.explanation import explain
from paging.measure import OPT_LOWER, OPT_UPPER, Row, best_rows
from paging.model import Requests
from paging.policies.registry import POLICIES
from paging.traces.formats import FORMATS
from paging.traces.trace import Trace
from tests.layered_paging.test_cli import complaint, document, trace
from tests.test_house import HEAVY, ROOT, run

__all__ = ["trace"]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """That of pyproject.toml."""
    number = (ROOT / "pyproject.toml").read_text().split('\nversion = "')[1].split('"')[0]
    assert layered_paging.__version__ == number
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"layered-paging {number}\n"


LISTED = {
    "verify": (THEOREMS, POLICIES),
    "measure": (POLICIES, FORMATS),
    "curve": (POLICIES, FORMATS),
    "explain": (POLICIES, FORMATS),
    "headroom": (POLICIES, FORMATS),
    "divide": (FORMATS,),
    "optimum-cost": (FORMATS,),
    "generate": (ADVERSARIES, POLICIES),
    "ratio": (POLICIES,),
    "search": (POLICIES,),
    "check": (POLICIES,),
    "campaign run": (POLICIES,),
}


@pytest.mark.parametrize("command", LISTED)
def test_help_lists_the_ids(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """Whole, not broken at their hyphens."""
    assert main([*command.split(), "--help"]) == 0
    words = capsys.readouterr().out.replace(",", " ").split()
    for registry in LISTED[command]:
        for name in registry:
            assert name in words, name


def test_the_ids_of_the_theorems() -> None:
    assert tuple(THEOREMS) == IDS


@pytest.mark.parametrize("command", ["verify", "measure", "generate"])
def test_help_with_ids_is_light(command: str) -> None:
    code = (
        f"import sys; from layered_paging.__main__ import main; main([{command!r}, '--help']); "
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    assert run("-c", code, cwd=ROOT).stdout.strip().endswith("[]")


def rows_of(cache: int, misses: dict[str, int]) -> list[Row]:
    return [Row(name, cache, count, 0.0, 1.0) for name, count in misses.items()]


def test_the_best_rows() -> None:
    """In the order of the caches; OPT first, even where a policy misses less than its upper end."""
    several = {"random": 9, "lru": 8, "fifo": 2, "llru": 7, "mru": 1, OPT_LOWER: 0, OPT_UPPER: 3}
    rows = [*rows_of(9, several), *rows_of(4, several)]
    shown = [(row.cache, row.policy) for row in best_rows(rows, 2)]
    best = [OPT_LOWER, OPT_UPPER, "mru", "fifo", "llru", "lru"]
    assert shown == [(cache, name) for cache in (9, 4) for name in best]
    assert [row.policy for row in best_rows(rows)][:7] == [*best, "random"]


def test_measure_prints_the_best(capsys: pytest.CaptureFixture[str], trace: Path) -> None:
    assert main(["measure", str(trace), "-k", "4"]) == 0
    out = capsys.readouterr().out
    table = [line.split() for line in out.splitlines() if line.startswith("    4")]
    misses = [int(words[2]) for words in table]
    names = [words[1] for words in table]
    assert misses == sorted(misses)
    assert names[0] == "opt"
    assert {"lru", "llru"} <= set(names)
    assert 6 <= len(table) <= 8
    assert "--all prints every policy" in out
    every = document(capsys, "measure", trace, "-k", 4)["rows"]
    assert len(every) == 1 + len(POLICIES)
    assert misses[1:6] == sorted(row["misses"] for row in every if row["policy"] != "opt")[:5]
    for words in (["--all"], ["--policy", "mru", "--policy", "fifo"]):
        assert main(["measure", str(trace), "-k", "4", *words]) == 0
        assert "--all prints" not in capsys.readouterr().out


def test_a_search_without_certificate_tells_its_ratio(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """LFU has no finite state: what is found is measured, not proven. That is an error, but not the end of what was found."""
    path = tmp_path / "c.json"
    words = ["search", "lfu", "-l", "2", "-n", "2", "-k", "3", "--seconds", "1", "--jobs", "1"]
    assert main([*words, "--certificate", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out.startswith("lfu at (l=2, n=2, k=3): ratio ")
    assert "lfu: no certificate without a proof" in err
    assert not path.exists()


@pytest.mark.parametrize("command", [("search", "lru", "--seconds", "1"), ("ratio", "lru"), ("optimum",)])
def test_a_trivial_ratio_has_no_certificate(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    path = tmp_path / "c.json"
    words = [*command, "-l", "2", "-n", "2", "-k", "4"]
    assert main(words) == 0
    assert main([*words, "--certificate", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out.count("ratio 1: trivial") == 2
    assert "a trivial ratio has none; expected k < n*l" in err
    assert not path.exists()


def test_where_the_curve_ends() -> None:
    """Three of 40 pages in a circle: beyond 3 slots nothing changes."""
    found = curve(Requests.of(1, 40, np.tile([0, 1, 2], 9)))
    assert found.settles == 3
    assert found.at(2) != found.at(3) == found.at(40)
    assert curve(Requests.of(1, 40, [5, 6, 7])).settles == 1
    assert curve(Requests.of(1, 9, [0, 1, 2, 3, 0])).settles == 4  # OPT needs 2 slots, LRU 4
    two = curve(Requests.of(1, 9, np.tile([[0, 1], [2, 3]], (5, 1)), "atomic"))
    assert two.settles == 4


def test_the_axis_of_the_curves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr(plots, "save", lambda figure, _: drawn.append(figure))
    made = Trace.from_array(np.tile([0, 1, 2], 9)[:, None], experts=40)
    plots.plot_curve(curve(made.requests()), None, tmp_path / "a.svg", None)
    plots.plot_explanation(explain(made, 2), tmp_path / "b.svg")
    plots.plot_explanation(explain(made, 20), tmp_path / "b.svg")
    ends = [figure.axes[0].get_xlim()[1] for figure in drawn]
    assert 3 < ends[0] < 5
    assert 3 < ends[1] < 5
    assert 20 < ends[2] < 25


MODULE = ("-m", "layered_paging")

NOTICE = "layered-paging: compiling kernels, once on this machine (up to half a minute)"


def said_on_a_terminal(words: list[str], kept: Path, program: tuple[str, ...] = MODULE) -> str:
    """stderr of a command for whom it is a terminal."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(kept)}
    command = [sys.executable, *program, *words]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=theirs, env=environment, cwd=ROOT, check=True, timeout=300
    )
    assert NOTICE.encode() not in done.stdout
    os.close(theirs)
    said = b""
    try:
        while part := os.read(ours, 65536):
            said += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    return said.decode()


def test_compiling_is_announced_once(trace: Path, tmp_path: Path) -> None:
    """On a new machine (an empty store of kernels), on a terminal only, and not where the kernels are found."""
    words = ["optimum-cost", str(trace), "-k", "5", "--engine", "offset"]
    assert said_on_a_terminal(words, tmp_path / "new").count(NOTICE) == 1
    assert NOTICE not in said_on_a_terminal(words, tmp_path / "new")
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "other")}
    command = [sys.executable, "-m", "layered_paging", *words]
    done = subprocess.run(command, capture_output=True, env=environment, cwd=ROOT, check=True, timeout=300)
    assert done.stderr == b""


COMPILES = """
import time
from paging.compiling import kernel

def compiled(number):
    @kernel
    def rule(x):
        return x + 1
    return rule(number)
"""

WORKERS = """
import sys
from layered_paging.cli import app
from paging.pool import pool

def work(number):
    result = compiled(number)
    time.sleep(0.5)  # the other worker has its turn
    return result

def command(words, **_):
    with pool(2) as executor:
        results = [executor.submit(work, number) for number in range(2)]
        assert [each.result() for each in results] == [1, 2]

if __name__ == "__main__":
    from layered_paging import __main__
    app.app = command
    sys.exit(__main__.main(["some", "words"]))
"""

PLAYS = """
from layered_paging import Policy

class Plays(Policy):
    def __init__(self):
        compiled(1)

    def victim(self, page, candidates):
        return min(candidates)
"""


def test_compiling_in_a_pool_is_announced_once(tmp_path: Path) -> None:
    """A command, here a planted one, that compiles nowhere but in two processes of a pool."""
    (tmp_path / "script.py").write_text(COMPILES + WORKERS)
    assert said_on_a_terminal([], tmp_path / "new", (str(tmp_path / "script.py"),)).count(NOTICE) == 1


def test_compiling_where_a_policy_plays_is_announced_once(tmp_path: Path) -> None:
    """In all processes of a card, as the policy compiles something when it is built."""
    (tmp_path / "mine.py").write_text(COMPILES + PLAYS)
    words = ["check", f"{tmp_path}/mine.py:Plays", "--seconds", "0.5"]
    assert said_on_a_terminal(words, tmp_path / "new").count(NOTICE) == 1


def test_bad_versions(capsys: pytest.CaptureFixture[str]) -> None:
    assert "No such option" in complaint(capsys, "--versions")


def test_measure_compares_with_the_best_policy(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """k-l+1 at (2,3,4), 2-1/l at (2,3,2): on the sequences measured nothing need reach them, so they stand apart."""
    trace = tmp_path / "small.trace"
    assert main(["generate", "synthetic", "-l", "2", "-n", "3", "--rounds", "20", "-o", str(trace)]) == 0
    capsys.readouterr()
    assert main(["measure", str(trace), "-k", "2,4"]) == 0
    out = capsys.readouterr().out
    below = out[out.index("On the worst sequences, ALG / OPT:") :]
    assert re.findall(r"best deterministic policy at \(l=2, n=3, k=(\d)\): ratio (\S+) ", below) == [
        ("2", "3/2"),
        ("4", "3"),
    ]
