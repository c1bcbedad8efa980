"""Seconds to read traces from files (part of benchmarks.speed).

.venv/bin/python -m benchmarks.reading     writes this section of the table alone
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from benchmarks.sections import with_section
from benchmarks.speed_rows import TRACES, Trace
from paging.files import write_atomically
from paging.traces.formats import read_trace, write_trace

RESULT = Path(__file__).parent / "results" / "speed.md"
REQUESTS = 10_000_000

READ = """
import re, sys, time
begin, busy = time.perf_counter(), time.process_time()
from paging.traces.many import read_traces
trace = read_traces(sys.argv[1:])
seconds, busy = time.perf_counter() - begin, time.process_time() - busy
peak = int(re.search(r"VmHWM:\\s*([0-9]+)", open("/proc/self/status").read())[1]) / 1024
print(int(trace.asked.sum()) * trace.width, seconds, busy, peak)
"""


def title(count: int) -> str:
    """Of the section."""
    return f"Reading {count:,} requests from a file"


def reading(count: int) -> Iterator[str]:
    """Seconds and memory to read traces from files."""
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
    yield f"## {title(routing.size)}\n"
    yield "Each in a process of its own, which loads its libraries; the aim is 5 s and 1,024 MiB. Busy: of a processor.\n"
    yield "| format | million requests/s | seconds | of them busy | peak MiB | aim |"
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "route.csv").write_bytes(head.encode() + rows.write_csv().encode())
        records.write_ndjson(folder / "records.jsonl")
        pl.DataFrame({"page": routing.ravel()}).write_csv(folder / "pages.csv", include_header=False)
        rows.select(token="step", layer="layer", expert="expert").write_parquet(folder / "table.parquet")
        for one in range(trace.instance.layers):
            sets = pl.Series("indices", routing[:, one, None].tolist(), pl.List(pl.Int16))
            sets.to_frame().write_parquet(folder / f"layer_{one:02d}.parquet")
        write_trace(read_trace(folder / "route.csv"), folder / "own.trace")
        for pattern in (
            "route.csv",
            "table.parquet",
            "layer_*.parquet",
            "own.trace",
            "pages.csv",
            "records.jsonl",
        ):
            files = sorted(map(str, folder.glob(pattern)))
            done = subprocess.run(
                [sys.executable, "-c", READ, *files], check=True, capture_output=True, text=True
            )
            requests, seconds, busy, peak = map(float, done.stdout.split())
            assert requests == routing.size
            met = "met" if seconds <= 5 and peak <= 1024 else "MISSED"
            aim = "" if pattern == "records.jsonl" else met
            yield f"| {pattern} | {requests / seconds / 1e6:.1f} | {seconds:.1f} | {busy:.1f} | {peak:,.0f} | {aim} |"
    yield ""


def main() -> None:
    lines = []
    for line in reading(REQUESTS):
        print(line, flush=True)
        lines.append(line)
    write_atomically(RESULT, with_section(RESULT.read_text(), title(REQUESTS), lines).encode())


if __name__ == "__main__":
    main()
