"""``layered-paging campaign verify`` and ``recover``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from layered_paging.cli.options import Jobs, Json, StoreFile


def verify(
    store: StoreFile,
    jobs: Jobs = None,
    json: Json = False,
) -> int:
    """Check every certificate of a store again, with the independent verifier. Exit status 1 if one is rejected."""
    from layered_paging.campaign.check import check_store
    from layered_paging.campaign.kinds.registry import KINDS
    from layered_paging.campaign.reading import read_store
    from layered_paging.cli.output import print_json, progress
    from paging.pool import pool

    total = sum(len(row.files) for row in read_store(store).rows)
    with pool(jobs or os.cpu_count() or 1) as executor, progress(total, "verify") as advance:
        found = list(check_store(store, KINDS, executor, advance))
    bad = [one for one in found if not one.valid]
    if json:
        print_json({"files": len(found), "rejected": len(bad), "results": [one.to_dict() for one in found]})
    else:
        for one in bad:
            print(f"REJECTED: {one.task}: {one.path}: {one.said}")
        print(f"{store}: {len(found)} files, {len(bad)} rejected")
    return int(bool(bad))


def recover(
    store: StoreFile,
    new: Annotated[Path, typer.Argument(metavar="NEW", help="store to be written; must not be there")],
    json: Json = False,
) -> None:
    """Salvage what is intact of a damaged store into a new one; ``resume NEW`` then computes the rest."""
    from layered_paging.campaign.recover import recover as salvage
    from layered_paging.cli.output import print_json

    found = salvage(store, new)
    if json:
        print_json(found.to_dict())
    else:
        print(
            f"{new}: {found.intact} tasks intact, {found.again} to be computed again, {found.unreadable} unreadable"
        )
