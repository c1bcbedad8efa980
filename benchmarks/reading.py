"""Seconds to read traces from files (part of benchmarks.speed)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from benchmarks.speed_rows import TRACES, Trace
from paging.traces.formats import read_trace, write_trace


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
