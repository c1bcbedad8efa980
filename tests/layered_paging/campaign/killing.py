"""Kill a coordinator at random moments and see what is left; for the tests, and with more kills for the benchmark."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from layered_paging.campaign.export import export
from layered_paging.campaign.reading import read_store
from layered_paging.campaign.run import Workers, run_plan
from tests.layered_paging.campaign.faults import KINDS, harmless, started

ROOT = Path(__file__).parents[3]
JOBS = 2
LATEST = 0.25
"""Seconds after a moment of progress until which the kill comes."""

EARLY = 0.25
"""Share of the kills that do not wait for progress: they hit the start."""


@dataclass(frozen=True, slots=True)
class Survived:
    """``kills``: that hit a running coordinator; ``in_flight``: attempts found running after a kill, at most JOBS each time;
    ``again``: attempts beyond the first of each task; ``unexplained``: attempts after one that was not in flight at a kill.
    ``same``: the export is that of an undisturbed run."""

    kills: int
    in_flight: int
    again: int
    unexplained: int
    same: bool


def exported(store: Path) -> bytes:
    target = store.with_suffix(".csv")
    export(store, target)
    return target.read_bytes()


def kill_coordinators(folder: Path, kills: int, tasks: int, rng: random.Random) -> Survived:
    """Kill so many coordinators of one campaign, each going on where the last one died; then let one finish."""
    store, log = folder / "killed.db", folder / "log"
    running: set[tuple[int, int]] = set()
    hit = 0
    for _ in range(kills):
        process = coordinator(store, log, tasks)
        _wait(process, log, rng)
        process.kill()
        hit += process.wait() == -9
        found = in_flight(store)
        assert len(found) <= JOBS
        running |= found  # one that died before it set them back shows those of the last one again
    assert coordinator(store, log, tasks).wait() == 0
    run_plan(folder / "whole.db", harmless(tasks, folder / "whole.log"), KINDS, Workers(1))
    rows = {row.task.parameters["number"]: row for row in read_store(store).rows}
    starts = Counter(started(log))
    assert all(starts[number] <= row.attempts for number, row in rows.items())
    return Survived(
        hit,
        len(running),
        sum(row.attempts - 1 for row in rows.values()),
        sum((number, n) not in running for number, row in rows.items() for n in range(1, row.attempts)),
        exported(store) == exported(folder / "whole.db"),
    )


def coordinator(store: Path, log: Path, tasks: int) -> subprocess.Popen[bytes]:
    words = [
        sys.executable,
        "-m",
        "tests.layered_paging.campaign.faults",
        str(store),
        str(log),
        str(tasks),
        str(JOBS),
    ]
    return subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL)


def in_flight(store: Path) -> set[tuple[int, int]]:
    """The tasks that run, as the store has it: their numbers, and which attempt it is."""
    if not store.exists():
        return set()
    rows = read_store(store).rows
    return {(row.task.parameters["number"], row.attempts) for row in rows if row.state == "running"}


def _wait(process: subprocess.Popen[bytes], log: Path, rng: random.Random) -> None:
    if rng.random() < EARLY:
        time.sleep(rng.uniform(0, 0.8))
        return
    before = len(started(log))
    while process.poll() is None and len(started(log)) == before:
        time.sleep(0.01)
    time.sleep(rng.uniform(0, LATEST))
