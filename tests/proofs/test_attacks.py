"""Files made to mislead: the verifier rejects them in time, in one line, and nothing of them is printed as if it spoke."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from proofs import verify as verifier
from proofs.certify import certify
from proofs.verify import Rejected, verify

ATTACKS = Path(__file__).parents[3] / "shared" / "attacks"
SECONDS, MEMORY = 10, 1 << 30
SCRIPT = Path(verifier.__file__)

needs_attacks = pytest.mark.skipif(
    not ATTACKS.is_dir(), reason="the files of attacks are not beside the checkout"
)

PARENT = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-I", *sys.argv[1:]], capture_output=True, text=True)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
print(done.stdout + done.stderr, end="")
"""


def alone(path: Path) -> tuple[int, int, float, str]:
    """Exit status, bytes, processor seconds, and what it printed."""
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-c", PARENT, str(SCRIPT), str(path)], capture_output=True, text=True, check=True
    )
    after = os.times()
    first, said = done.stdout.split("\n", 1)
    status, memory = map(int, first.split())
    return status, memory, after.children_user - before.children_user, said


@needs_attacks
@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("forged-2-2-3-randomized-upper.json.gz", "D1"),
        ("inj.json", "P1"),
        ("inj2.json", "D1"),
        ("bengali.json", "F5"),
        ("surr.json", "P1"),
        ("dos-prefix.json.gz", "R4"),
        ("dos-fraction.json.gz", "F5"),
        ("bomb1g.json.gz", "R2"),
    ],
)
def test_files_of_attacks(name: str, check: str) -> None:
    status, memory, seconds, said = alone(ATTACKS / name)
    assert status == 1
    assert re.fullmatch(r"[ -~]*: REJECTED: [ -~]*\n", said), said
    assert f"[{check}]" in said
    assert memory < MEMORY
    assert seconds < SECONDS
    found = certify(ATTACKS / name)
    assert not found.valid
    assert found.said.isascii()
    assert found.said.isprintable()


def tiny(**more: Any) -> dict[str, Any]:
    """LRU's cycle at (1,2,1), by a transducer: both pages in turn."""
    moves = {"2.0 2.0#1": {"0": [[], [1, 0]]}, "1.1 2.0": {"1": [[0], [0, 1]]}}
    return {
        "format": "layered-paging certificate",
        "version": 1,
        "kind": "policy-lower",
        "policy": "mine",
        "layers": 1,
        "experts": 2,
        "cache": 1,
        "ratio": "1",
        "prefix": [0],
        "cycle": [1],
        "moves": moves,
        **more,
    }


def test_the_tiny_one_is_good() -> None:
    assert "a transducer that calls itself 'mine' (identity not verified)" in verify(tiny())


@pytest.mark.parametrize(
    "policy", ["x\nfake.json: proved: all", "x\x1b[8m", "\ud800", "LRU", "lru ", "l\u0433u", "x" * 10**5]
)
def test_a_name_is_one_quoted_line_of_ascii(policy: str) -> None:
    said = verify(tiny(policy=policy))
    assert said.isascii()
    assert said.isprintable()
    assert "a transducer that calls itself '" in said
    assert "of lru" not in said
    assert len(said) < 300


def change(**more: Any) -> Any:
    return lambda c: c.update(more)


def inner(*path: Any, value: Any) -> Any:
    def put(c: Any) -> None:
        for key in path[:-1]:
            c = c[key]
        c[path[-1]] = value

    return put


