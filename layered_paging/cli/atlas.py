"""``layered-paging atlas``: the table of exact values."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from layered_paging.cli.options import Json


def atlas(
    pages: Annotated[int, typer.Option("--pages", min=2, help="all instances with n*l up to this")] = 8,
    certificates: Annotated[
        int,
        typer.Option("--certificates", min=0, help="keep the certificates of instances with n*l up to this"),
    ] = 6,
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FOLDER", help="where atlas.md, atlas.json and atlas/ are"),
    ] = Path("proofs"),
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help="processes [default: all cores]")] = None,
    json: Json = False,
) -> None:
    """Exact ratios of LRU, FIFO, LLRU and guided policies, of the best deterministic and the best randomized one.

    What is in FOLDER already is not computed again: an interrupted run goes on where it stopped.
    """
    from layered_paging.atlas import make_atlas
    from layered_paging.cli.output import print_json, progress
    from layered_paging.pool import pool
    from paging.errors import InvalidArgument
    from proofs.atlas_cells import COLUMNS, instances
    from proofs.atlas_table import headline

    if not output.is_dir():
        raise InvalidArgument(f"{output}: no such folder, expected one for the atlas (-o FOLDER)")
    chosen = list(instances(pages))
    with (
        pool(jobs or os.cpu_count() or 1) as executor,
        progress(len(chosen) * len(COLUMNS), "atlas") as advance,
    ):
        rows = make_atlas(output, chosen, certificates, executor, advance)
    if json:
        print_json({"rows": rows})
    else:
        print(f"{output / 'atlas.md'}: {len(rows)} instances")
        for line in headline(rows):
            print(line)
