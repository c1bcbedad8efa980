"""A kind of task for the tests: it computes, sleeps, raises, dies or hangs as it is told, and notes every start in a log.

    python -m tests.layered_paging.campaign.faults STORE LOG TASKS JOBS

runs a campaign of harmless ones, as a coordinator to be killed.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from layered_paging.campaign.kinds.kind import Kind, Outcome
from layered_paging.campaign.plan import Plan
from layered_paging.campaign.run import Workers, run_plan
from layered_paging.campaign.section import Section
from layered_paging.campaign.task import Parameters, Task
from paging.errors import LayeredPagingError

LARGE = 400_000
"""Bytes of a file that cannot be packed."""

ACTS = ("work", "raise", "die", "die-once", "hang", "not-json", "memory-error", "large")


def expand(section: Section) -> Iterator[tuple[Parameters, int]]:
    numbers = section.integers("numbers", 0)
    act = section.word("act", ACTS, "work")
    return (({"number": number, "act": act}, 0) for number in numbers)


def run(parameters: Parameters, seed: int) -> Outcome:
    number, act = parameters["number"], parameters.get("act", "work")
    first = True
    if log := parameters.get("@log"):
        seen = Path(log).read_text().split() if Path(log).exists() else []
        first = str(number) not in seen
        with Path(log).open("a") as stream:
            stream.write(f"{number}\n")
    time.sleep(parameters.get("@sleep", 0))
    if act == "raise":
        raise ValueError(f"number {number}\nis not liked")
    if act == "memory-error":
        raise MemoryError
    if act == "die" or (act == "die-once" and first):
        os.kill(os.getpid(), signal.SIGKILL)
    if act == "hang":
        time.sleep(3600)
    if act == "not-json":
        return Outcome({"square": {1, 2}})
    if act == "large":
        return Outcome({"bytes": LARGE}, {"large.bin": np.random.default_rng(number).bytes(LARGE)})
    square = number * number + seed
    return Outcome({"square": square, "text": f"{number}"}, {"square.txt": f"{square}\n".encode() * 50})


def memory(parameters: Parameters) -> int:
    return int(parameters.get("memory", 1))


def work(parameters: Parameters) -> float:
    return float(parameters["number"])


FAULTS = Kind("faults", 1, expand, run, memory, work)
KINDS = {"faults": FAULTS}


def task(number: int, act: str = "work", **more: Any) -> Task:
    named = {f"@{name}" if name in ("log", "sleep") else name: value for name, value in more.items()}
    return Task("faults", {"number": number, "act": act, **named}, 0, 1)


def harmless(count: int, log: Path) -> Plan:
    return Plan(tuple(task(number, log=str(log), sleep=0.02) for number in range(count)))


def started(log: Path) -> list[int]:
    """Numbers in the order of their starts."""
    return list(map(int, log.read_text().split())) if log.exists() else []


def main(store: str, log: str, tasks: str, jobs: str) -> int:
    try:
        run_plan(Path(store), harmless(int(tasks), Path(log)), KINDS, Workers(int(jobs)))
    except LayeredPagingError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
