"""The project's own trace format, version 1: a text table, one row per token and layer.

    # layered-paging trace v1
    # layers=2 experts=8 width=2
    # expert_bytes=4336640,4336640
    # layer_ids=1,2
    phase,layer,expert_0,expert_1
    prefill,0,3,5
    prefill,1,0,7
    decode,0,3,1
    decode,1,2,7

The rows of a token follow each other, layer 0 first; experts are counted from 0 in every layer and stand in slot
order. Where a token asks for fewer experts of a layer the last ones of the row are "-", and all where it asks for none.
``phase`` is prefill or decode and the same in all rows of a token. The lines expert_bytes, the size of one expert of each
layer, and layer_ids, the numbers that the model gives the layers, may be missing.
"""

from __future__ import annotations

import re

import numpy as np

from paging.errors import InvalidTrace
from paging.traces.source import quote
from paging.traces.table import Head, read_head, read_rows
from paging.traces.trace import Trace

MAGIC = "# layered-paging trace"
FIRST_LINE = f"{MAGIC} v1"
PER_LAYER = ("expert_bytes", "layer_ids")
"""Lines with a number for each layer."""


def read_text(content: bytes, where: str) -> Trace:
    """Parse the format above. Raises InvalidTrace naming ``where`` and the line."""
    head = read_head(content, FIRST_LINE, where)
    layers, experts, width = head.required(("layers", "experts", "width"), where)
    if head.header.count(b",") != width + 1 or head.header.decode("utf-8", "replace") != _header(width):
        raise InvalidTrace(
            f"{where}:{head.line - 1}: expected the header 'phase,layer,expert_0,…' with {width} experts, "
            f"got {quote(head.header)}"
        )
    columns = _header(width).split(",")
    content, short = _short(content, head, width)
    rows = read_rows(content, head, columns, where, words=("phase",))
    _check_layers(rows["layer"].to_numpy(), layers, head, where)
    phases = rows["phase"].str.strip_chars()
    decode = (phases == "decode").to_numpy()
    unknown = np.flatnonzero(~decode & (phases != "prefill").to_numpy())
    if len(unknown):
        row = int(unknown[0])
        raise InvalidTrace(
            f"{where}:{head.line + row}: phase: expected decode or prefill, got {quote(phases[row])}"
        )
    decode = decode.reshape(-1, layers)
    mixed = np.flatnonzero(decode.any(axis=1) & ~decode.all(axis=1))
    if len(mixed):
        raise InvalidTrace(
            f"{where}:{head.line + int(mixed[0]) * layers}: expected one phase for all layers of a token"
        )
    routing = rows.select(columns[2:]).to_numpy().reshape(-1, layers, width)
    sizes = np.full(len(rows), width, np.int32)
    sizes[list(short)] = list(short.values())
    check_experts(routing, sizes, experts, head.line, where)
    return Trace.from_array(
        routing,
        experts=experts,
        decode=decode[:, 0],
        sizes=sizes.reshape(-1, layers),
        expert_bytes=_per_layer(head, "expert_bytes", where),
        layer_ids=_per_layer(head, "layer_ids", where),
        name=where,
    )


def write_text(trace: Trace) -> bytes:
    """The trace in the format above; dropped tokens, requests and steps are not kept."""
    import polars as pl

    lines = [FIRST_LINE, f"# layers={trace.layers} experts={trace.experts} width={trace.width}"]
    numbers = {name: getattr(trace, name) for name in PER_LAYER}
    lines += [
        f"# {name}=" + ",".join(map(str, array)) for name, array in numbers.items() if array is not None
    ]
    lines.append(_header(trace.width))
    columns: dict[str, object] = {
        "phase": np.repeat(np.where(trace.decode, "decode", "prefill"), trace.layers),
        "layer": np.tile(np.arange(trace.layers), trace.tokens),
    }
    flat = trace.routing.reshape(-1, trace.width)
    for slot in range(trace.width):
        experts = flat[:, slot]
        lacks = experts < 0
        columns[f"expert_{slot}"] = np.where(lacks, "-", experts.astype(str)) if lacks.any() else experts
    rows = pl.DataFrame(columns).write_csv(include_header=False)
    return ("\n".join(lines) + "\n" + rows).encode()


def _short(content: bytes, head: Head, width: int) -> tuple[bytes, dict[int, int]]:
    """The content with zeros instead of "-", and how many experts each row with one has."""
    body = content[head.body :]
    if b",-" not in body:
        return content, {}
    rows = body.split(b"\n")
    short = {}
    for number, row in enumerate(rows):
        if row.endswith(b",-") and row.count(b",") == width + 1:
            begin = row
            while begin.endswith(b",-"):
                begin = begin.removesuffix(b",-")
            missing = min((len(row) - len(begin)) // 2, width)
            rows[number] = row[: len(row) - 2 * missing] + b",0" * missing
            short[number] = width - missing
    return content[: head.body] + b"\n".join(rows), short


def check_experts(
    routing: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    sizes: np.ndarray[tuple[int, ...], np.dtype[np.int32]],
    experts: int,
    line: int,
    where: str,
) -> None:
    """Raise InvalidTrace at the first set, one per line from ``line`` on, out of range or with an expert twice."""
    flat = routing.reshape(-1, routing.shape[-1])
    slots = np.arange(flat.shape[1])
    filled = slots < sizes[:, None]
    outside = (flat >= experts) & filled
    if outside.any():
        row, slot = (int(i) for i in np.argwhere(outside)[0])
        raise InvalidTrace(
            f"{where}:{line + row}: expert {flat[row, slot]}, expected 0 to {experts - 1} "
            f"({int(outside.any(axis=1).sum())} such rows)"
        )
    ordered = np.sort(np.where(filled, flat, -1 - slots), axis=1)
    repeated = np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1))
    if len(repeated):
        raise InvalidTrace(
            f"{where}:{line + int(repeated[0])}: an expert is repeated in its set ({len(repeated)} such rows)"
        )


def _header(width: int) -> str:
    return "phase,layer," + ",".join(f"expert_{slot}" for slot in range(width))


def _check_layers(
    layer: np.ndarray[tuple[int, ...], np.dtype[np.int64]], layers: int, head: Head, where: str
) -> None:
    due = np.arange(len(layer)) % layers
    wrong = np.flatnonzero(layer != due)
    if len(wrong):
        row = int(wrong[0])
        raise InvalidTrace(
            f"{where}:{head.line + row}: layer {layer[row]}, expected layer {due[row]}: the rows of a token "
            f"follow each other from layer 0 to {layers - 1}"
        )
    if len(layer) % layers:
        raise InvalidTrace(
            f"{where}:{head.line + len(layer) - 1}: the last token ends at layer {due[-1]}, "
            f"expected {layers - 1}"
        )


def _per_layer(head: Head, name: str, where: str) -> list[int] | None:
    for line, comment in enumerate(head.comments, 1):
        if found := re.match(rf"#\s*{name}=(.*)", comment):
            values = found[1].split(",")
            if not all(re.fullmatch(r"\s*[0-9]{1,18}\s*", value) for value in values):
                raise InvalidTrace(f"{where}:{line}: {name}: expected integers, got {quote(found[1])}")
            return [int(value) for value in values]
    return None
