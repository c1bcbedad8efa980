"""The command line as a user meets it: results, JSON, bad input, interruption."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from bounds.theorems.registry import THEOREMS
from layered_paging.__main__ import main
from layered_paging.cli.app import spread
from layered_paging.cli.numbers import capacities
from paging.policies.registry import POLICIES
from paging.traces.formats import read_trace, write_trace
from paging.traces.trace import Trace
from tests.layered_paging.waiting import wait_until
from tests.paging.traces.test_formats import TEXT

ROOT = Path(__file__).parents[2]
QWEN = ROOT.parent / "shared" / "traces" / "qwen3-30b-a3b.route.csv"
real = pytest.mark.skipif(not QWEN.is_file(), reason="the recorded traces are not beside the checkout")

USER = """\
from layered_paging import Policy

class Oldest(Policy):
    def start(self, instance, rng):
        self.order = []
    def request(self, page, hit):
        if page in self.order:
            self.order.remove(page)
        self.order.append(page)
    def victim(self, page, candidates):
        return next(q for q in self.order if q in candidates)

class Wrong(Policy):
    marking = True
    def victim(self, page, candidates):
        return max(candidates)

class Needs(Policy):
    def __init__(self, something):
        pass

class NotAPolicy:
    pass
"""


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "a.trace"
    assert main(["generate", "synthetic", "-l", "3", "-n", "4", "--rounds", "40", "-o", str(path)]) == 0
    return path


@pytest.fixture
def user(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(USER)
    return path


def document(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    capsys.readouterr()
    assert main([*map(str, arguments), "--json"]) in (0, 1)
    return json.loads(capsys.readouterr().out)


def complaint(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line on stderr of a command that must fail with status 2 and print nothing else."""
    capsys.readouterr()
    assert main([str(argument) for argument in arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("layered-paging: error: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def test_verify_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "-l", "2", "-n", "2", "-k", "3", "--jobs", "1"]) == 0
    out = capsys.readouterr().out
    for name, theorem in THEOREMS.items():
        row = next(line for line in out.splitlines() if line.startswith(name + " "))
        assert theorem.tags in row
        assert "VIOLATED" not in row


def test_verify_json_has_the_promised_keys(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(
        capsys, "verify", "-l", 2, "-n", 2, "-k", 3, "--theorem", "lru-lower", "--policy", "fifo"
    )
    assert (found["passed"], found["failed"], found["inconclusive"]) == (2, 0, 0)
    assert [check["adversary"] for check in found["checks"]] == ["lru-lower", "exact"]
    keys = "theorem tag adversary layers experts cache parameters policy bound measured rounds ok excess enclosure"
    for check in found["checks"]:
        assert check["measured"] == check["bound"] == "3"
        assert set(keys.split()) <= set(check)


def test_verify_in_two_processes_gives_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["verify", "-l", 1, "--theorem", "lru-upper", "--policy", "lru", "--jobs"]
    assert document(capsys, *words, 1) == document(capsys, *words, 2)


def test_verify_with_a_users_policy_that_lies(capsys: pytest.CaptureFixture[str], user: Path) -> None:
    """Claims to be marking, and is not k-competitive: exit status 1, the sequence is shown."""
    words = ["verify", "-l", "2", "-n", "3", "-k", "2", "--policy", f"{user}:Wrong", "--theorem", "lru-upper"]
    assert main(words) == 1
    out, err = capsys.readouterr()
    assert "VIOLATED" in out
    assert f"VIOLATED lru-upper at (l=2, n=3, k=2): {user}:Wrong against" in err
    assert "requests: " in err


def test_measure(capsys: pytest.CaptureFixture[str], trace: Path, user: Path, tmp_path: Path) -> None:
    plot = tmp_path / "plot.svg"
    words = ["measure", trace, "-k", 3, 6, "--policy", "lru", "--policy", f"{user}:Oldest", "--plot", plot]
    found = document(capsys, *words)
    assert found["requests"] == 120
    assert found["dropped_tokens"] == 0
    rows = {(row["policy"], row["cache"]): row for row in found["rows"]}
    for cache in (3, 6):
        assert rows["lru", cache]["misses"] == rows[f"{user}:Oldest", cache]["misses"]
        assert rows["opt", cache]["misses"] <= rows["lru", cache]["misses"]
        assert rows["opt", cache]["ratio_to_opt"] == "1"
    assert plot.read_text().startswith("<?xml")


def test_measure_all_policies(capsys: pytest.CaptureFixture[str], trace: Path) -> None:
    assert main(["measure", str(trace), "-k", "4,5", "--all"]) == 0
    out = capsys.readouterr().out
    for name in POLICIES:
        assert sum(f" {name} " in line for line in out.splitlines()) == 2
    assert "3 layers x 4 experts, 1 per token, 120 decode requests, sequential" in out


def test_policies_that_cannot_divide_the_cache_are_left_out(
    capsys: pytest.CaptureFixture[str], trace: Path
) -> None:
    found = document(capsys, "measure", trace, "-k", 2)
    assert {row["policy"] for row in found["rows"]} == {
        "opt",
        *(p for p in POLICIES if not p.endswith("-dist")),
    }
    assert "at least one slot per layer" in complaint(
        capsys, "measure", trace, "-k", 2, "--policy", "lru-dist"
    )


def test_equal_seeds_equal_pictures(capsys: pytest.CaptureFixture[str], trace: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "1.svg", tmp_path / "2.svg"
    for path in (one, two):
        document(capsys, "measure", trace, "-k", 3, "--policy", "marker", "--plot", path)
    assert one.read_bytes() == two.read_bytes()


def test_optimum_cost(capsys: pytest.CaptureFixture[str], trace: Path) -> None:
    found = document(capsys, "optimum-cost", trace, "-k", 4, "--engine", "belady,offset,flow,ilp", "--prove")
    assert len(set(found["engines"].values())) == 1
    assert found["agree"] is True
    assert found["proven"] == found["engines"]["belady"]
    assert main(["optimum-cost", str(trace), "-k", "4", "--prove", "--first", "9"]) == 0
    assert "proven: no schedule has fewer than" in capsys.readouterr().out


def test_optimum_cost_after_a_warm_up(capsys: pytest.CaptureFixture[str], trace: Path) -> None:
    """Three of the tokens are not counted: all engines agree, and the hit rate is of the requests that are counted."""
    words = ("optimum-cost", trace, "-k", 4, "--warmup", 3)
    cold = document(capsys, "optimum-cost", trace, "-k", 4)
    found = document(capsys, *words, "--engine", "flow,belady,offset,ilp", "--prove")
    assert found["agree"] is True
    assert len({*found["engines"].values(), found["proven"]}) == 1
    assert found["warmup"] > 0
    assert found["requests"] + found["warmup"] == cold["requests"]
    assert found["engines"]["flow"] < cold["engines"]["belady"]
    part = document(capsys, *words, "--first", 2 * found["warmup"])
    assert (part["warmup"], part["requests"]) == (found["warmup"], 2 * found["warmup"])
    assert main([str(word) for word in words]) == 0
    out = capsys.readouterr().out
    assert f"after {found['warmup']} that are not counted" in out
    assert f"{1 - found['engines']['flow'] / found['requests']:.2%}" in out
    assert "or belady, without a warm-up" in complaint(capsys, *words, "--prove")


@real
def test_the_recorded_trace(capsys: pytest.CaptureFixture[str]) -> None:
    """Measured independently: 36,864 decode requests, LRU 27.5 %, OPT 56.1 %."""
    found = document(capsys, "measure", QWEN, "-k", 288, "--policy", "lru")
    assert found["requests"] == 36864
    assert {row["policy"]: round(row["hit_rate"], 3) for row in found["rows"]} == {"opt": 0.561, "lru": 0.275}
    engines = document(capsys, "optimum-cost", QWEN, "-k", 288, "--engine", "belady,offset,flow", "--prove")
    assert len(set(engines["engines"].values())) == 1
    assert engines["proven"] == engines["engines"]["flow"]


@real
def test_warnings_are_about_the_phase_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["optimum-cost", str(QWEN), "-k", "288"]) == 0
    assert capsys.readouterr().err == ""
    assert main(["optimum-cost", str(QWEN), "-k", "288", "--phase", "prefill"]) == 0
    assert "27 of 28 tokens lack layers, which are then not requested" in capsys.readouterr().err


@pytest.mark.slow
@real
def test_ilp_agrees_on_the_first_5000_requests(capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "optimum-cost",
        QWEN,
        "-k",
        288,
        "--engine",
        "belady,offset,flow,ilp",
        "--first",
        5000,
        "--prove",
    ]
    found = document(capsys, *words)
    assert found["requests"] == 5004
    assert len({*found["engines"].values(), found["proven"]}) == 1


def test_generate_each_kind(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "g.npz"
    words = ["generate", "lru-cycle-lower", "-l", 2, "-n", 2, "-k", 3, "--rounds", 4, "-o", path]
    assert document(capsys, *words) == {"requests": 8, "path": str(path)}
    assert read_trace(path).routing.ravel().tolist() == [0, 0, 1, 1, 0, 0, 1, 1]
    words = ["generate", "cruel", "-l", 1, "-n", 3, "-k", 2, "--rounds", 6, "--against", "lru", "-o", path]
    document(capsys, *words)
    assert read_trace(path).routing.ravel().tolist() == [0, 1, 2, 0, 1, 2]
    words = ["generate", "fixed-partition", "-l", 2, "-n", 3, "-k", 4, "--rounds", 3, "--against", "lru-dist"]
    document(capsys, *words, "-o", path)
    assert "--width" not in capsys.readouterr().err
    words = [
        "generate",
        "synthetic",
        "-l",
        2,
        "-n",
        5,
        "--width",
        3,
        "--rounds",
        4,
        "--zipf",
        0.5,
        "-o",
        path,
    ]
    assert document(capsys, *words)["requests"] == 24


def test_equal_seeds_equal_files(tmp_path: Path) -> None:
    for seed, name in ((1, "a"), (1, "b"), (2, "c")):
        words = ["generate", "randomized-uniform-lower", "-l", 2, "-n", 2, "-k", 3, "--rounds", 30]
        assert main([*map(str, words), "--seed", str(seed), "-o", str(tmp_path / f"{name}.gz")]) == 0
    one, two, three = ((tmp_path / f"{name}.gz").read_bytes() for name in "abc")
    assert one == two != three


BAD_TRACES = {
    "missing": (None, "no such file"),
    "empty": (b"", "the file is empty"),
    "no rows": (TEXT.split("prefill")[0].encode(), "no rows follow the header"),
    "header": (TEXT.replace("phase,", "phrase,").encode(), ":4: expected the header"),
    "letters": (TEXT.replace("0,3,1", "0,x,1").encode(), ":7: expert_0: expected an integer"),
    "negative": (TEXT.replace("0,3,1", "0,-3,1").encode(), ":7: expert_0: expected an integer"),
    "range": (TEXT.replace("0,3,1", "0,8,1").encode(), ":7: expert 8, expected 0 to 7"),
    "order": (TEXT.replace("decode,0", "decode,1").encode(), ":7: layer 1, expected layer 0"),
    "gzip": (gzip.compress(TEXT.encode())[:-10], "broken gzip file"),
    "random": (bytes(range(254, 0, -1)) * 40, "unknown format"),
    "long line": (
        b"# layered-paging trace v1\n# layers=1 experts=1 width=1\n" + b"x" * 10**6,
        ":3: expected the header",
    ),
}


@pytest.mark.parametrize("what", BAD_TRACES)
@pytest.mark.parametrize("command", ["measure", "optimum-cost"])
def test_bad_traces(capsys: pytest.CaptureFixture[str], tmp_path: Path, what: str, command: str) -> None:
    content, said = BAD_TRACES[what]
    path = tmp_path / "bad"
    if content is not None:
        path.write_bytes(content)
    before = sorted(tmp_path.iterdir())
    err = complaint(capsys, command, path, "-k", 2)
    assert f"{path}" in err
    assert said in err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["measure", "T", "-k", "0"], "cache: expected 1 to 2147483647, got 0"),
        (["measure", "T", "-k", str(2**31)], f"cache: expected 1 to 2147483647, got {2**31}"),
        (["measure", "T", "-k", "some"], "-k: expected integers, got 'some'"),
        (["measure", "T", "-k", "4", "--policy", "llru2"], "unknown policy 'llru2': did you mean 'llru'?"),
        (["measure", "T", "-k", "4", "--plot", "no/where.svg"], "the folder no does not exist"),
        (["measure", "T", "-k", "4", "--plot", "T.jpeg2"], "expected a name that ends in .svg, .png, .pdf"),
        (["measure", "T"], "expected -k SLOTS or --capacity BYTES"),
        (["measure", "T", "-k", "4", "--capacity", "1GB"], "expected -k SLOTS or --capacity BYTES"),
        (["measure", "T", "--capacity", "1XB"], "--capacity: expected bytes such as"),
        (["measure", "T", "-k", "4", "--phase", "prefill"], "phase prefill: expected at least one token"),
        (["measure", "T", "-k", "4", "--phase", "both"], "Invalid value for '--phase'"),
        (["measure", "T", "-k", "4", "--policy", "none.py:P"], "policy file none.py: no such file"),
        (["measure", "T", "-k", "4", "--policy", "no_such_module:P"], "policy module no_such_module: cannot be"),
        (["measure", "T", "-k", "4", "--policy", "U:Nobody"], "has no class 'Nobody'"),
        (["measure", "T", "-k", "4", "--policy", "U:Needs"], "cannot be built without arguments"),
        (["measure", "T", "-k", "4", "--policy", "U:NotAPolicy"], "expected a subclass of layered_paging.Policy"),
        (["curve", "T", "--sizes", "0,4"], "--sizes: expected 1 to 12, got 0"),
        (["curve", "T", "--sizes", "some"], "--sizes: expected integers, got 'some'"),
        (["curve", "T", "--policies", "lru,llruu"], "unknown policy 'llruu': did you mean 'llru'?"),
        (["curve", "T", "--csv", "no/where.csv"], "the folder no does not exist"),
        (["curve", "T", "--plot", "c.jpeg2"], "expected a name that ends in .svg, .png, .pdf"),
        (["optimum-cost", "T", "-k", "4", "--engine", "flaw"], "unknown engine 'flaw': did you mean 'flow'?"),
        (["optimum-cost", "T", "-k", "4", "--engine", "offset", "--prove"], "expected an engine that gives a schedule"),
        (["optimum-cost", "T", "-k", "-1"], "cache: expected 1 to"),
        (["verify", "--theorem", "lru-uper"], "unknown theorem 'lru-uper': did you mean 'lru-upper'?"),
        (["verify", "--policy", "lruu"], "unknown policy 'lruu': did you mean 'lru'?"),
        (["verify", "-l", "77"], "no instance of the grid"),
        (["verify", "-l", "0", "-n", "1", "-k", "1"], "layers: expected 1 to"),
        (["generate", "crul", "-l", "1", "-n", "2", "-k", "1", "--rounds", "1", "-o", "O"], "did you mean 'cruel'?"),
        (["generate", "cruel", "-l", "1", "-n", "2", "-k", "1", "--rounds", "1", "-o", "O"], "expected a policy to attack"),
        (["generate", "cruel", "-l", "1", "-n", "2", "--rounds", "1", "-o", "O"], "needs the size of the cache"),
        (
            ["generate", "lru-lower", "-l", "2", "-n", "2", "-k", "2", "--rounds", "1", "-o", "O"],
            "expected l divides k+1",
        ),
        (
            ["generate", "lru-lower", "-l", "1", "-n", "3", "-k", "2", "--rounds", "1", "--against", "lru", "-o", "O"],
            "does not look at the policy",
        ),
        (
            ["generate", "fixed-partition", "-l", "2", "-n", "3", "-k", "4", "--rounds", "1", "--against", "lru", "-o", "O"],
            "expected a policy that divides the cache",
        ),
        (["generate", "synthetic", "-l", "1", "-n", "2", "--rounds", "1", "--zipf", "-1", "-o", "O"], "zipf: expected"),
        (["generate", "synthetic", "-l", "1", "-n", "2", "--rounds", "0", "-o", "O"], "Invalid value for '--rounds'"),
        (["generate", "synthetic", "-l", "1", "-n", "2", "--rounds", "1", "-o", "no/O"], "the folder no does not exist"),
        (["nonsense"], "No such command 'nonsense'"),
        (["measure", "T", "-k", "4", "--frobnicate"], "No such option"),
    ],
)  # fmt: skip
def test_bad_arguments(
    capsys: pytest.CaptureFixture[str],
    trace: Path,
    user: Path,
    tmp_path: Path,
    words: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    names = {"T": str(trace), "O": "out.trace"}
    before = sorted(tmp_path.iterdir())
    err = complaint(capsys, *(names.get(word, word.replace("U:", f"{user}:")) for word in words))
    assert said in err
    assert [p for p in sorted(tmp_path.iterdir()) if p.name != "__pycache__"] == before


def test_a_policy_file_that_cannot_be_imported(
    capsys: pytest.CaptureFixture[str], trace: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.py").write_text("def f(:\n")
    err = complaint(capsys, "measure", trace, "-k", 4, "--policy", f"{tmp_path / 'broken.py'}:P")
    assert "cannot be imported: SyntaxError" in err


def test_without_a_command_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "measure" in capsys.readouterr().out


def test_several_sizes_after_one_flag() -> None:
    assert spread(["measure", "t", "-k", "1", "2", "3", "--seed", "4"]) == [
        "measure", "t", "-k", "1", "-k", "2", "-k", "3", "--seed", "4",
    ]  # fmt: skip
    assert spread(["optimum-cost", "t", "-k", "1", "2"]) == ["optimum-cost", "t", "-k", "1", "2"]


def test_an_interrupted_run_stops_cleanly() -> None:
    """Ctrl-C reaches the whole process group, as in a terminal: status 130, one line, no traceback, soon."""
    process = subprocess.Popen(
        [sys.executable, "-m", "layered_paging", "verify", "--jobs", "2"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    workers = psutil.Process(process.pid).children
    wait_until(lambda: len(workers()) >= 2, lambda: process.poll() is None)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert out == ""
    assert err.strip() == "layered-paging: interrupted"


def test_curve(capsys: pytest.CaptureFixture[str], trace: Path, tmp_path: Path) -> None:
    plot, csv = tmp_path / "c.svg", tmp_path / "c.csv"
    words = ["curve", trace, "--policies", "fifo,llru", "--sizes", "3,6", "--plot", plot, "--csv", csv]
    found = document(capsys, *words)
    assert (found["requests"], found["cache"]) == (120, list(range(1, 13)))
    assert {(row["policy"], row["cache"]) for row in found["rows"]} == {
        (name, size) for name in ("fifo", "llru") for size in (3, 6)
    }
    measured = document(capsys, "measure", trace, "-k", 6, "--policy", "lru")["rows"]
    assert [row["misses"] for row in measured] == [found["opt"][5], found["lru"][5]]
    assert plot.read_text().startswith("<?xml")
    lines = csv.read_text().splitlines()
    assert lines[0] == "cache,lru,opt"
    assert lines[6] == f"6,{found['lru'][5]},{found['opt'][5]}"
    assert main(["curve", str(trace)]) == 0
    sizes = [line.split()[0] for line in capsys.readouterr().out.splitlines()[4:]]
    assert (sizes[0], sizes[-1]) == ("1", "12")


def test_measure_in_bytes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Layers of 2 and 3 MB in 10 MB: OPT is an interval, said to be one; with one size it is exact, as with slots."""
    rng = np.random.default_rng(5)
    routing = rng.integers(0, 4, (60, 2))
    path = tmp_path / "t.npz"
    write_trace(Trace.from_array(routing, experts=4, expert_bytes=[2 * 10**6, 3 * 10**6]), path)
    found = document(capsys, "measure", path, "--capacity", "10MB", "--policy", "lru")
    rows = {row["policy"]: row for row in found["rows"]}
    assert found["unit"] == "bytes"
    assert set(rows) == {"opt-lower", "opt-upper", "lru"}
    assert rows["opt-lower"]["misses"] < rows["opt-upper"]["misses"] <= rows["lru"]["misses"]
    assert rows["opt-upper"]["ratio_to_opt"] == "1"
    assert main(["measure", str(path), "--capacity", "10MB", "--bypass", "--all"]) == 0
    out = capsys.readouterr().out
    assert "OPT is an interval" in out
    assert " lfu " in out
    assert "guided" not in out
    equal = tmp_path / "equal.npz"
    write_trace(Trace.from_array(routing, experts=4, expert_bytes=[2 * 10**6] * 2), equal)
    both = [
        {row["policy"]: row["misses"] for row in document(capsys, "measure", equal, *size)["rows"]}
        for size in (("--capacity", "10MB"), ("-k", 5))
    ]
    assert all(both[1][name] == misses for name, misses in both[0].items() if not name.endswith("-dist"))
    assert "opt" in both[0]
    assert "--capacity needs the sizes of its experts; --expert-bytes gives them" in complaint(
        capsys, "measure", _plain(tmp_path, routing), "--capacity", "1GB"
    )


def _plain(folder: Path, routing: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Path:
    write_trace(Trace.from_array(routing, experts=4), folder / "plain.npz")
    return folder / "plain.npz"


def test_bypass_helps_opt(capsys: pytest.CaptureFixture[str], trace: Path) -> None:
    without, with_bypass = (
        document(capsys, "measure", trace, "-k", 4, *words)["rows"][0]["misses"]
        for words in ((), ("--bypass",))
    )
    assert with_bypass < without


def test_sizes_of_caches() -> None:
    assert capacities("-", ["3.5GB", "512MiB, 10"]) == [3_500_000_000, 536_870_912, 10]
