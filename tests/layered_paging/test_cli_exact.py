"""ratio, optimum, certify and atlas as a user meets them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from layered_paging.__main__ import main
from layered_paging.campaign.reading import read_store
from paging.model import Instance
from paging.offline.engines import opt
from paging.policies.registry import POLICIES
from paging.replay import replay
from paging.traces.formats import read_trace
from proofs.certify import certify
from tests.layered_paging.test_cli import ROOT, USER, complaint, document
from tests.layered_paging.waiting import wait_until

NUMBERS = ("-l", 2, "-n", 2, "-k", 3)

FINITE = (
    USER
    + """
class Finite(Oldest):
    def canonical_state(self, cache):
        return tuple(q for q in self.order if q in cache)
"""
)


def test_ratio_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ratio", "lru", *map(str, NUMBERS)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("lru at (l=2, n=2, k=3): ratio 3 ")
    assert out.count("+1") * 3 == out.count("miss")


def test_ratio_json_and_the_cycle_as_a_trace(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Replaying the written trace twice as long adds misses and growth in the stated ratio."""
    costs = []
    for repeat in (6, 12):
        path = tmp_path / f"{repeat}.trace"
        found = document(capsys, "ratio", "llru", "-l", 2, "-n", 3, "-k", 4, "-o", path, "--repeat", repeat)
        assert set(found) >= {"ratio", "cycle", "states"}
        requests = read_trace(path).requests()
        instance = Instance(2, 3, 4)
        costs.append((replay(POLICIES["llru"](), instance, requests).misses, opt(instance, requests).cost))
    (a, b), (c, d) = costs
    assert Fraction(c - a, d - b) == Fraction(found["ratio"]) == 4


