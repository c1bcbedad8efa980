"""Routing JSONL: one JSON object per token and layer, with the list of the selected experts.

    {"n_layers": 2, "n_experts": 8}
    {"token": 0, "layer": 0, "experts": [3, 5]}
    {"token": 0, "layer": 1, "experts": [0, 7]}

The first line may hold metadata instead: numbers of layers and experts, which otherwise follow from the largest ids. Records
may come token by token or layer by layer; within a layer, tokens come in the order of their numbers. ``phase`` may be there:
prefill, prompt or 0 for the prompt; decode, 1 or nothing for decoding. The same token number may occur once in each phase,
the prompt first. A token asks of those layers of which it has a record; sets may differ in size. One file is one sequence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidTrace
from paging.model import LARGEST
from paging.traces.regroup import Rows, layer_notes, regroup
from paging.traces.source import quote
from paging.traces.trace import Note, Trace

if TYPE_CHECKING:
    import polars as pl

BRACE = b"{"

FIELDS: Mapping[str, Sequence[str]] = {
    "layer": ("layer", "layer_idx"),
    "token": ("token", "token_idx", "token_position"),
    "experts": ("selected_experts", "selected_ids", "experts"),
}
"""The names under which a field is looked for."""

PREFILL, DECODE = ("prefill", "prompt", "0"), ("decode", "1")
"""What ``phase`` may be."""

SEQUENCES = (
    "seq", "seq_id", "sequence", "sequence_id", "request", "request_id", "req_id", "turn", "sample", "sample_id",
    "batch", "batch_idx", "prompt_id", "conversation", "conversation_id", "session", "session_id", "rank",
)  # fmt: skip
"""Fields that tell several sequences apart: where one of them varies, token numbers mean nothing by themselves."""

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
    head = record = _object(first, where, 1)
    names = _names(head, fields or {}, where)
    line = 1
    if names is None:
        content, line = rest, 2
        record = _object(rest.partition(b"\n")[0], where, 2)
        names = _names(record, fields or {}, where)
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
    apart = [name for name in SEQUENCES if name not in wanted and b'"%s"' % name.encode() in content]
    wanted |= dict.fromkeys(apart, pl.String)
    try:
        frame = pl.read_ndjson(content, schema=wanted)
    except (pl.exceptions.PolarsError, MemoryError, OSError):
        raise _blame(content, line, names, where) from None
    said = dict.fromkeys(names.values(), len(frame)) | {"phase": len(frame) - frame["phase"].null_count()}
    _check_keys(content, line, said, where)
    for name in apart:
        if len(values := frame[name].unique(maintain_order=True)) > 1:
            raise InvalidTrace(
                f"{where}: several sequences, as {name} is {quote(str(values[0]))} and {quote(str(values[1]))}: "
                "write each into a file of its own"
            )
    frame = frame.rename({name: field for field, name in names.items()})
    if any(frame[field].null_count() for field in FIELDS) or _flat(frame["experts"]).null_count():
        raise _blame(content, line, names, where)
    others = [name for name in record if name not in wanted]
    notes = (Note(f"fields {', '.join(map(quote, others))} are not read"),) if others else ()
    return _trace(frame, head, where, line, lenient, notes)


def _trace(
    frame: pl.DataFrame,
    head: Mapping[str, Any],
    where: str,
    line: int,
    lenient: bool,
    notes: tuple[Note, ...],
) -> Trace:
    lengths = frame["experts"].list.len().to_numpy().astype(np.int64)
    flat = _flat(frame["experts"]).to_numpy()
    prompt = _prompt(frame["phase"], where, line)
    per_row = [np.repeat(column, lengths) for column in (
        (~prompt).astype(np.int64), frame["token"].to_numpy(), frame["layer"].to_numpy(), np.arange(len(lengths))
    )]  # fmt: skip
    decode, token, layer, record = per_row
    if not len(flat):
        raise InvalidTrace(f"{where}: no experts in any record")
    both = np.intersect1d(token[decode == 0], token[decode == 1])
    key = (decode, token) if len(both) else (token, decode)
    rows = Rows(key, layer, flat, where, line, record)
    for name, column in (("layer", layer), ("token", token), ("expert", flat)):
        if len(bad := np.flatnonzero((column < 0) | (column >= LARGEST))):
            raise rows.fault(bad, f"{name} {column[bad[0]]}, expected 0 to {LARGEST - 1}")
    layers, experts = (_count(head, known, column) for known, column in ((LAYERS, layer), (EXPERTS, flat)))
    _check_empty(frame, lengths, prompt, where, line)
    found = regroup(rows, layers, experts, None, lenient)
    left_out = int(np.count_nonzero(decode[found.dropped] == 0))
    return Trace.from_array(
        found.routing,
        experts=experts,
        decode=decode[found.begins] == 1,
        sizes=found.sizes,
        layer_ids=found.layers,
        dropped=(left_out, len(found.dropped) - left_out),
        notes=(*notes, *layer_notes(found.layers, layers)),
        name=where,
    )


def _flat(lists: pl.Series) -> pl.Series:
    """The members of all lists; of an empty one, whose token asks nothing, there are none."""
    return lists.filter(lists.list.len() > 0).explode()


def _check_empty(
    frame: pl.DataFrame, lengths: NDArray[np.int64], prompt: NDArray[np.bool_], where: str, line: int
) -> None:
    """Raise InvalidTrace where one record says that a layer is asked for nothing, and another speaks of the same layer."""
    import polars as pl

    if lengths.all():
        return
    twice = frame.select(pl.struct("token", "layer", pl.Series("prompt", prompt)).is_duplicated()).to_series()
    if len(bad := np.flatnonzero((lengths == 0) & twice.to_numpy())):
        raise InvalidTrace(
            f"{where}:{line + int(bad[0])}: no experts, and another record of the same token and layer "
            f"({len(bad)} such records)"
        )


def _prompt(phase: pl.Series, where: str, line: int) -> NDArray[np.bool_]:
    """Whether each record is of the prompt."""
    unknown = np.flatnonzero(~(phase.is_in((*PREFILL, *DECODE)) | phase.is_null()).to_numpy())
    if len(unknown):
        first = int(unknown[0])
        raise InvalidTrace(
            f"{where}:{line + first}: phase: expected one of {', '.join((*PREFILL, *DECODE))}, got {quote(str(phase[first]))} "
            f"({len(unknown)} such records)"
        )
    return phase.is_in(PREFILL).fill_null(value=False).to_numpy()


def _check_keys(content: bytes, line: int, said: Mapping[str, int], where: str) -> None:
    """Raise InvalidTrace at a record that says a field twice: which of the two is meant? ``said``: how often each should be."""
    if all(content.count(json.dumps(name).encode()) == count for name, count in said.items()):
        return
    for number, text in enumerate(content.split(b"\n"), line):
        try:
            pairs = json.loads(text, object_pairs_hook=list) if text.strip() else []
        except (ValueError, RecursionError):  # a nested value, which is not read
            continue
        keys = [key for key, _ in pairs]
        if twice := next((name for name in said if keys.count(name) > 1), None):
            raise InvalidTrace(f"{where}:{number}: {quote(twice)} stands twice in one record")


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
