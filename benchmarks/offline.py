"""Seconds of the engines for OPT on 100,000 requests of 32 x 8, k = 64, Zipf 1.0; medians of five runs.

.venv/bin/python -m benchmarks.offline
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from paging.files import write_atomically
from paging.model import Instance, Requests
from paging.offline.engines import opt
from paging.offline.intervals import interval_problem
from paging.offline.proof import prove
from paging.traces.synthetic import synthetic

RESULT = Path(__file__).parent / "results" / "offline.md"
LIMITS = {"belady": 0.5, "flow": 20.0, "prices": 1.0}


def seconds(work: Callable[[], object], times: int) -> float:
    work()  # compile, warm up
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def main() -> None:
    trace = synthetic(32, 8, 3125, zipf=1.0, rng=np.random.default_rng(0))
    requests: Requests = trace.requests()
    instance = Instance(32, 8, 64)
    best = opt(instance, requests, "belady")
    assert best.hits is not None
    hits, problem = best.hits, interval_problem(instance, requests)
    measured = {
        "belady": seconds(lambda: opt(instance, requests, "belady"), 5),
        "prices": seconds(lambda: prove(problem, hits), 5),
        "offset": seconds(lambda: opt(instance, requests, "offset"), 5),
        "flow": seconds(lambda: opt(instance, requests, "flow"), 1),
    }
    costs = {engine: opt(instance, requests, engine).cost for engine in ("belady", "offset", "flow")}
    assert len(set(costs.values())) == 1
    lines = [
        f"# OPT on {len(requests):,} requests of 32 x 8, k = 64, Zipf 1.0",
        "",
        "Command: `.venv/bin/python -m benchmarks.offline`; medians of five runs (flow: one), two cores.",
        f"All engines agree on {costs['flow']:,} misses; *prices* finds and checks the proof for Belady's schedule.",
        "",
        "| engine | seconds | limit |",
        "| --- | ---: | ---: |",
    ]
    for name, taken in measured.items():
        limit = LIMITS.get(name)
        lines.append(f"| {name} | {taken:.2f} | {'' if limit is None else f'{limit:g}'} |")
    text = "\n".join(lines) + "\n"
    write_atomically(RESULT, text.encode())
    print(text)


if __name__ == "__main__":
    main()
