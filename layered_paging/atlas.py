"""The atlas: computed cell by cell, kept on disk after each, continued where it was interrupted."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, as_completed
from pathlib import Path
from typing import Any

from paging.errors import InvalidArgument
from paging.files import write_atomically
from paging.model import Instance
from proofs.atlas_cells import COLUMNS, METHOD, compute, proven_bounds
from proofs.atlas_table import page
from proofs.certificates.document import encode

Key = tuple[Instance, str]
Done = tuple[dict[str, Any], dict[str, bytes]]


def compute_cell(instance: Instance, column: str, keep: bool) -> Done:
    """A cell as JSON, and its certificates (packed) if they are to be kept."""
    cell = compute(instance, column)
    files = {side: gzip.compress(encode(c), mtime=0) for side, c in cell.documents.items()} if keep else {}
    return cell.to_dict(), files


def make_atlas(
    folder: Path,
    instances: Sequence[Instance],
    certified: int,
    executor: Executor,
    advance: Callable[[str, int], None],
) -> list[dict[str, Any]]:
    """Compute what is missing in ``folder``/atlas.json, and write atlas.md; certificates of n*l <= ``certified`` are kept.

    ``advance(label, cells)`` is told of progress. Returns the rows. Raises InvalidArgument for a damaged atlas.json.
    """
    cells = _known(folder, certified)
    (folder / "atlas").mkdir(exist_ok=True)
    missing = [(i, c) for i in instances for c in COLUMNS if (i, c) not in cells]
    advance("atlas", len(instances) * len(COLUMNS) - len(missing))
    # the large ones first: they decide when the last process is done
    order = sorted(missing, key=lambda key: -key[0].pages)
    futures = {executor.submit(compute_cell, i, c, i.pages <= certified): (i, c) for i, c in order}
    for future in as_completed(futures):
        instance, column = futures[future]
        data, files = future.result()
        for side, content in files.items():
            write_atomically(certificate_path(folder, instance, column, side), content)
        cells[instance, column] = data
        _write(folder, instances, cells)
        advance(f"atlas {instance} {column}", 1)
    rows = _write(folder, instances, cells)
    write_atomically(folder / "atlas.md", page(rows).encode())
    return rows


def certificate_path(folder: Path, instance: Instance, column: str, side: str) -> Path:
    """Where the certificate of a cell is kept."""
    name = f"{instance.layers}-{instance.experts}-{instance.cache}-{column}-{side}.json.gz"
    return folder / "atlas" / name


def _write(
    folder: Path, instances: Sequence[Instance], cells: dict[Key, dict[str, Any]]
) -> list[dict[str, Any]]:
    """All finished cells as rows; a row may lack cells while the work goes on."""
    rows = []
    for instance in instances:
        found = {column: cells[instance, column] for column in COLUMNS if (instance, column) in cells}
        bounds = {name: str(bound) for name, bound in proven_bounds(instance).items()}
        rows.append(
            {
                "layers": instance.layers,
                "experts": instance.experts,
                "cache": instance.cache,
                "bounds": bounds,
                "cells": found,
            }
        )
    write_atomically(folder / "atlas.json", (json.dumps({"rows": rows}, indent=1) + "\n").encode())
    return rows


def _known(folder: Path, certified: int) -> dict[Key, dict[str, Any]]:
    """Cells of an earlier run that are whole: made by this method, certificates in place where they are kept."""
    path = folder / "atlas.json"
    if not path.exists():
        return {}
    cells = {}
    try:
        for row in json.loads(path.read_bytes())["rows"]:
            instance = Instance(row["layers"], row["experts"], row["cache"])
            for column, cell in row["cells"].items():
                kept = instance.pages > certified or all(
                    certificate_path(folder, instance, column, side).exists() for side in cell["certificates"]
                )
                if cell["method"] == METHOD and kept:
                    cells[instance, column] = cell
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidArgument(f"{path}: damaged ({error}); remove it to begin anew") from error
    return cells
