"""``layered-paging headroom``: what a better policy could save per token, and what its decisions may cost."""

from __future__ import annotations

from typing import Annotated

import typer

from layered_paging.cli.options import (
    Axes,
    CacheSizes,
    Compute,
    ExpertBytes,
    Fields,
    Json,
    Latency,
    Lenient,
    Phase,
    Seed,
    Semantics,
    TraceFile,
    TraceFormat,
    Warmup,
)


def headroom(
    trace: TraceFile,
    cache: CacheSizes,
    bandwidth: Annotated[str, typer.Option("--bandwidth", metavar="GB/S", help="of loading experts")],
    latency: Latency = "0",
    compute: Compute = "0",
    overlap: Annotated[bool, typer.Option("--overlap", help="load while a layer is computed")] = False,
    lookahead: Annotated[
        int,
        typer.Option(
            "--lookahead", metavar="L", help="layers ahead that experts are predicted; with --overlap"
        ),
    ] = 0,
    accuracy: Annotated[
        str, typer.Option("--accuracy", metavar="P", help="share of the predictions that are right")
    ] = "1",
    elsewhere: Annotated[
        str | None,
        typer.Option(
            "--elsewhere", metavar="US", help="what computing a missed expert on the CPU takes longer, in µs"
        ),
    ] = None,
    decision: Annotated[
        str,
        typer.Option("--decision-cost", metavar="US", help="of an eviction, more than with --policy, in µs"),
    ] = "0",
    policy: Annotated[
        str,
        typer.Option("--policy", metavar="P", help="the one you have: id, MODULE:CLASS or FILE.py:CLASS"),
    ] = "lru",
    form: TraceFormat = None,
    lenient: Lenient = False,
    field: Fields = None,
    axes: Axes = None,
    phase: Phase = "decode",
    semantics: Semantics = "sequential",
    warmup: Warmup = "0",
    expert_bytes: ExpertBytes = None,
    seed: Seed = 0,
    every: Annotated[bool, typer.Option("--all", help="print every policy [default: the best]")] = False,
    json: Json = False,
) -> None:
    """Is a better cache worth building? The time of a token: now, at best, and what deciding may cost."""
    from layered_paging.cli.machine import needs_sizes
    from layered_paging.cli.numbers import exact_number, numbers, warm_up
    from layered_paging.cli.output import print_json, progress
    from layered_paging.cli.reading import read
    from layered_paging.policy_spec import as_policy
    from layered_paging.text.headroom_sizes import decision as decided
    from layered_paging.text.headroom_sizes import pages
    from layered_paging.text.headroom_verdict import verdict
    from paging.timing.headroom import COMPARED
    from paging.timing.headroom import headroom as headroom_of
    from paging.timing.model import Timing

    micro = 10**6
    timing = Timing(
        bandwidth=exact_number("--bandwidth", bandwidth) * 10**9,
        latency=exact_number("--latency", latency) / micro,
        compute=exact_number("--compute", compute) / micro,
        overlap=overlap,
        lookahead=lookahead,
        accuracy=exact_number("--accuracy", accuracy),
        elsewhere=None if elsewhere is None else exact_number("--elsewhere", elsewhere) / micro,
    )
    paid = exact_number("--decision-cost", decision) / micro
    meant = as_policy(policy)
    caches = numbers("-k", cache)
    warm = warm_up(warmup)
    routing = read(trace, form, lenient, field, axes, phase, expert_bytes)
    needs_sizes(routing, trace)
    with progress(len(caches) * (len(COMPARED) + 5), "headroom") as advance:
        found = [
            headroom_of(
                routing,
                slots,
                timing,
                meant,
                phase=phase,
                atomic=semantics == "atomic",
                warmup=warm,
                decision=paid,
                seed=seed,
                progress=advance,
            )
            for slots in caches
        ]
    if json:
        said = [{"verdict": verdict(one), **one.to_dict()} for one in found]
        whole = said[0] if len(said) == 1 else {"verdict": decided(found), "caches": said}
        print_json({**whole, "dropped_tokens": routing.dropped_tokens(phase)})
    else:
        print("\n".join(pages(found, every)))
