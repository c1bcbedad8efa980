"""``layered-paging measure`` with eight cache sizes, on one core and on two, in turn.

.venv/bin/python -m benchmarks.cores [--requests N]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.sections import with_section
from paging.fast import has_kernel
from paging.files import write_atomically
from paging.policies.registry import POLICIES
from paging.traces.formats import write_trace
from paging.traces.synthetic import synthetic

RESULTS = Path(__file__).parent / "results" / "speed.md"
PAIRS = 5
CACHES = range(32, 222, 27)
AIM = 1.7
TITLE = "measure on two cores"

CASES = {
    "the policies with a kernel": (
        4_000_000,
        [name for name, policy in POLICIES.items() if has_kernel(policy)],
    ),
    "all policies": (40_000, list(POLICIES)),
}
"""Requests, and the policies; those without a kernel play some hundred times slower."""


def seconds(trace: Path, policies: list[str], cores: int) -> float:
    """Of the whole command in a process of its own, which may use the first ``cores`` cores."""
    words = [word for k in CACHES for word in ("-k", str(k))] + [w for p in policies for w in ("--policy", p)]
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "layered_paging", "measure", str(trace), *words, "--json"],
        check=True,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, range(cores)),
    )
    return time.perf_counter() - begin


def rows(share: float) -> Iterator[str]:
    yield f"## {TITLE}\n"
    yield f"Command: `.venv/bin/python -m benchmarks.cores`. `measure -k` with {len(CACHES)} sizes, 32 x 8, Zipf 1.0; the whole"
    yield f"command, reading included; one core and two in turn, medians of {PAIRS} runs and of their ratios. The peer is"
    yield f"the command itself, kept to one core. Aim: {AIM}.\n"
    yield "| what | requests | one core, s | two cores, s | ratio | aim |"
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    with TemporaryDirectory() as folder:
        for what, (requests, policies) in CASES.items():
            tokens = max(1, int(requests * share) // 32)
            path = Path(folder) / "t.npz"
            write_trace(synthetic(32, 8, tokens, zipf=1.0, rng=np.random.default_rng(0)), path)
            seconds(path, policies, 2)  # kernels are compiled
            pairs = [(seconds(path, policies, 1), seconds(path, policies, 2)) for _ in range(PAIRS)]
            one, two = (statistics.median(side) for side in zip(*pairs, strict=True))
            ratio = statistics.median(a / b for a, b in pairs)
            aim = "met" if ratio >= AIM else "MISSED"
            yield f"| {what} ({len(policies)}) | {32 * tokens:,} | {one:.1f} | {two:.1f} | {ratio:.2f} | {AIM}: {aim} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the requests")
    lines = []
    for row in rows(parser.parse_args().share):
        print(row, flush=True)
        lines.append(row)
    text = with_section(RESULTS.read_text(), TITLE, "\n".join(lines).splitlines())
    write_atomically(RESULTS, text.encode())


if __name__ == "__main__":
    main()