LOOSE: dict[str, tuple[str, Any]] = {
    "another field": ("F2", change(padding="x")),
    "a start that is null": ("M5", change(start=None)),
    "version true": ("F1", change(version=True)),
    "version 1.0": ("F1", change(version=1.0)),
    "layers true": ("F3", change(layers=True)),
    "two texts of a number": ("F5", change(ratio="2/2")),
    "leading zeros": ("F5", change(ratio="01")),
    "a sign": ("F5", change(ratio="+1")),
    "other digits": ("F5", change(ratio="\u0661")),
    "endless digits": ("F5", change(ratio="1" * 5000)),
    "position true": ("P1", change(cycle=[True])),
    "victim true": ("M2", inner("moves", "1.1 2.0", "1", value=[[False], [0, 1]])),
    "victims that are no list": ("M2", inner("moves", "2.0 2.0#1", "0", value=["", [1, 0]])),
    "no tokens": ("F6", inner("moves", "1.1 2.0", "1", value=[[0], None])),
    "token true": ("M5", inner("moves", "1.1 2.0", "1", value=[[0], [0, True]])),
    "a negative token": ("M5", inner("moves", "1.1 2.0", "1", value=[[0], [-2, 1]])),
    "a move that nothing asks for": ("F7", inner("moves", "1.1 2.0", "0", value=[[], [1, 0]])),
    "a state that nothing reaches": ("F7", inner("moves", "2.0 1.1", value={"1": [[0], [0, 1]]})),
    "the second of two equal labels": ("P1", change(prefix=[1])),
}


@pytest.mark.parametrize("name", LOOSE)
def test_nothing_but_what_the_argument_speaks_of(name: str) -> None:
    check, loosen = LOOSE[name]
    c = tiny()
    loosen(c)
    with pytest.raises(Rejected, match=rf"\[{check}\]"):
        verify(c)


@pytest.mark.parametrize(
    "text",
    [
        '{"version": 1.0}',
        '{"version": 1e0}',
        '{"version": NaN}',
        '{"version": -0}',
        '{"version": 12345678901}',
        '{"version": 1, "version": 1}',
        '\ufeff{"version": 1}',
    ],
)
def test_strict_json(text: str, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(text, "utf-8")
    with pytest.raises((Rejected, json.JSONDecodeError)):
        verifier.load(str(path))


def test_no_pipe_and_no_device(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path(os.devnull)):
        with pytest.raises(Rejected, match="regular file"):  # who opens the pipe waits for ever
            verifier.load(str(path))


def test_a_name_of_a_file_is_quoted(tmp_path: Path) -> None:
    path = tmp_path / "a: proved: all\n.json"
    path.write_text("{}")
    _, _, _, said = alone(path)
    assert said.count("\n") == 1
    assert "\\n.json': REJECTED" in said


@pytest.mark.parametrize("content", [b"[[]," * 260_000, b"[" + b'{"":0},' * 3_000_000 + b"0]", b"0" * 10**6])
def test_small_files_stay_small(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "c.json.gz"
    path.write_bytes(gzip.compress(content, mtime=0))
    assert path.stat().st_size < 10**6
    status, memory, seconds, _ = alone(path)
    assert status == 1
    assert memory < MEMORY
    assert seconds < SECONDS


def test_work_is_limited_by_the_size_of_the_file(tmp_path: Path) -> None:
    """300,000 requests of 4,096 pages in less than a megabyte."""
    heading = {"format": "layered-paging certificate", "version": 1, "kind": "policy-lower", "policy": "lru"}
    numbers = {"layers": 1, "experts": 4096, "cache": 4095, "ratio": "1"}
    path = tmp_path / "c.json"
    path.write_text(json.dumps({**heading, **numbers, "prefix": [0] * 300_000, "cycle": [0]}))
    status, memory, seconds, said = alone(path)
    assert status == 1
    assert "[R4]" in said
    assert memory < MEMORY
    assert seconds < SECONDS


def test_every_check_has_its_step() -> None:
    """proofs/soundness.md names the checks of verify.py, all of them and no others."""
    named = set(re.findall(r'"([A-Z][0-9])"', SCRIPT.read_text())) | set(
        re.findall(r"\[([A-Z][0-9])\]", SCRIPT.read_text())
    )
    steps = re.findall(
        r"^\* \*\*([A-Z][0-9])\*\*", (SCRIPT.parent / "soundness.md").read_text(), re.MULTILINE
    )
    assert len(steps) == len(set(steps))
    assert set(steps) == named
