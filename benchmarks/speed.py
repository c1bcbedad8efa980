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
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from benchmarks.peers import CacheTools, LibCacheSim
from layered_paging.plots import save
from paging.fast import fast_misses
from paging.files import write_atomically
from paging.kernels import distances
from paging.model import Instance, Requests
from paging.offline.belady import belady, optimal_misses
from paging.offline.next_use import next_uses
from paging.traces.formats import read_trace, write_trace
from paging.traces.synthetic import synthetic

RESULTS = Path(__file__).parent / "results"
REQUESTS = 10_000_000
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

Work = Callable[[Instance, Requests], int]


def replayed(name: str) -> Work:
    return lambda instance, requests: fast_misses(name, instance, requests)


def schedule(instance: Instance, requests: Requests) -> int:
    return int(np.count_nonzero(~belady(instance, requests)))


def lru_curve(instance: Instance, requests: Requests) -> int:
    counts = distances.lru(requests.stream, 1, instance.pages)
    return int(counts[0] + counts[instance.cache + 1 :].sum())


def opt_curve(instance: Instance, requests: Requests) -> int:
    counts = distances.opt_single(requests.stream, next_uses(requests), instance.pages)
    return int(counts[0] + counts[instance.cache + 1 :].sum())


@dataclass(frozen=True)
class Row:
    """``aim``: at least so many times the peer's requests per second; None: just reported. ``same``: equal misses."""

    label: str
    work: Work
    peer: str
    aim: float | None
    same: bool
    small: bool = False
    """The aim is for traces with few pages."""


ROWS = (
    Row("LRU", replayed("lru"), "LRU", 5, True),
    Row("FIFO", replayed("fifo"), "FIFO", 5, True),
    Row("OPT", optimal_misses, "Belady", 3, True),
    Row("OPT with its schedule", schedule, "Belady", None, True),
    Row("LFU", replayed("lfu"), "LFU", 1, False),
    Row("LLRU", replayed("llru"), "LFU", 1, False),
    Row("guided-lfu", replayed("guided-lfu"), "LFU", 1, False),
    Row("guided-far", replayed("guided-far"), "LFU", None, False),
    Row("LRU at every cache size", lru_curve, "LRU", 1 / 4, True),
    Row("OPT at every cache size", opt_curve, "Belady", 1 / 10, True, small=True),
)
PYTHON_ROWS = (
    Row("LRU", replayed("lru"), "LRUCache", None, True),
    Row("FIFO", replayed("fifo"), "FIFOCache", None, True),
    Row("LFU", replayed("lfu"), "LFUCache", None, False),
)


@dataclass(frozen=True)
class Trace:
    """``zipf`` 0 is uniform."""

    name: str
    instance: Instance
    zipf: float
    width: int

    def requests(self, count: int) -> Requests:
        layers, experts = self.instance.layers, self.instance.experts
        tokens = max(1, count // layers // self.width)
        rng = np.random.default_rng(0)
        return synthetic(layers, experts, tokens, zipf=self.zipf, width=self.width, rng=rng).requests(
            semantics="sequential"
        )


TRACES = (
    Trace("32 x 8, Zipf 1.0, k = 64", Instance(32, 8, 64), 1.0, 1),
    Trace("32 x 8, uniform, k = 64", Instance(32, 8, 64), 0.0, 1),
    Trace("48 x 128, width 8, Zipf 1.0, k = 576", Instance(48, 128, 576), 1.0, 8),
)


def timed(row: Row, instance: Instance, requests: Requests) -> tuple[float, int]:
    begin = time.perf_counter()
    misses = row.work(instance, requests)
    return time.perf_counter() - begin, misses


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
        "from benchmarks.speed import ROWS, TRACES\n"
        "for row in ROWS: row.work(TRACES[0].instance, TRACES[0].requests(1000))"
    )
    with TemporaryDirectory() as folder:
        begin = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", code], check=True, env={**os.environ, "NUMBA_CACHE_DIR": folder}
        )
        return time.perf_counter() - begin


