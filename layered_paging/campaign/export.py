"""A store as a table: the same results, the same bytes, wherever and however often they were computed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layered_paging.campaign.reading import Contents, read_store
from layered_paging.campaign.rows import Row
from layered_paging.campaign.schema import MEASURED
from layered_paging.campaign.task import canonical
from paging.errors import InvalidArgument
from paging.files import write_atomically

if TYPE_CHECKING:
    import polars as pl


def records(contents: Contents, measured: bool) -> list[dict[str, Any]]:
    """One dict per task, in the fixed order; ``measured``: with attempts, seconds and whatever else differs from run to run."""
    return [_record(row, contents, measured) for row in contents.rows]


def _record(row: Row, contents: Contents, measured: bool) -> dict[str, Any]:
    task = row.task
    record: dict[str, Any] = {
        "task": task.id,
        "kind": task.kind,
        "seed": task.seed,
        "method": task.method,
        "state": row.state,
        "error": row.error,
        "parameters": task.asked,
        "result": row.result,
        "files": dict(row.files),
    }
    if measured:
        took = contents.measured.get(row.number)
        record |= {"attempts": row.attempts, "lost": row.lost}
        record |= {name: getattr(took, name, None) for name in MEASURED}
    return record


def table(contents: Contents, measured: bool) -> pl.DataFrame:
    """One row per task; parameters and results as columns parameters.NAME and result.NAME, lists and objects as JSON."""
    import polars as pl

    flat = [_flat(record) for record in records(contents, measured)]
    names = list(dict.fromkeys(name for record in flat for name in record))
    fixed = [name for name in names if "." not in name]
    columns = {
        name: [record.get(name) for record in flat] for name in [*fixed, *sorted(set(names) - set(fixed))]
    }
    return pl.DataFrame([_column(name, values) for name, values in columns.items()])


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if name in ("parameters", "result"):
            flat |= {f"{name}.{key}": inner for key, inner in sorted((value or {}).items())}
        else:
            flat[name] = value
    return flat


def _column(name: str, values: list[Any]) -> pl.Series:
    """Numbers and truth values as such where all are; text and JSON otherwise."""
    import polars as pl

    types = {type(value) for value in values if value is not None}
    if types == {bool}:
        return pl.Series(name, values, pl.Boolean)
    if types == {int} and all(value is None or abs(value) < 2**63 for value in values):
        return pl.Series(name, values, pl.Int64)
    if types and types <= {int, float}:
        return pl.Series(name, [None if value is None else float(value) for value in values], pl.Float64)
    texts = [value if value is None or isinstance(value, str) else canonical(value) for value in values]
    return pl.Series(name, texts, pl.String)


def _json(contents: Contents, measured: bool) -> bytes:
    return (json.dumps({"tasks": records(contents, measured)}, indent=1) + "\n").encode()


def _csv(contents: Contents, measured: bool) -> bytes:
    return table(contents, measured).write_csv().encode()


def _parquet(contents: Contents, measured: bool) -> bytes:
    stream = io.BytesIO()
    table(contents, measured).write_parquet(stream)
    return stream.getvalue()


FORMATS: Mapping[str, Callable[[Contents, bool], bytes]] = {
    ".csv": _csv,
    ".json": _json,
    ".parquet": _parquet,
}
"""By the ending of the name."""


def export(store: Path, target: Path, measured: bool = False) -> int:
    """Write the table; the number of tasks. Raises InvalidArgument, StoreFailed, StoreDamaged."""
    if target.suffix not in FORMATS:
        raise InvalidArgument(f"{target}: expected a name that ends in {', '.join(FORMATS)}")
    contents = read_store(store)
    write_atomically(target, FORMATS[target.suffix](contents, measured))
    return len(contents.rows)
