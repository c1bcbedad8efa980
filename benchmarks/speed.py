"""Requests per second, side by side with libcachesim and cachetools in one run; memory; how time grows.

.venv/bin/python -m benchmarks.speed [--requests N]     (needs the extra ``bench``)
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.growth import growth
from benchmarks.own_policies import own_policies
from benchmarks.peers import CacheTools, LibCacheSim
from benchmarks.reading import REQUESTS, reading
from benchmarks.speed_rows import PYTHON_ROWS, ROWS, TRACES, Row, Trace, timed
from paging.files import write_atomically
from paging.model import Instance, Requests

RESULTS = Path(__file__).parent / "results"
PAIRS = 5
IN_PYTHON = 500_000
"""Requests for cachetools, which is too slow for all of them."""
MEMORY_LIMIT = 40
STREAM_BYTES = 4

HEADER = f"""# Speed, side by side

Command: `.venv/bin/python -m benchmarks.speed` (part of `make bench`). One process, one core; medians of {PAIRS} runs, ours
and the peer's in turn, and the median of their ratios. Ours from an array in memory; libcachesim from its own trace file, with
the next uses written into it beforehand, read once before. *OPT* needs no next uses; *OPT with its schedule* and the curve
compute them within the time given. Misses of LRU, FIFO and OPT are checked to agree with the peer's in every run. Those of LFU
differ: ours counts all requests of a page, the peers' those since it was loaded. cachetools, in Python, gets {IN_PYTHON:,}
requests. Bytes: what a run adds to the memory of a process, and {STREAM_BYTES} for the request; aim at most {MEMORY_LIMIT}.
Compiling all these kernels, once after installation and not included: {{compilation:.0f}} s.
"""

Run = Callable[[str, int], tuple[float, int]]


def compare(
    row: Row, instance: Instance, requests: Requests, run: Run, pairs: int
) -> list[tuple[float, float]]:
    """Seconds of ours and of the peer, taken in turn."""
    found = []
    for _ in range(pairs):
        ours, misses = timed(row, instance, requests)
        theirs, missed = run(row.peer, instance.cache)
        assert not row.same or misses == missed, (row, misses, missed)
        found.append((ours, theirs))
    return found


def table(trace: Trace, count: int) -> Iterator[str]:
    requests = trace.requests(count)
    instance = trace.instance
    few = trace.requests(min(count, IN_PYTHON))
    yield f"## {trace.name}: {len(requests):,} requests\n"
    yield "| ours | million requests/s | peer | million requests/s | ratio | aim | bytes per request |"
    yield "| --- | ---: | --- | ---: | ---: | --- | ---: |"
    with TemporaryDirectory() as folder:
        peer = LibCacheSim(requests, Path(folder))
        for policy in LibCacheSim.POLICIES:
            peer.run(policy, instance.cache)
        for row in ROWS:
            timed(row, instance, few)
            used = bytes_per_request(row, instance, requests)
            found = compare(row, instance, requests, peer.run, PAIRS)
            yield line(row, found, len(requests), "libcachesim", instance, used)
    python = CacheTools(few)
    for row in PYTHON_ROWS:
        yield line(row, compare(row, instance, few, python.run, 3), len(few), "cachetools", instance, None)
    yield ""


def line(
    row: Row,
    found: list[tuple[float, float]],
    requests: int,
    library: str,
    instance: Instance,
    used: float | None,
) -> str:
    ratio = statistics.median(theirs / ours for ours, theirs in found)
    ours, theirs = (requests / statistics.median(side) / 1e6 for side in zip(*found, strict=True))
    aim = "" if row.aim is None or (row.small and instance.pages > 256) else verdict(ratio, row.aim)
    memory = "" if used is None else f"{used:.0f}"
    return (
        f"| {row.label} | {ours:.1f} | {library} {row.peer} | {theirs:.2f} | {ratio:.2f} | {aim} | {memory} |"
    )


def verdict(ratio: float, aim: float) -> str:
    wanted = f"{aim:g}" if aim >= 1 else f"1/{1 / aim:g}"
    return f"{wanted}: {'met' if ratio >= aim else 'MISSED'}"


def bytes_per_request(row: Row, instance: Instance, requests: Requests) -> float:
    """What a run adds to the memory of a fork of this process, and the array of requests."""
    with ProcessPoolExecutor(1, get_context("fork")) as executor:
        grown = executor.submit(_growth, row.label, instance, requests.stream).result()
    return STREAM_BYTES + grown / len(requests)


def _growth(label: str, instance: Instance, stream: np.ndarray[tuple[int], np.dtype[np.int32]]) -> int:
    requests = Requests(instance.layers, instance.experts, stream[:, None], "sequential")
    row = next(row for row in ROWS if row.label == label)
    stream.flags.writeable = False  # as Requests.of leaves it: the kernels that are compiled already
    row.work(instance, Requests(instance.layers, instance.experts, stream[:100, None], "sequential"))
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far, which is that of the parent
    before = _peak()
    row.work(instance, requests)
    return _peak() - before


def _peak() -> int:
    status = Path("/proc/self/status").read_text()
    return 1024 * next(int(text.split()[1]) for text in status.splitlines() if text.startswith("VmHWM"))


def compilation() -> float:
    """Seconds of a new process without compiled kernels that runs every row once on few requests."""
    code = (
        "from benchmarks.speed_rows import ROWS, TRACES\n"
        "for row in ROWS: row.work(TRACES[0].instance, TRACES[0].requests(1000))"
    )
    with TemporaryDirectory() as folder:
        begin = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", code], check=True, env={**os.environ, "NUMBA_CACHE_DIR": folder}
        )
        return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    count = parser.parse_args().requests
    lines = [HEADER.format(compilation=compilation())]
    for trace in TRACES:
        for row in table(trace, count):
            print(row, flush=True)
            lines.append(row)
    for row in (*own_policies(), *reading(count)):
        print(row, flush=True)
        lines.append(row)
    growth(count)
    lines += ["## How time grows", "", "![nanoseconds per request against requests and pages](speed.svg)"]
    write_atomically(RESULTS / "speed.md", ("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    main()
