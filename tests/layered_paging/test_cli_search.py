"""search as a user meets it."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from layered_paging.__main__ import main
from layered_paging.cli.cycle_table import show_cycle
from layered_paging.policy_spec import as_policy
from paging.model import Instance
from paging.policies.registry import POLICIES
from paging.replay import replay
from tests.layered_paging.test_cli import ROOT, complaint, document
from tests.layered_paging.test_cli_exact import FINITE
from tests.layered_paging.waiting import wait_until

NUMBERS = ("-l", 2, "-n", 3, "-k", 4)


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "lru", *map(str, NUMBERS), "--seconds", "20", "--jobs", "1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("lru at (l=2, n=3, k=4): ratio 4, proven, and nothing worse exists\n")
    assert "best bound by theorems: 4 (lru-value-lower)" in out
    assert "best deterministic policy at (l=2, n=3, k=4): ratio 3  (" in out
    assert out.count("+1") * 4 == out.count("miss")


def test_json_file_and_certificate(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    kept, certificate = tmp_path / "kept.json", tmp_path / "certificate.json"
    words = ["--seconds", 20, "--jobs", 1, "-o", kept, "--certificate", certificate]
    found = document(capsys, "search", "guided-far", *NUMBERS, *words)
    assert (found["ratio"], found["proven"]) == ("3", True)
    assert set(found) >= {"ratio", "proven", "cycle", "prefix", "evaluations"}
    assert json.loads(kept.read_text()) == found
    checked = document(capsys, "certify", certificate)
    assert (checked["valid"], checked["ratio"]) == (True, "3")
    costs = [
        replay(
            POLICIES["guided-far"](),
            Instance(2, 3, 4),
            np.array(found["prefix"] + found["cycle"] * times, np.int32),
        ).misses
        for times in (1, 2)
    ]
    assert Fraction(costs[1] - costs[0], found["growth"]) == 3


def test_a_users_policy_in_other_processes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(FINITE)
    certificate = tmp_path / "c.json"
    words = ["--seconds", 8, "--jobs", 2, "--certificate", certificate]
    found = document(capsys, "search", f"{path}:Finite", *NUMBERS, *words)
    assert (found["ratio"], found["proven"]) == ("4", True)
    assert document(capsys, "certify", certificate)["valid"]
    assert str(tmp_path) not in certificate.read_text()


def test_a_policy_that_can_be_sent(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(FINITE)
    assert pickle.loads(pickle.dumps(as_policy("lru"))) is POLICIES["lru"]
    sent = pickle.loads(pickle.dumps(as_policy(f"{path}:Finite")))
    assert (sent.id, type(sent()).__name__) == (f"{path}:Finite", "Finite")
    assert type(sent()) is not type(as_policy(f"{path}:Finite")())  # the file was read anew


def test_unproven_and_randomized(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--seconds", "2", "--jobs", "1"]
    for name, said in (("lfu", "not proven: measured on"), ("marker", "not proven: expected cost, between")):
        assert main(["search", name, *map(str, NUMBERS), *words]) == 0
        assert said in capsys.readouterr().out


def test_one_searcher(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--seconds", 2, "--jobs", 1, "--searcher", "cycles"]
    assert document(capsys, "search", "lru", *NUMBERS, *words)["searcher"] == "cycles"


def test_trivial(capsys: pytest.CaptureFixture[str]) -> None:
    assert document(capsys, "search", "lru", "-l", 2, "-n", 2, "-k", 4, "--seconds", 1)["ratio"] == "1"
    assert main(["search", "lru", "-l", "2", "-n", "2", "-k", "4", "--seconds", "1"]) == 0
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["lru", *NUMBERS, "--seconds", 0],
            "--seconds: expected more than 0, got 0",
        ),
        (["lru", *NUMBERS, "--seconds", "inf"], "--seconds: expected at most"),
        (["lru", *NUMBERS, "--seconds", "1e30"], "--seconds: expected at most"),
        (["lru", *NUMBERS, "--seconds", -3], "--seconds: expected more than 0, got -3"),
        (["lru", *NUMBERS, "--seconds", 1, "-o", "no/where"], "the folder no does not exist"),
        (["lru", *NUMBERS, "--seconds", 1, "--certificate", "no/where"], "the folder no does not exist"),
        (["lru", *NUMBERS, "--seconds", 1, "--searcher", "luck"], "unknown searcher 'luck'"),
        (["lruu", *NUMBERS, "--seconds", 1], "did you mean 'lru'?"),
        (["none.py:P", *NUMBERS, "--seconds", 1], "none.py: no such file"),
        (["lru", "-l", 0, "-n", 3, "-k", 4, "--seconds", 1], "layers: expected 1 to"),
        (["lru", *NUMBERS], "Missing option '--seconds'"),
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
    assert said in complaint(capsys, "search", *words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupted_search_has_kept_the_best(tmp_path: Path, jobs: str) -> None:
    kept = tmp_path / "kept.json"
    words = ["search", "guided-far", "-l", "4", "-n", "4", "-k", "9", "--seconds", "300"]
    process = subprocess.Popen(
        [sys.executable, "-m", "layered_paging", *words, "--jobs", jobs, "-o", str(kept)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until(kept.exists, lambda: process.poll() is None)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (out, err.strip()) == ("", "layered-paging: interrupted")
    assert json.loads(kept.read_text())["proven"]


def test_a_long_cycle_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    show_cycle(Instance(1, 3, 2), POLICIES["lru"], (), (0, 1, 2) * 100)
    assert capsys.readouterr().out.endswith("and 180 more requests\n")
