"""``layered-paging measure``: what the policies pay on a trace, and what OPT pays."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from layered_paging.cli.options import (
    Axes,
    Bandwidth,
    Bypass,
    Capacity,
    Compute,
    ExpertBytes,
    Fields,
    Html,
    Json,
    Latency,
    Lenient,
    Phase,
    Plot,
    Seed,
    Semantics,
    TraceFile,
    TraceFormat,
    Warmup,
)

SHARED = 1_000_000
"""Requests to policies in Python, all together, from which on they get processes of their own: about 20 s of work."""


def measure(
    context: typer.Context,
    trace: TraceFile,
    cache: Annotated[
        list[str] | None,
        typer.Option("-k", "--cache", metavar="K…", help="slots: 64, or several: 64 128 or 64,128"),
    ] = None,
    capacity: Capacity = None,
    bypass: Bypass = False,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            "--policy", metavar="P", help="only this one: id, MODULE:CLASS or FILE.py:CLASS (repeatable)"
        ),
    ] = None,
    form: TraceFormat = None,
    lenient: Lenient = False,
    field: Fields = None,
    axes: Axes = None,
    phase: Phase = "decode",
    semantics: Semantics = "sequential",
    warmup: Warmup = "0",
    expert_bytes: ExpertBytes = None,
    bandwidth: Bandwidth = None,
    latency: Latency = "0",
    compute: Compute = "0",
    seed: Seed = 0,
    every: Annotated[
        bool, typer.Option("--all", help="print every policy [default: the best, LRU, LLRU and OPT]")
    ] = False,
    plot: Plot = None,
    html: Html = None,
    json: Json = False,
) -> None:
    """Misses, hit rate and ratio to OPT of the policies on a routing trace."""
    from layered_paging.cli.known import best_known
    from layered_paging.cli.machine import machine, needs_sizes
    from layered_paging.cli.numbers import capacities, numbers, warm_up
    from layered_paging.cli.output import after, print_json, print_table, progress
    from layered_paging.cli.reading import read
    from layered_paging.pages.made import Made
    from layered_paging.pages.measurement import measurement_page
    from layered_paging.pages.saving import check_page, save
    from layered_paging.plots import check_plot, plot_measurement
    from layered_paging.policy_spec import as_policies
    from paging.errors import InvalidArgument
    from paging.fast import has_kernel
    from paging.measure import BEST, OPT_LOWER, OPT_UPPER, best_rows
    from paging.measure import measure as measure_trace
    from paging.model import Instance
    from paging.policies.named import registered
    from paging.policies.registry import POLICIES
    from paging.pool import pool
    from paging.traces.source import shown
    from proofs.known import known

    if (cache is None) == (capacity is None):
        raise InvalidArgument("measure: expected -k SLOTS or --capacity BYTES")
    caches = numbers("-k", cache) if cache else capacities("--capacity", capacity or [])
    policies = as_policies(policy) if policy else None
    timing = machine(bandwidth, latency, compute)
    if timing is not None and html is None:
        raise InvalidArgument("--bandwidth: expected --html, whose cursor reads the times")
    if plot is not None:
        check_plot(plot)
    if html is not None:
        check_page(html)
    warm = warm_up(warmup)
    routing = read(trace, form, lenient, field, axes, phase, expert_bytes)
    if timing is not None:
        needs_sizes(routing, trace)
    requests = routing.requests(phase, semantics, warmup=warm)
    page_bytes = routing.page_bytes() if capacity else None
    if capacity and page_bytes is None:
        raise InvalidArgument(
            f"{trace}: --capacity needs the sizes of its experts; --expert-bytes gives them"
        )
    chosen = policies or tuple(POLICIES.values())
    slow = len(caches) * sum(registered(each) and not has_kernel(each) for each in chosen) * len(requests)
    workers = (os.cpu_count() or 1) if slow >= SHARED else 1
    with pool(workers) as executor, progress(len(caches) * (1 + len(chosen)), "measure") as advance:
        found = measure_trace(
            requests,
            caches,
            policies,
            seed=seed,
            sizes=page_bytes,
            bypass=bypass,
            dropped_tokens=routing.dropped_tokens(phase),
            progress=advance,
            processes=executor if workers > 1 else None,
        )
    heading = (
        f"{trace}: {routing.layers} layers x {routing.experts} experts, {routing.width} per token, "
        f"{found.requests} {phase} requests, {semantics}{after(found.warmup)}"
    )
    if plot is not None:
        plot_measurement(found, plot)
    if html is not None:
        made = Made.of(context.obj, shown(trace), routing)
        served = None if timing is None else (requests, timing)
        save(measurement_page(found, made, heading, routing, served), html)
    if json:
        print_json(found.to_dict())
        return
    print(f"{heading}\n")
    printed = best_rows(found.rows, None if every or policy else BEST)
    print_table(
        ["cache" if found.unit == "slots" else "bytes", "policy", "misses", "hit rate", "ratio to OPT"],
        [[row.texts[0], row.policy, *row.texts[1:]] for row in printed],
        numeric=(0, 2, 3),
    )
    if len(printed) < len(found.rows):
        print(f"\nThe {BEST} best of each cache, LRU, LLRU and OPT; --all prints every policy.")
    if requests.width == 1 and not capacity:
        print("\nOn the worst sequences, ALG / OPT:")
        for k in caches:
            print(best_known(known(Instance(routing.layers, routing.experts, k)), deterministic=True))
    if any(row.policy == OPT_LOWER for row in found.rows):
        print(
            f"\nOPT is an interval: pages differ in size. Ratios are to {OPT_UPPER}, the best schedule found."
        )
