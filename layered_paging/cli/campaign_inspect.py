"""``layered-paging campaign status``, ``export`` and ``diff``: they read, and never disturb a running campaign."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from layered_paging.cli.options import Json, StoreFile


def status(store: StoreFile, json: Json = False) -> None:
    """How far a campaign is: tasks by kind and state, those that run, those that failed, and the time left."""
    from layered_paging.campaign.rows import STATES
    from layered_paging.campaign.status import status as look
    from layered_paging.cli.output import print_json, print_table

    found = look(store)
    if json:
        print_json(found.to_dict())
        return
    rows = [
        [kind, *(str(counts[state]) for state in STATES)] for kind, counts in sorted(found.counts.items())
    ]
    print_table(["kind", *STATES], rows, numeric=range(1, len(STATES) + 1))
    if found.open and not found.coordinated:
        print(f"nobody works on it; to go on: layered-paging campaign resume {store}")
    for task, seconds in found.running:
        print(f"running for {seconds:.1f} s: {task}")
    if found.remaining is not None:
        print(f"about {found.remaining:.0f} s left")
    for task, error in found.failures:
        print(f"failed: {task}: {error}")


def export(
    store: StoreFile,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="table: .csv, .json or .parquet")
    ],
    measured: Annotated[
        bool,
        typer.Option(
            "--measured", help="also attempts, seconds, memory, worker: they differ from run to run"
        ),
    ] = False,
) -> None:
    """The results as a table, one row per task, in a fixed order."""
    from layered_paging.campaign.export import export as write

    count = write(store, output, measured)
    print(f"{output}: {count} tasks")


def diff(
    a: Annotated[Path, typer.Argument(metavar="A", help="store")],
    b: Annotated[Path, typer.Argument(metavar="B", help="store")],
    json: Json = False,
) -> int:
    """What differs between the results of two stores. Exit status 1 if a result has changed."""
    from layered_paging.campaign.diff import diff as compare
    from layered_paging.cli.output import print_json

    found = compare(a, b)
    changed = [one for one in found if one.what == "changed"]
    if json:
        print_json({"changed": len(changed), "differences": [one.to_dict() for one in found]})
    else:
        for one in found:
            print(f"{one.what}: {one.task}")
            for detail in one.details:
                print(f"  {detail}")
        print(f"{len(changed)} changed, {len(found) - len(changed)} in one store only")
    return int(bool(changed))
