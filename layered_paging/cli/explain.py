"""``layered-paging explain``: is it the policy, or could nothing do better?"""

from __future__ import annotations

from typing import Annotated

import typer

from layered_paging.cli.options import (
    Axes,
    Bandwidth,
    CacheSize,
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


def explain(
    context: typer.Context,
    trace: TraceFile,
    cache: CacheSize,
    policy: Annotated[
        str, typer.Option("--policy", metavar="P", help="whose misses: id, MODULE:CLASS or FILE.py:CLASS")
    ] = "lru",
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
    plot: Plot = None,
    html: Html = None,
    json: Json = False,
) -> None:
    """Policy failure or working-set failure: where the misses of a policy on a trace come from."""
    from layered_paging.cli.machine import machine
    from layered_paging.cli.numbers import warm_up
    from layered_paging.cli.output import print_json, progress, warn
    from layered_paging.cli.reading import read
    from layered_paging.pages.explanation import explanation_page
    from layered_paging.pages.made import Made
    from layered_paging.pages.saving import check_page, save
    from layered_paging.plots import check_plot, plot_explanation
    from layered_paging.policy_spec import as_policy
    from layered_paging.text.explanation import NO_SIZES, page
    from paging.explain.explanation import explain as explain_trace
    from paging.policies.registry import SHARED
    from paging.traces.source import shown

    meant = as_policy(policy)
    timing = machine(bandwidth, latency, compute)
    speed = None if timing is None else float(timing.bandwidth) / 1e9
    if plot is not None:
        check_plot(plot)
    if html is not None:
        check_page(html)
    warm = warm_up(warmup)
    routing = read(trace, form, lenient, field, axes, phase, expert_bytes)
    with progress(len(SHARED) + 4, "explain") as advance:
        found = explain_trace(
            routing,
            cache,
            meant,
            phase=phase,
            atomic=semantics == "atomic",
            warmup=warm,
            seed=seed,
            progress=advance,
        )
    if plot is not None:
        plot_explanation(found, plot)
    if html is not None:
        requests = routing.requests(phase, semantics, warmup=warm)
        made = Made.of(context.obj, shown(trace), routing)
        save(explanation_page(found, made, None if timing is None else (requests, timing)), html)
    if json:
        result = found.to_dict()
        if speed is not None and found.bytes_per_token is None:
            warn(f"--bandwidth: {NO_SIZES}")
        elif speed is not None:
            result["load_seconds_per_token"] = {
                name: size / (speed * 1e9) for name, size in result["bytes_per_token"].items()
            }
        print_json({**result, "dropped_tokens": routing.dropped_tokens(phase)})
    else:
        print("\n".join(page(found, speed)))
