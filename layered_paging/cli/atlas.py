"""``layered-paging atlas``: the table of exact values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from layered_paging.cli.options import Dask, Jobs, Json


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
    jobs: Jobs = None,
    dask: Dask = None,
    json: Json = False,
) -> None:
    """Exact ratios of LRU, FIFO, LLRU and guided policies, of the best deterministic and the best randomized one.

    A campaign, whose store is FOLDER/atlas.db. What is there already, or in FOLDER/atlas.json, is not computed again.
    """
    from layered_paging.atlas import make_atlas
    from layered_paging.campaign.run import Workers
    from layered_paging.cli.output import open_progress, print_json
    from paging.errors import InvalidArgument
    from proofs.atlas_cells import instances
    from proofs.atlas_table import headline

    if not output.is_dir():
        raise InvalidArgument(f"{output}: no such folder, expected one for the atlas (-o FOLDER)")
    with open_progress("atlas") as progress:
        rows = make_atlas(output, list(instances(pages)), certificates, Workers(jobs, dask), progress)
    if json:
        print_json({"rows": rows})
    else:
        print(f"{output / 'atlas.md'}: {len(rows)} instances")
        for line in headline(rows):
            print(line)
