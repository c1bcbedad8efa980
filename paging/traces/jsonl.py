"""Routing JSONL: one JSON object per token and layer, with the list of the selected experts.

    {"n_layers": 2, "n_experts": 8}
    {"token": 0, "layer": 0, "experts": [3, 5]}
    {"token": 0, "layer": 1, "experts": [0, 7]}

The first line may hold metadata instead: numbers of layers and experts, which otherwise follow from the largest ids. Records
may come token by token or layer by layer; tokens are taken in the order of their numbers. ``phase`` may be there: "prefill" or
0 for the prompt, all else is decoding; the same token number may then occur once in each phase, the prompt first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from paging.errors import InvalidTrace
from paging.model import LARGEST
from paging.traces.regroup import Rows, regroup
from paging.traces.source import quote
from paging.traces.trace import Trace

if TYPE_CHECKING:
    import polars as pl

BRACE = b"{"

FIELDS: Mapping[str, Sequence[str]] = {
    "layer": ("layer", "layer_idx"),
    "token": ("token", "token_idx", "token_position"),
    "experts": ("selected_experts", "selected_ids", "experts"),
}
"""The names under which a field is looked for."""

LAYERS = ("n_layers", "n_layer", "num_layers", "layers")
EXPERTS = ("n_experts", "n_expert", "num_experts", "experts")


def read_jsonl(
    content: bytes, where: str, lenient: bool = False, fields: Mapping[str, str] | None = None
) -> Trace:
    """Parse the records. ``fields``: other names for layer, token, experts. ``lenient``: drop faulty tokens, see regroup.

    Raises InvalidTrace naming ``where`` and the line.
    """
    import polars as pl

    first, _, rest = content.partition(b"\n")
    head = _object(first, where, 1)
    names = _names(head, fields or {}, where)
    line = 1
    if names is None:
        content, line = rest, 2
        names = _names(_object(rest.partition(b"\n")[0], where, 2), fields or {}, where)
        if names is None:
            raise InvalidTrace(
                f"{where}:2: expected fields for layer, token and experts, got {quote(rest[:80])}"
            )
    else:
        head = {}
    wanted: dict[str, Any] = {
        names["layer"]: pl.Int64,
        names["token"]: pl.Int64,
        names["experts"]: pl.List(pl.Int64),
        "phase": pl.String,
    }
    try:
        frame = pl.read_ndjson(content, schema=wanted)
    except (pl.exceptions.PolarsError, MemoryError, OSError):
        raise _blame(content, line, names, where) from None
    frame = frame.rename({name: field for field, name in names.items()})
    lists = frame["experts"]
    missing = lists.explode().null_count() - int((lists.list.len() == 0).sum())
    if missing or any(frame[field].null_count() for field in FIELDS):
        raise _blame(content, line, names, where)
    return _trace(frame, head, where, line, lenient)


def _trace(frame: pl.DataFrame, head: Mapping[str, Any], where: str, line: int, lenient: bool) -> Trace:
    lengths = frame["experts"].list.len().to_numpy().astype(np.int64)
    flat = frame["experts"].explode().to_numpy()
    prompt = frame["phase"].is_in(["prefill", "0"]).fill_null(value=False).to_numpy()
    per_row = [np.repeat(column, lengths) for column in (
        (~prompt).astype(np.int64), frame["token"].to_numpy(), frame["layer"].to_numpy(), np.arange(len(lengths))
    )]  # fmt: skip
    decode, token, layer, record = per_row
    if not len(flat):
        raise InvalidTrace(f"{where}: no experts in any record")
    rows = Rows((decode, token), layer, flat, where, line, record)
    for name, column in (("layer", layer), ("token", token), ("expert", flat)):
        if len(bad := np.flatnonzero((column < 0) | (column >= LARGEST))):
            raise rows.fault(bad, f"{name} {column[bad[0]]}, expected 0 to {LARGEST - 1}")
    layers, experts = (_count(head, known, column) for known, column in ((LAYERS, layer), (EXPERTS, flat)))
    width = int(np.bincount(lengths[lengths > 0]).argmax())
    routing, begins, dropped = regroup(rows, layers, experts, width, lenient)
    if not len(routing):
        raise InvalidTrace(f"{where}: none of the {dropped} tokens has all {layers} layers")
    return Trace.from_array(
        routing, experts=experts, decode=decode[begins] == 1, dropped_tokens=dropped, name=where
    )


def _count(head: Mapping[str, Any], known: Sequence[str], column: np.ndarray[Any, Any]) -> int:
    for name in known:
        if type(head.get(name)) is int and 0 < head[name] <= LARGEST:
            return int(head[name])
    return int(column.max()) + 1


def _object(text: bytes, where: str, line: int) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InvalidTrace(f"{where}:{line}: expected a JSON object, got {quote(text)}")
    return found


def _names(record: Mapping[str, Any], fields: Mapping[str, str], where: str) -> dict[str, str] | None:
    """The names of the fields in a record; None if it lacks one of them (metadata)."""
    for field in fields:
        if field not in FIELDS:
            raise InvalidTrace(f"{where}: unknown field {field!r}, expected one of {', '.join(FIELDS)}")
    found = {}
    for field, known in FIELDS.items():
        name = next((n for n in ((fields[field],) if field in fields else known) if n in record), None)
        if name is None or (field == "experts" and not isinstance(record[name], list)):
            return None
        found[field] = name
    return found


def _blame(content: bytes, line: int, names: Mapping[str, str], where: str) -> InvalidTrace:
    """The first bad record, in words; slow, and only asked for when there is one."""
    for number, text in enumerate(content.split(b"\n"), line):
        if not text.strip():
            continue
        record = _object(text, where, number)
        for field in ("layer", "token"):
            value = record.get(names[field])
            if type(value) is not int:
                return InvalidTrace(
                    f"{where}:{number}: {names[field]}: expected an integer, got {quote(repr(value))}"
                )
        value = record.get(names["experts"])
        if not isinstance(value, list) or not all(type(expert) is int for expert in value):
            return InvalidTrace(
                f"{where}:{number}: {names['experts']}: expected a list of integers, got {quote(repr(value))}"
            )
    return InvalidTrace(f"{where}: expected one JSON object per line")
