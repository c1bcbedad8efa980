"""``layered-paging curve``: misses of LRU and OPT at every cache size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from layered_paging.cli.options import (
    Axes,
    ExpertBytes,
    Fields,
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

if TYPE_CHECKING:
    from paging.curve import Curve
    from paging.measure import Measurement


def curve(
    trace: TraceFile,
    policies: Annotated[
        str, typer.Option("--policies", metavar="P,…", help="others to run at the chosen sizes, by commas")
    ] = "",
    sizes: Annotated[
        str, typer.Option("--sizes", metavar="K,…", help="cache sizes of the table: 16,32,64 or log")
    ] = "log",
    form: TraceFormat = None,
    lenient: Lenient = False,
    field: Fields = None,
    axes: Axes = None,
    phase: Phase = "decode",
    semantics: Semantics = "sequential",
    warmup: Warmup = "0",
    expert_bytes: ExpertBytes = None,
    seed: Seed = 0,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="all sizes as a table")] = None,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Exact misses of LRU and of OPT for all cache sizes at once; other policies at chosen sizes."""
    from layered_paging.cli.numbers import sizes as chosen_sizes
    from layered_paging.cli.numbers import warm_up
    from layered_paging.cli.output import after, print_json
    from layered_paging.cli.reading import read
    from layered_paging.plots import check_plot, plot_curve
    from layered_paging.policy_spec import as_policies
    from paging.curve import curve as all_sizes
    from paging.files import check_folder, write_atomically
    from paging.measure import measure

    chosen_policies = as_policies(policies.split(",")) if policies else None
    if plot is not None:
        check_plot(plot)
    if csv is not None:
        check_folder(csv)
    warm = warm_up(warmup)
    routing = read(trace, form, lenient, field, axes, phase, expert_bytes)
    requests = routing.requests(phase, semantics, warmup=warm)
    found = all_sizes(requests)
    chosen = chosen_sizes(sizes, int(found.cache[0]), int(found.cache[-1]))
    others = measure(requests, chosen, chosen_policies, seed=seed) if chosen_policies else None
    if csv is not None:
        write_atomically(csv, found.to_polars().write_csv().encode())
    if plot is not None:
        plot_curve(found, others, plot, routing.mean_page_bytes())
    if json:
        rows = [] if others is None else [row for row in others.to_dict()["rows"] if row["policy"] != "opt"]
        print_json(
            {
                **found.to_dict(),
                "warmup": requests.warmup,
                "dropped_tokens": routing.dropped_tokens(phase),
                "rows": rows,
            }
        )
        return
    print(
        f"{trace}: {routing.layers} layers x {routing.experts} experts, {routing.width} per token, "
        f"{found.requests} {phase} requests, {semantics}{after(requests.warmup)}\n"
    )
    _show(found, others, chosen)


def _show(found: Curve, others: Measurement | None, chosen: list[int]) -> None:
    from layered_paging.cli.output import print_table

    names = list(dict.fromkeys(row.policy for row in others.rows if row.policy != "opt")) if others else []
    rates = {(row.policy, row.cache): row.hit_rate for row in others.rows} if others else {}
    rows = []
    for size in chosen:
        lru, opt = (f"{1 - misses / found.requests:.2%}" for misses in found.at(size))
        rows.append([str(size), opt, lru, *(f"{rates[name, size]:.2%}" for name in names)])
    print_table(["cache", "OPT", "LRU", *names], rows, numeric=range(3 + len(names)))
