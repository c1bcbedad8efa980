"""The paper's experiments again: LRU, LLRU, LFU, guided policies, their -Dist variants, OPT and OPT-Dist.

.venv/bin/python -m benchmarks.paper     (the recorded traces are taken from ../shared/traces where they are there)
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from layered_paging.plots import save
from paging.errors import InvalidPartition
from paging.explain.layers import divided_opt
from paging.fast import misses_of
from paging.files import write_atomically
from paging.model import Instance, Requests
from paging.offline.belady import belady
from paging.policies.registry import POLICIES
from paging.pool import pool
from paging.traces.formats import read_trace
from paging.traces.synthetic import synthetic

RESULTS = Path(__file__).parent / "results"
TRACES = Path(__file__).parents[2] / "shared" / "traces"
SHARED = ("lru", "llru", "lfu", "guided-lru", "guided-lfu", "guided-llru", "guided-far", "guided-random")
NAMES = (*SHARED, *(f"{name}-dist" for name in SHARED), "opt", "opt-dist")
TOKENS = 2000


@dataclass(frozen=True)
class Case:
    """One trace with one cache; misses by name (missing: not possible)."""

    trace: str
    cache: int
    pages: int
    requests: int
    misses: dict[str, int]

    def ratio(self, name: str, other: str) -> float:
        return self.misses[name] / self.misses[other]


def traces() -> dict[str, Requests]:
    """Recorded and synthetic ones, sequential semantics."""
    found = {
        path.name.split(".")[0]: read_trace(path).requests() for path in sorted(TRACES.glob("*.route.csv"))
    }
    for zipf in (0.5, 1.0, 1.5):
        for stickiness in (0.0, 0.25, 0.5):
            rng = np.random.default_rng(0)
            trace = synthetic(32, 8, TOKENS, width=2, zipf=zipf, stickiness=stickiness, rng=rng)
            found[f"32x8 Zipf {zipf} stickiness {stickiness}"] = trace.requests()
    return found


def sizes(requests: Requests) -> list[int]:
    """From one slot per layer to three quarters of all pages."""
    pages, layers = requests.layers * requests.experts, requests.layers
    return sorted({layers, layers * requests.width, pages // 4, pages // 2, 3 * pages // 4})


def misses(name: str, requests: Requests, cache: int) -> int | None:
    """Of one policy, or of OPT."""
    instance = Instance(requests.layers, requests.experts, cache)
    if name == "opt":
        return int(np.count_nonzero(~belady(instance, requests)))
    if name == "opt-dist":
        return divided_opt(requests, cache)
    try:
        return misses_of(POLICIES[name], instance, requests, np.random.default_rng(0))
    except InvalidPartition:
        return None


def cases(executor: Executor) -> list[Case]:
    """All traces at all sizes."""
    running = [
        (trace, requests, cache, {name: executor.submit(misses, name, requests, cache) for name in NAMES})
        for trace, requests in traces().items()
        for cache in sizes(requests)
    ]
    result = []
    for trace, requests, cache, futures in running:
        found = {name: future.result() for name, future in futures.items()}
        result.append(
            Case(
                trace,
                cache,
                requests.layers * requests.experts,
                len(requests),
                {name: count for name, count in found.items() if count is not None},
            )
        )
        print(f"{trace}, k = {cache}", flush=True)
    return result


def extreme(all_cases: Sequence[Case], name: str, other: str) -> tuple[Case, Case]:
    """Where name / other is least and largest."""
    having = [case for case in all_cases if name in case.misses and other in case.misses]
    ordered = sorted(having, key=lambda case: case.ratio(name, other))
    return ordered[0], ordered[-1]


def claims(all_cases: Sequence[Case]) -> list[str]:
    """What the paper is reported to say beside what is measured here."""

    def said(case: Case, name: str, other: str) -> str:
        return f"{case.ratio(name, other):.3f} ({case.trace}, k = {case.cache})"

    rows = []
    for text, name, other, bound, below in (
        ("LLRU has up to 15 % fewer misses than LRU", "llru", "lru", 0.85, True),
        ("LRU has up to 2.5 times the misses of OPT", "lru", "opt", 2.5, False),
        ("OPT-Dist has up to 3 times the misses of OPT", "opt-dist", "opt", 3.0, False),
    ):
        least, most = extreme(all_cases, name, other)
        value = (least if below else most).ratio(name, other)
        reached = value <= bound if below else value >= bound
        verdict = "reached here too" if reached else "not reached here"
        rows.append(
            f"| {text} | paper* | {name} / {other} | {said(least, name, other)} | {said(most, name, other)} | {verdict} |"
        )
    return [
        "| reported | tag | ratio | least here | largest here | |",
        "| --- | --- | --- | --- | --- | --- |",
        *rows,
    ]


def table(all_cases: Sequence[Case]) -> list[str]:
    """Misses divided by those of OPT."""
    lines = [
        "| trace | k | of pages | hit rate of OPT | " + " | ".join(n for n in NAMES if n != "opt") + " |",
        "| --- | ---: | ---: | ---: |" + " ---: |" * (len(NAMES) - 1),
    ]
    for case in all_cases:
        cells = [
            f"{case.ratio(name, 'opt'):.2f}" if name in case.misses else "-"
            for name in NAMES
            if name != "opt"
        ]
        rate = 1 - case.misses["opt"] / case.requests
        lines.append(
            f"| {case.trace} | {case.cache} | {case.cache / case.pages:.0%} | {rate:.1%} | "
            + " | ".join(cells)
            + " |"
        )
    return lines


def plot(all_cases: Sequence[Case], path: Path) -> None:
    """Misses over those of OPT against cache size, a panel per trace."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(case.trace for case in all_cases))
    columns = 3
    rows = -(-len(names) // columns)
    figure = Figure(figsize=(4.4 * columns, 3.0 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    shown = ("lru", "llru", "lfu", "guided-far", "guided-lfu", "lru-dist", "opt-dist")
    for axes, trace in zip(panels, names, strict=False):
        for index, name in enumerate(shown):
            points = [
                (c.cache / c.pages, c.ratio(name, "opt"))
                for c in all_cases
                if c.trace == trace and name in c.misses
            ]
            style = "--" if name.endswith("-dist") else "-"
            axes.plot(
                *zip(*points, strict=True), style, marker="o", markersize=3, color=f"C{index}", label=name
            )
        axes.axhline(1, color="black", linewidth=1)
        axes.set_title(trace, fontsize="small")
        axes.grid(alpha=0.3)
    for axes in panels[len(names) :]:
        axes.axis("off")
    for axes in panels[max(0, len(names) - columns) : len(names)]:
        axes.set_xlabel("cache size / all pages")
    for axes in panels[::columns]:
        axes.set_ylabel("misses / OPT")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(shown), fontsize="small")
    save(figure, path)


def main() -> None:
    with pool(os.cpu_count() or 1) as executor:
        found = cases(executor)

    lines = [
        "# The paper's experiments, again",
        "",
        "Command: `.venv/bin/python -m benchmarks.paper`. Misses divided by those of OPT; sequential semantics, decode phase;",
        f"synthetic traces: 32 layers x 8 experts, two per token, {TOKENS} tokens. LLRU is our reading of the paper's policy; "
        "the figures of",
        "the paper are known to us through secondary accounts, and its traces are not ours.",
        "",
        *claims(found),
        "",
        "![misses over OPT](paper.svg)",
        "",
        *table(found),
    ]

    write_atomically(RESULTS / "paper.md", ("\n".join(lines) + "\n").encode())
    plot(found, RESULTS / "paper.svg")


if __name__ == "__main__":
    main()
