"""The atlas: a campaign whose store lies beside atlas.json, atlas.md and the certificates, which are written from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from layered_paging.campaign.check import content_checksum
from layered_paging.campaign.kinds import atlas_cell
from layered_paging.campaign.rows import Row
from layered_paging.campaign.run import Limits, Workers, compute
from layered_paging.campaign.store import Store, files_folder, open_store
from layered_paging.campaign.task import Task
from layered_paging.campaign.worker import kept_name
from paging.errors import InvalidArgument, SolverFailed
from paging.files import write_atomically
from paging.model import Instance
from proofs.atlas_cells import METHOD, columns, proven_bounds
from proofs.atlas_table import page

Key = tuple[Instance, str]

KIND = atlas_cell.KIND


def make_atlas(
    folder: Path,
    instances: Sequence[Instance],
    certified: int,
    workers: Workers,
    progress: Callable[[int], Callable[[str], None]] = lambda _: lambda _: None,
) -> list[dict[str, Any]]:
    """Compute what is missing in ``folder``/atlas.db, and write the rest of the folder from it; certificates of
    n*l <= ``certified`` are kept.

    Cells of an atlas.json that is there are not computed again. ``progress`` as in run_plan. Returns the rows. Raises
    InvalidArgument for a damaged atlas.json, SolverFailed if a cell has failed, and as run_plan.
    """
    known = _known(folder)
    cells = [(instance, column) for instance in instances for column in columns(instance)]
    tasks = [
        Task(KIND.name, atlas_cell.parameters(i, column, i.pages <= certified), 0, KIND.method)
        for i, column in cells
    ]
    with open_store(folder / "atlas.db", create=True) as store:
        numbers = dict(zip(cells, store.add(tasks, {KIND.name: KIND}), strict=True))
        _take_over(store, {numbers[key]: cell for key, cell in known.items() if key in numbers}, folder)
        compute(store, list(numbers.values()), {KIND.name: KIND}, workers, Limits(), progress)
        found = {key: store.rows[number] for key, number in numbers.items()}
        bad = [row for row in found.values() if row.state != "done"]
        if bad:
            raise SolverFailed(
                f"{store.path}: {len(bad)} cells are missing; {bad[0].task}: {bad[0].state}: {bad[0].error}"
            )
        _write_certificates(folder, found)
    rows = [
        _row(instance, {c: found[instance, c].result for c in columns(instance)}) for instance in instances
    ]
    write_atomically(folder / "atlas.json", (json.dumps({"rows": rows}, indent=1) + "\n").encode())
    write_atomically(folder / "atlas.md", page(rows).encode())
    return rows


def certificate_path(folder: Path, instance: Instance, column: str, side: str) -> Path:
    """Where the certificate of a cell is kept."""
    name = f"{instance.layers}-{instance.experts}-{instance.cache}-{column}-{side}.json.gz"
    return folder / "atlas" / name


def _row(instance: Instance, cells: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "layers": instance.layers,
        "experts": instance.experts,
        "cache": instance.cache,
        "bounds": {name: str(bound) for name, bound in proven_bounds(instance).items()},
        "cells": cells,
    }


def _write_certificates(folder: Path, found: Mapping[Key, Row]) -> None:
    (folder / "atlas").mkdir(exist_ok=True)
    kept = files_folder(folder / "atlas.db")
    for (instance, column), row in found.items():
        for name, file in row.files.items():
            path, content = (
                certificate_path(folder, instance, column, Path(name).stem),
                (kept / file).read_bytes(),
            )
            if not path.exists() or path.read_bytes() != content:
                write_atomically(path, content)


def _take_over(store: Store, known: Mapping[int, dict[str, Any]], folder: Path) -> None:
    """Enter cells of atlas.json as done, if their certificates are there and are those of their checksums."""
    changed = []
    for number, cell in known.items():
        row = store.rows[number]
        asked = row.task.parameters
        if row.state != "waiting" or cell["method"] != METHOD:
            continue
        files = {}
        for side, checksum in cell["certificates"].items() if asked["certificates"] else ():
            path = certificate_path(
                folder, Instance(asked["layers"], asked["experts"], asked["cache"]), asked["column"], side
            )
            if content_checksum(path) != checksum:
                break
            files[f"{side}.json"] = kept_name(f"{side}.json", checksum)
            store.keep(files[f"{side}.json"], path.read_bytes())
        else:
            changed.append(replace(row, state="done", result=cell, files=files))
    store.put(changed)


def _known(folder: Path) -> dict[Key, dict[str, Any]]:
    """The cells of atlas.json."""
    path = folder / "atlas.json"
    if not path.exists():
        return {}
    cells = {}
    try:
        for row in json.loads(path.read_bytes())["rows"]:
            instance = Instance(row["layers"], row["experts"], row["cache"])
            for column, cell in row["cells"].items():
                if type(cell["method"]) is int and isinstance(cell["certificates"], dict):
                    cells[instance, column] = cell
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidArgument(f"{path}: damaged ({error}); remove it to begin anew") from error
    return cells