def reading(count: int) -> Iterator[str]:
    """Seconds to read traces from files, beside the aim for CSV."""
    trace = Trace("", TRACES[0].instance, 1.0, 1)
    routing = trace.requests(count).stream.reshape(-1, trace.instance.layers) % trace.instance.experts
    token, layer = (index.ravel() for index in np.indices(routing.shape))
    zero = np.zeros(routing.size, np.int64)
    rows = pl.DataFrame(
        {
            "turn": zero,
            "phase": zero + 1,
            "step": token,
            "layer": layer,
            "slot": zero,
            "expert": routing.ravel(),
            "weight": zero + 0.5,
            "residency": zero,
            "expert_bytes": zero + 1000,
        }
    )
    records = pl.DataFrame({"token": token, "layer": layer, "experts": routing.reshape(-1, 1)})
    shape = f"n_layer={trace.instance.layers} n_expert={trace.instance.experts} n_expert_used=1"
    head = f"# route_trace v1\n# {shape}\n"
    yield f"## Reading {routing.size:,} requests from a file\n"
    yield "| format | million requests/s | seconds | aim |"
    yield "| --- | ---: | ---: | --- |"
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "route.csv").write_bytes(head.encode() + rows.write_csv().encode())
        records.write_ndjson(folder / "records.jsonl")
        pl.DataFrame({"page": routing.ravel()}).write_csv(folder / "pages.csv", include_header=False)
        write_trace(read_trace(folder / "route.csv"), folder / "own.trace")
        for file, aim in (("route.csv", 10), ("own.trace", 10), ("pages.csv", 10), ("records.jsonl", None)):
            begin = time.perf_counter()
            assert (read_trace(folder / file).routing.ravel() == routing.ravel()).all()
            taken = time.perf_counter() - begin
            met = "" if aim is None else f"{aim} s: {'met' if taken <= aim else 'MISSED'}"
            yield f"| {file} | {routing.size / taken / 1e6:.1f} | {taken:.1f} | {met} |"
    yield ""


GROWING = (
    "LRU",
    "OPT",
    "LFU",
    "LLRU",
    "guided-lfu",
    "guided-far",
    "LRU at every cache size",
    "OPT at every cache size",
)


def growth(most: int) -> None:
    """Time per request against requests and against pages, as a picture."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    rows = [row for row in ROWS if row.label in GROWING]
    lengths = [10**e for e in range(4, 8) if 10**e <= most]
    experts = [2, 4, 8, 16, 32, 64, 128, 256, 512]
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.5), sharey=True, layout="constrained")
    by_length = {length: TRACES[0].requests(length) for length in lengths}
    by_pages = {n: Trace("", Instance(32, n, 8 * n), 1.0, 1) for n in experts}
    for row in rows:
        times = [per_request(row, TRACES[0].instance, by_length[length]) for length in lengths]
        axes[0].loglog(
            [len(by_length[length]) for length in lengths], times, marker="o", ms=3, label=row.label
        )
        times = [per_request(row, trace.instance, trace.requests(200_000)) for trace in by_pages.values()]
        axes[1].loglog([32 * n for n in experts], times, marker="o", ms=3, label=row.label)
    axes[0].set(xlabel="requests (256 pages, k = 64)", ylabel="nanoseconds per request")
    axes[1].set(xlabel="pages (200,000 requests, 32 layers, a quarter of the pages in the cache)")
    for ax in axes:
        ax.grid(alpha=0.3, which="both")
    axes[1].legend(fontsize=8)
    save(figure, RESULTS / "speed.svg")


def per_request(row: Row, instance: Instance, requests: Requests) -> float:
    return min(timed(row, instance, requests)[0] for _ in range(3)) / len(requests) * 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    count = parser.parse_args().requests
    lines = [HEADER.format(compilation=compilation())]
    for trace in TRACES:
        for row in table(trace, count):
            print(row, flush=True)
            lines.append(row)
    for row in reading(count):
        print(row, flush=True)
        lines.append(row)
    growth(count)
    lines += ["## How time grows", "", "![nanoseconds per request against requests and pages](speed.svg)"]
    write_atomically(RESULTS / "speed.md", ("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    main()
