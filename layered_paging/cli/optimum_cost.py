"""``layered-paging optimum-cost``: OPT on a trace, by any engine, proven on request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from layered_paging.cli.options import (
    Axes,
    CacheSize,
    Fields,
    Json,
    Lenient,
    Phase,
    Semantics,
    TraceFile,
    TraceFormat,
    Warmup,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paging.model import Instance, Requests
    from paging.offline.engines import Optimum


def optimum_cost(
    trace: TraceFile,
    cache: CacheSize,
    engine: Annotated[
        str,
        typer.Option(
            "--engine", metavar="E…", help="belady, offset, flow, ilp; several must agree: belady,flow"
        ),
    ] = "belady",
    prove: Annotated[
        bool, typer.Option("--prove", help="find prices that prove the schedule optimal, and check them")
    ] = False,
    first: Annotated[
        int | None,
        typer.Option(
            "--first", metavar="N", min=1, help="only the first N requests (whole sets), after the warm-up"
        ),
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(
            "--time-limit", metavar="S", min=0.01, help="seconds for ilp, which then may leave a gap"
        ),
    ] = None,
    form: TraceFormat = None,
    lenient: Lenient = False,
    field: Fields = None,
    axes: Axes = None,
    phase: Phase = "decode",
    semantics: Semantics = "sequential",
    warmup: Warmup = "0",
    json: Json = False,
) -> int:
    """The least number of misses with which a trace can be served. Exit status 1 if engines disagree."""
    from layered_paging.cli.numbers import warm_up
    from layered_paging.cli.output import after, print_json, print_table, progress
    from layered_paging.cli.reading import read
    from paging.model import Instance
    from paging.names import look_up
    from paging.offline.engines import ENGINES, opt

    names = list(dict.fromkeys(engine.split(",")))
    for name in names:
        look_up("engine", name, ENGINES)
    warm = warm_up(warmup)
    routing = read(trace, form, lenient, field, axes, phase)
    requests = routing.requests(phase, semantics, warmup=warm)
    if first is not None:
        requests = requests.first(-(-(requests.warmup + first) // requests.width)).warmed(requests.warmup)
    instance = Instance(routing.layers, routing.experts, cache)
    found = []
    with progress(len(names) + prove, "optimum-cost") as advance:
        for name in names:
            advance(name, 0)
            found.append(opt(instance, requests, name, time_limit=time_limit))
            advance(name)
        proven = _prove(instance, requests, found) if prove else None
    agree = max(one.bound for one in found) <= min(one.cost for one in found)
    if json:
        document: dict[str, object] = {
            "requests": requests.counted,
            "warmup": requests.warmup,
            "dropped_tokens": routing.dropped_tokens(phase),
            "engines": {one.engine: one.cost for one in found},
            "bounds": {one.engine: one.bound for one in found},
            "agree": agree,
        }
        print_json(document if proven is None else document | {"proven": proven})
    else:
        if requests.warmup:
            print(f"{requests.counted} {phase} requests, {semantics}{after(requests.warmup)}\n")
        print_table(
            ["engine", "misses", "hit rate", "gap"],
            [
                [one.engine, str(one.cost), f"{1 - one.cost / requests.counted:.2%}", str(one.gap)]
                for one in found
            ],
            numeric=(1, 2, 3),
        )
        if proven is not None:
            print(f"\nproven: no schedule has fewer than {proven} misses (prices checked)")
        if not agree:
            print("\nDISAGREEMENT: an engine's cost is below another's bound")
    return int(not agree)


def _prove(instance: Instance, requests: Requests, found: Sequence[Optimum]) -> int:
    """The cost proven for the first schedule found."""
    from paging.errors import InvalidArgument
    from paging.offline.intervals import interval_problem
    from paging.offline.proof import prove

    for one in found:
        if one.hits is not None:
            return prove(interval_problem(instance, requests), one.hits).cost
    raise InvalidArgument(
        "--prove: expected an engine that gives a schedule: flow or ilp; or belady, without a warm-up"
    )
