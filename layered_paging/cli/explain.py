"""``layered-paging explain``: is it the policy, or could nothing do better?"""

from __future__ import annotations

from typing import Annotated

import typer

from layered_paging.cli.options import (
    Axes,
    CacheSize,
    ExpertBytes,
    Fields,
    Html,
    Json,
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
    bandwidth: Annotated[
        float | None, typer.Option("--bandwidth", metavar="GB/S", help="gives the load time per token")
    ] = None,
    seed: Seed = 0,
    plot: Plot = None,
    html: Html = None,
    json: Json = False,
) -> None:
    """Policy failure or working-set failure: where the misses of a policy on a trace come from."""
    from layered_paging.cli.numbers import expert_bytes as sizes_of
    from layered_paging.cli.numbers import warm_up
    from layered_paging.cli.output import print_json, progress, warn
    from layered_paging.cli.reading import read
    from layered_paging.pages.explanation import explanation_page
    from layered_paging.pages.made import Made
    from layered_paging.pages.saving import check_page, save
    from layered_paging.plots import check_plot, plot_explanation
    from layered_paging.policy_spec import as_policy
    from layered_paging.text.explanation import NO_SIZES, page
    from paging.errors import InvalidArgument
    from paging.explain.explanation import explain as explain_trace
    from paging.policies.registry import SHARED
    from paging.traces.source import shown

    meant = as_policy(policy)
    if bandwidth is not None and not bandwidth > 0:
        raise InvalidArgument(f"--bandwidth: expected a positive number of GB/s, got {bandwidth:g}")
    if plot is not None:
        check_plot(plot)
    if html is not None:
        check_page(html)
    sizes, warm = expert_bytes and sizes_of(expert_bytes), warm_up(warmup)
    routing = read(trace, form, lenient, field, axes, phase)
    routing = routing.sized(sizes) if sizes else routing
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
        save(explanation_page(found, Made.of(context.obj, shown(trace), routing), bandwidth), html)
    if json:
        result = found.to_dict()
        if bandwidth is not None and found.bytes_per_token is None:
            warn(f"--bandwidth: {NO_SIZES}")
        elif bandwidth is not None:
            result["load_seconds_per_token"] = {
                name: size / (bandwidth * 1e9) for name, size in result["bytes_per_token"].items()
            }
        print_json({**result, "dropped_tokens": routing.dropped_tokens(phase)})
    else:
        print("\n".join(page(found, bandwidth)))