def test_ratio_certificates(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for side in ("lower", "upper"):
        path = tmp_path / f"{side}.json"
        document(capsys, "ratio", "guided-far", *NUMBERS, "--certificate", path, "--bound", side)
        found = document(capsys, "certify", path)
        assert (found["valid"], found["kind"], found["ratio"]) == (True, f"policy-{side}", "2")


def test_ratio_of_a_users_policy(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(FINITE)
    assert document(capsys, "ratio", f"{path}:Finite", *NUMBERS)["ratio"] == "3"
    for side in ("lower", "upper"):
        certificate = tmp_path / f"{side}.json"
        document(capsys, "ratio", f"{path}:Finite", *NUMBERS, "--certificate", certificate, "--bound", side)
        found = document(capsys, "certify", certificate)
        assert (found["valid"], found["kind"], found["ratio"]) == (True, f"policy-{side}", "3")
        assert ":Finite" in found["message"]
        assert str(tmp_path) not in certificate.read_text()
    assert "expected a method canonical_state" in complaint(capsys, "ratio", f"{path}:Oldest", *NUMBERS)


def test_an_infinite_ratio(capsys: pytest.CaptureFixture[str]) -> None:
    assert document(capsys, "ratio", "mru", *NUMBERS)["ratio"] == "inf"


@pytest.mark.parametrize(
    ("command", "value"), [(("ratio", "lru"), "1"), (("optimum",), "1"), (("optimum", "--randomized"), "1")]
)
def test_trivial_instances(capsys: pytest.CaptureFixture[str], command: tuple[str, ...], value: str) -> None:
    for cache in (4, 5, 1000):
        assert document(capsys, *command, "-l", 2, "-n", 2, "-k", cache)["ratio"] == value
    assert main([*command, "-l", "2", "-n", "2", "-k", "4"]) == 0
    assert "trivial" in capsys.readouterr().out


def test_a_cache_smaller_than_a_round(capsys: pytest.CaptureFixture[str]) -> None:
    """k = 1: whoever serves l >= 2 layers misses every request, OPT too."""
    assert document(capsys, "ratio", "lru", "-l", 3, "-n", 2, "-k", 1)["ratio"] == "1"
    assert document(capsys, "optimum", "-l", 3, "-n", 2, "-k", 1)["ratio"] == "1"
    found = document(capsys, "optimum", "-l", 3, "-n", 2, "-k", 2)
    assert 1 < Fraction(found["ratio"]) <= 2


def test_optimum(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found = document(capsys, "optimum", *NUMBERS)
    assert (found["ratio"], found["lower"], found["upper"]) == ("2", "2", "2")
    for side in ("lower", "upper"):
        path = tmp_path / f"{side}.json.gz"
        assert main(["optimum", *map(str, NUMBERS), "--certificate", str(path), "--bound", side]) == 0
        assert certify(path).kind == f"deterministic-{side}"
        assert certify(path).valid
    assert "ratio 2 " in capsys.readouterr().out


def test_optimum_guided(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The same ratio, fewer states, and a certificate that holds for all policies: from above."""
    every, found = document(capsys, "optimum", *NUMBERS), document(capsys, "optimum", "--guided", *NUMBERS)
    assert (found["ratio"], found["guided"], every["guided"]) == (every["ratio"], True, False)
    assert 1 < found["states"] < every["states"]
    path = tmp_path / "c.json"
    words = ["optimum", "--guided", *map(str, NUMBERS)]
    assert main([*words, "--certificate", str(path), "--bound", "upper"]) == 0
    assert "best guided policy at (l=2, n=2, k=3): ratio 2 " in capsys.readouterr().out
    assert (certify(path).valid, certify(path).kind) == (True, "deterministic-upper")


def test_optimum_randomized(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found = document(capsys, "optimum", "--randomized", *NUMBERS)
    assert (found["ratio"], found["lower"], found["upper"], found["memory"]) == ("7/4", "7/4", "7/4", 0)
    words = ["optimum", "--randomized", "-l", "2", "-n", "2", "-k", "2"]
    for side in ("lower", "upper"):
        path = tmp_path / f"{side}.json"
        assert main([*words, "--remember", "2", "--certificate", str(path), "--bound", side]) == 0
        assert certify(path).valid
        assert certify(path).ratio == "4/3"
    assert "4/3 (1.333), both bounds meet" in capsys.readouterr().out
    assert main(words) == 0  # the memory rises by itself
    assert "4/3 (1.333), both bounds meet  (adversary's memory 2)" in capsys.readouterr().out
    assert main([*words, "--remember", "0"]) == 0
    assert "ratio between 5/4 (1.250) and 4/3 (1.333)" in capsys.readouterr().out
    assert document(capsys, *words, "--remember", "0")["ratio"] is None


def test_certify(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    main(["optimum", *map(str, NUMBERS), "--certificate", str(good)])
    bad.write_text(good.read_text().replace('"ratio":"2"', '"ratio":"3"'))
    capsys.readouterr()
    assert main(["certify", str(good)]) == 0
    assert "proved: deterministic-lower at (l=2, n=2, k=3): ratio >= 2" in capsys.readouterr().out
    assert main(["certify", str(good), str(bad)]) == 1
    assert "REJECTED" in capsys.readouterr().out
    assert main(["certify", "--json", str(good), str(bad)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [one["valid"] for one in found["files"]] == [True, False]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ratio", "lfu", *NUMBERS], "lfu: no finite state; expected a method canonical_state"),
        (["ratio", "marker", *NUMBERS], "expected a deterministic policy"),
        (["ratio", "llruu", *NUMBERS], "did you mean 'llru'?"),
        (["ratio", "lru", "-l", 8, "-n", 8, "-k", 9], "this instance has 64 and 9"),
        (["ratio", "lru", "-l", 0, "-n", 8, "-k", 9], "layers: expected 1 to"),
        (["ratio", "lru", *NUMBERS, "-o", "no/where"], "the folder no does not exist"),
        (["ratio", "lru", *NUMBERS, "--certificate", "no/where"], "the folder no does not exist"),
        (["ratio", "lru", *NUMBERS, "--bound", "both"], "Invalid value for '--bound'"),
        (
            ["ratio", "mru", *NUMBERS, "--certificate", "c", "--bound", "upper"],
            "infinite ratio has no certificate",
        ),
        (["optimum", "-l", 4, "-n", 4, "-k", 9], "states or more, expected at most"),
        (["optimum", *NUMBERS, "--remember", 2], "--remember: expected together with --randomized"),
        (["optimum", *NUMBERS, "--seconds", 2], "--seconds: expected together with --randomized"),
        (["optimum", *NUMBERS, "--randomized", "--seconds", 0], "--seconds: expected more than 0"),
        (["optimum", *NUMBERS, "--randomized", "--seconds", "inf"], "--seconds: expected at most"),
        (["optimum", *NUMBERS, "--randomized", "--seconds", "1e30"], "--seconds: expected at most"),
        (
            ["optimum", *NUMBERS, "--randomized", "--remember", 0, "--seconds", 2],
            "expected without --remember",
        ),
        (["optimum", *NUMBERS, "--guided", "--randomized"], "--guided: expected without --randomized"),
        (["optimum", *NUMBERS, "--guided", "--certificate", "c.json"], "expected --bound upper"),
        (["optimum", *NUMBERS, "--randomized", "--remember", -1], "Invalid value for '--remember'"),
        (["certify", "none.json"], "none.json: no such file"),
        (["certify"], "Missing argument"),
        (["atlas", "-o", "nowhere"], "nowhere: no such folder"),
        (["atlas", "--pages", 1], "Invalid value for '--pages'"),
    ],
)
def test_bad_arguments(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[object],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in complaint(capsys, *words)
    assert list(tmp_path.iterdir()) == []


def test_atlas_goes_on_where_it_stopped(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["atlas", "--pages", "4", "--certificates", "3", "-o", str(tmp_path), "--jobs", "1"]
    assert main(words) == 0
    page, rows = (tmp_path / "atlas.md").read_bytes(), (tmp_path / "atlas.json").read_bytes()
    assert {path.name[:5] for path in (tmp_path / "atlas").iterdir()} == {"1-2-1", "1-3-1", "1-3-2"}
    cut = json.loads(rows)
    removed = cut["rows"][2]["cells"].pop("randomized")
    cut["rows"][3]["cells"]["lru"]["method"] = 0
    (tmp_path / "atlas.json").write_text(json.dumps(cut))
    (tmp_path / "atlas" / "1-2-1-fifo-upper.json.gz").unlink()
    computed = []
    from proofs import atlas_cells

    def counted(instance: Instance, column: str) -> atlas_cells.Cell:
        computed.append((str(instance), column))
        return atlas_cells.compute(instance, column)

    monkeypatch.setattr("layered_paging.campaign.kinds.atlas_cell.compute", counted)
    assert main(words) == 0
    assert computed == []  # the store has everything
    assert (tmp_path / "atlas.json").read_bytes() == rows
    assert (tmp_path / "atlas" / "1-2-1-fifo-upper.json.gz").exists()
    (tmp_path / "atlas.db").unlink()
    shutil.rmtree(tmp_path / "atlas.db.files")
    (tmp_path / "atlas.json").write_text(json.dumps(cut))
    (tmp_path / "atlas" / "1-2-1-fifo-upper.json.gz").unlink()
    content = (tmp_path / "atlas" / "1-3-1-lru-lower.json.gz").read_bytes()
    (tmp_path / "atlas" / "1-3-1-lru-lower.json.gz").write_bytes(content[:-9] + b"\0" + content[-8:])
    assert main(words) == 0
    assert set(computed) == {
        ("(l=1, n=3, k=2)", "randomized"),
        ("(l=1, n=4, k=1)", "lru"),
        ("(l=1, n=2, k=1)", "fifo"),
        ("(l=1, n=3, k=1)", "lru"),
    }
    assert removed["lower"] == "3/2"
    assert (tmp_path / "atlas.md").read_bytes() == page
    assert (tmp_path / "atlas.json").read_bytes() == rows
    (tmp_path / "atlas.json").write_text('{"rows": [{}]}')
    assert "atlas.json: damaged" in complaint(capsys, *words)


def test_an_interrupted_atlas_is_whole(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "layered_paging", "atlas", "-o", str(tmp_path), "--jobs", "2"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for_a_cell(tmp_path / "atlas.db")
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (out, err.strip()) == ("", "layered-paging: interrupted")
    rows = read_store(tmp_path / "atlas.db").rows
    assert {row.state for row in rows} == {"done", "waiting"}
    assert {path.name for path in tmp_path.iterdir()} <= {"atlas.db", "atlas.db.lock", "atlas.db.files"}


def wait_for_a_cell(store: Path) -> None:
    wait_until(lambda: store.exists() and any(row.state == "done" for row in read_store(store).rows))


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks Linux for the children of a process")
def test_workers_do_not_outlive_a_killed_command(tmp_path: Path) -> None:
    words = ["atlas", "-o", str(tmp_path), "--jobs", "2"]
    process = subprocess.Popen([sys.executable, "-m", "layered_paging", *words], cwd=ROOT)
    wait_for_a_cell(tmp_path / "atlas.db")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) >= 2
    process.kill()
    process.wait()
    wait_until(lambda: not any(alive(child) for child in children))


def alive(process: str) -> bool:
    """Not gone, and not a zombie that only waits to be collected."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_an_interrupted_solve_leaves_no_file(tmp_path: Path) -> None:
    words = ["optimum", "-l", "2", "-n", "6", "-k", "8", "--certificate", str(tmp_path / "c.json")]
    process = subprocess.Popen([sys.executable, "-m", "layered_paging", *words], cwd=ROOT)
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert list(tmp_path.iterdir()) == []


def test_a_written_cycle_needs_whole_rounds(tmp_path: Path) -> None:
    path = tmp_path / "c.npy"
    assert main(["ratio", "lru", *map(str, NUMBERS), "-o", str(path), "--repeat", "3"]) == 0
    assert np.load(path).shape[1:] == (2, 1)


def test_an_optimum_with_fewer_slots(capsys: pytest.CaptureFixture[str]) -> None:
    """(2,2,3) against 2 slots: 1, as tests/bounds/exact/test_augmented.py shows; k / (k - h + 1) for one layer is classical."""
    found = document(capsys, "optimum", *NUMBERS, "--opt-cache", 2)
    assert (found["ratio"], found["optimum_slots"]) == ("1", 2)
    found = document(capsys, "ratio", "lru", "-l", 1, "-n", 4, "-k", 3, "--opt-cache", 2)
    assert (found["ratio"], found["optimum_slots"]) == ("3/2", 2)
    assert main(["ratio", "lru", "-l", "1", "-n", "4", "-k", "3", "--opt-cache", "2"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("lru at (l=1, n=4, k=3) against an optimum with 2 slots: ratio 3/2 (1.500)")
    assert out.count("miss") * 2 == out.count("+1") * 3


def test_certificates_against_fewer_slots(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Guided, randomized and of a policy: what is written says h, and is proved."""
    small = ("-l", 2, "-n", 2, "-k", 3, "--opt-cache", 2)
    for words, ratio in (
        (("optimum", *small), "1"),
        (("optimum", *small, "--guided", "--bound", "upper"), "1"),
        (("optimum", *small, "--randomized", "--remember", 0, "--bound", "upper"), "2/3"),
        (("ratio", "lru", *small), "3/2"),
        (("search", "lru", *small, "--seconds", 60, "--jobs", 1), "3/2"),
    ):
        path = tmp_path / "c.json"
        document(capsys, *words, "--certificate", path)
        said = document(capsys, "certify", path)
        assert (said["valid"], said["ratio"]) == (True, ratio)
        assert "against OPT with h=2 slots" in said["message"]
    assert main(["optimum", *map(str, small), "--randomized", "--remember", "0"]) == 0
    assert "(l=2, n=2, k=3) against an optimum with 2 slots" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["optimum", *NUMBERS, "--opt-cache", 9], "an optimum with 9 slots, expected 1 to"),
        (["ratio", "lru", *NUMBERS, "--opt-cache", 0], "an optimum with 0 slots, expected 1 to"),
        (["optimum", *NUMBERS, "--opt-cache", 9, "--randomized"], "an optimum with 9 slots, expected 1 to"),
    ],
)
def test_fewer_slots_that_cannot_be(
    capsys: pytest.CaptureFixture[str], words: list[object], says: str
) -> None:
    assert says in complaint(capsys, *words)
