"""``layered-paging campaign run`` and ``resume``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layered_paging.cli.options import Dask, Jobs, Json, Seed, StoreFile

if TYPE_CHECKING:
    from layered_paging.campaign.plan import Plan
    from layered_paging.campaign.rows import Row
    from layered_paging.campaign.run import Limits

BUILT_IN = ("atlas", "verify", "replay")
KIND_OF = {"atlas": "atlas-cell", "verify": "theorem-check", "replay": "replay"}

TimeLimit = Annotated[
    float | None,
    typer.Option(
        "--time-limit", metavar="SECONDS", help="for one task; a worker that takes longer is killed"
    ),
]
Memory = Annotated[
    str | None,
    typer.Option("--memory", metavar="B", help="for all tasks together, as 8GB [default: the machine's]"),
]


def run(
    what: Annotated[
        str,
        typer.Argument(metavar="FILE|atlas|verify|replay", help="campaign file, or a built-in one"),
    ],
    store: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="STORE", help="[default: name of the campaign with .db]"),
    ] = None,
    pages: Annotated[
        int | None, typer.Option("--pages", min=2, help="atlas, verify: instances with n*l up to this")
    ] = None,
    trace: Annotated[
        list[Path] | None, typer.Option("--trace", metavar="TRACE", help="replay: repeatable")
    ] = None,
    cache: Annotated[
        list[str] | None, typer.Option("-k", "--cache", metavar="K…", help="replay: slots, as 64,128")
    ] = None,
    policy: Annotated[
        list[str] | None, typer.Option("--policy", metavar="P", help="verify, replay: repeatable")
    ] = None,
    seed: Seed = 0,
    jobs: Jobs = None,
    dask: Dask = None,
    time_limit: TimeLimit = None,
    memory: Memory = None,
    json: Json = False,
) -> int:
    """Compute what the store does not hold yet. Exit status 1 if a task has failed.

    Interrupted or killed, it goes on where it stopped: with the same command, or with ``resume STORE``.
    """
    from layered_paging.campaign.kinds.registry import KINDS
    from layered_paging.campaign.plan import Plan, read_plan
    from layered_paging.campaign.run import Workers, run_plan
    from layered_paging.cli.output import open_progress
    from paging.errors import InvalidArgument

    chosen: dict[str, Any] = {
        "--pages": pages,
        "--trace": trace,
        "-k": cache,
        "--policy": policy,
        "--seed": seed or None,
    }
    if what in BUILT_IN:
        plan = _built_in(what, chosen)
    else:
        if given := [name for name, value in chosen.items() if value is not None]:
            raise InvalidArgument(f"{given[0]}: is for {', '.join(BUILT_IN)}; a campaign file says it itself")
        plan = read_plan(Path(what), KINDS)
    path = store or Path(f"{Path(what).stem}.db")
    limits = _limits(plan.time_limit if time_limit is None else time_limit, memory, plan.memory)
    plan = Plan(plan.tasks, limits.time_limit, limits.memory)
    with open_progress("campaign") as progress:
        rows = run_plan(path, plan, KINDS, Workers(jobs, dask), progress)
    return _report(path, rows, json)


def resume(
    store: StoreFile,
    failed: Annotated[bool, typer.Option("--failed", help="try failed tasks again, too")] = False,
    jobs: Jobs = None,
    dask: Dask = None,
    time_limit: TimeLimit = None,
    memory: Memory = None,
    json: Json = False,
) -> int:
    """Go on with what a store holds. Exit status 1 if a task has failed."""
    from layered_paging.campaign.kinds.registry import KINDS
    from layered_paging.campaign.run import Workers
    from layered_paging.campaign.run import resume as go_on
    from layered_paging.cli.output import open_progress

    limits = _limits(time_limit, memory, None)
    with open_progress("campaign") as progress:
        rows = go_on(store, KINDS, Workers(jobs, dask), limits, progress, failed)
    return _report(store, rows, json)


def _built_in(name: str, chosen: dict[str, Any]) -> Plan:
    """A built-in campaign, as if it stood in a file."""
    from layered_paging.campaign.kinds.registry import KINDS
    from layered_paging.campaign.plan import make_plan
    from layered_paging.cli.numbers import numbers
    from paging.errors import InvalidArgument

    takes = {
        "atlas": ("--pages",),
        "verify": ("--pages", "--policy", "--seed"),
        "replay": ("--trace", "-k", "--policy", "--seed"),
    }[name]
    for option, value in chosen.items():
        if value is not None and option not in takes:
            raise InvalidArgument(f"{option}: is not for {name}, which takes {', '.join(takes)}")
    section: dict[str, Any] = {"kind": KIND_OF[name]}
    if name == "atlas":
        section |= {"pages": chosen["--pages"] or 8}
    else:
        section |= {"seeds": [chosen["--seed"] or 0]}
    if name == "verify" and chosen["--pages"]:
        section["pages"] = chosen["--pages"]
    if chosen["--policy"]:
        section["policies"] = chosen["--policy"]
    if name == "replay":
        if not chosen["--trace"] or not chosen["-k"]:
            raise InvalidArgument("replay: expected --trace TRACE (one or more) and -k SLOTS")
        section |= {
            "traces": [str(path) for path in chosen["--trace"]],
            "caches": numbers("-k", chosen["-k"]),
        }
    return make_plan({"tasks": [section]}, name, Path(), KINDS)


def _limits(time_limit: float | None, memory: str | None, planned: int | None) -> Limits:
    from layered_paging.campaign.run import Limits
    from layered_paging.cli.numbers import capacities
    from paging.errors import InvalidArgument

    if time_limit is not None and not 0 < time_limit < 1e15:
        raise InvalidArgument(f"--time-limit: expected a number above 0, got {time_limit:g}")
    return Limits(time_limit, capacities("--memory", [memory])[0] if memory else planned)


def _report(path: Path, rows: list[Row], json: bool) -> int:
    from collections import Counter

    from layered_paging.campaign.rows import STATES
    from layered_paging.cli.output import print_json, warn

    counts = Counter(row.state for row in rows)
    unfinished = [row for row in rows if row.state != "done"]
    if json:
        failures = [{"task": str(row.task), "state": row.state, "error": row.error} for row in unfinished]
        print_json(
            {"store": str(path), "counts": {state: counts[state] for state in STATES}, "failures": failures}
        )
    else:
        print(f"{path}: " + ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state]))
        for row in unfinished:
            warn(f"{row.task}: {row.state}: {row.error}")
    return int(bool(unfinished))
