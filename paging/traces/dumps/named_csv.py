"""Tables of routed experts whose columns have names, as tracers of llama.cpp write them.

    token_id,layer_id,expert_0,expert_1          token,layer,expert
    0,0,42,156                                   0,0,42
    0,1,12,89                                    0,0,156

A row for each token and layer with the experts in columns, or a row for each expert. There is no specification: the tools that
write such tables differ, and llama.cpp itself writes none. The names are those of tracers that were seen; other columns are not
read, and noted. A line of names may begin with #. What the table must say is the token and the layer of each set; a column for
requests may be there, whose tokens then stand together. Certain is only what stands in the header.

A table with columns expert_0, expert_1, … is recognized; one with a row for each expert is read with --format named-csv.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from paging.errors import InvalidTrace
from paging.traces.regroup import Rows, layer_notes, regroup
from paging.traces.source import quote
from paging.traces.table import Head, read_rows
from paging.traces.trace import Note, Trace

if TYPE_CHECKING:
    import polars as pl

COLUMNS: Mapping[str, Sequence[str]] = {
    "token": ("token", "token_id", "token_idx", "token_pos", "token_position", "position", "step"),
    "layer": ("layer", "layer_id", "layer_idx"),
    "expert": ("expert", "expert_id", "expert_idx"),
    "request": ("request", "request_id", "query_id", "seq_id", "sequence"),
}
"""The names under which a column is looked for."""

LONGEST_HEADER = 1 << 16


def is_named_csv(begin: bytes) -> bool:
    """Whether the first line names a token, a layer, and experts in columns."""
    names = _header(begin)
    return "expert_0" in names and all(_find(names, column) for column in ("token", "layer"))


def read_named_csv(content: bytes, where: str, lenient: bool = False) -> Trace:
    """Parse the table; ``lenient`` as in regroup. Raises InvalidTrace naming ``where`` and the line."""
    names = _header(content)
    line = content.split(b"\n", 1)[0]
    if len(set(names)) < len(names):
        raise InvalidTrace(f"{where}:1: expected each name once in the header, got {quote(line)}")
    _needed(names, f"{where}:1")
    used = {*_experts(names), *(name for column in COLUMNS if (name := _find(names, column)))}
    head = Head((), line, len(line) + 1, 2)
    frame = read_rows(content, head, names, where, unread=[name for name in names if name not in used])
    return table(frame, where, names, lenient)


def table(
    frame: pl.DataFrame, where: str, names: Sequence[str], lenient: bool = False, line: int = 2
) -> Trace:
    """The trace of a table of integers, its first row in ``line``. ``names``: of all columns, also those that are not there.

    Raises InvalidTrace.
    """
    _needed(names, where)
    slots = _experts(names)
    width = max(len(slots), 1)
    experts = frame.select(slots or [_find(names, "expert")]).to_numpy().astype(np.int64).reshape(-1)
    rows_of = np.repeat(np.arange(len(frame)), width)
    token, layer = (
        frame[_find(names, name)].to_numpy().astype(np.int64)[rows_of] for name in ("token", "layer")
    )
    name = _find(names, "request")
    request = frame[name].to_numpy().astype(np.int64)[rows_of] if name else np.zeros(len(token), np.int64)
    rows = Rows((request, token), layer, experts, where, line, rows_of if slots else None)
    layers, most = int(layer.max()) + 1, int(experts.max()) + 1
    found = regroup(rows, layers, most, width if slots else None, lenient)
    read = {*slots, *(one for column in COLUMNS if (one := _find(names, column)))}
    others = [quote(one) for one in names if one not in read]
    notes = (Note(f"columns {', '.join(others)} are not read"),) if others else ()
    return Trace.from_array(
        found.routing,
        experts=most,
        sizes=found.sizes,
        layer_ids=found.layers,
        request=None if request is None else request[found.begins],
        dropped=(0, len(found.dropped)),
        notes=(*notes, *layer_notes(found.layers, layers)),
        name=where,
    )


def _header(content: bytes) -> list[str]:
    line = content[:LONGEST_HEADER].split(b"\n", 1)[0].decode("utf-8", "replace")
    return [name.strip() for name in line.removeprefix("#").split(",")]


def _needed(names: Sequence[str], place: str) -> None:
    if not (_find(names, "token") and _find(names, "layer") and (_experts(names) or _find(names, "expert"))):
        raise InvalidTrace(
            f"{place}: expected columns for token, layer and expert (or expert_0, expert_1, …), got "
            f"{', '.join(quote(name) for name in names[:8])}"
        )


def _find(names: Sequence[str], column: str) -> str:
    """The first name of a column that is there; "" if none is."""
    return next((name for name in COLUMNS[column] if name in names), "")


def _experts(names: Sequence[str]) -> list[str]:
    """expert_0, expert_1, … as far as they go."""
    slots: list[str] = []
    while (name := f"expert_{len(slots)}") in names:
        slots.append(name)
    return slots
