"""The binary stream ``LONGSPEAR_ROUTE_TRACE v1`` that a branch of llama.cpp writes.

A line of ASCII, and behind it records:

    LONGSPEAR_ROUTE_TRACE v1 model=NAME experts=N top_k=K layers=L main_layers=M endian=little record=…
    u16 layer, u16 rows, rows * top_k u16 experts        (all little-endian)

A record is a layer of one pass, its rows are the tokens of the pass; layers from ``main_layers`` on predict several tokens
(MTP). Read from the writer (llama-route-trace.cpp) and from the decoder that stands beside it; certain for these.

The stream names no passes: one begins where the layers do not rise. All records of a pass have the same rows; only its last
main layer may have one row alone, that of the last token (an engine computes no more of a prompt there). The writer leaves out
rows with a broken id, so other numbers of rows cannot be aligned and are refused. It tells no prompt from decoding: all
tokens count as decoded, which is noted. A stream cut off within a record loses the tokens of its last pass.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidTrace
from paging.traces.dumps.megatron import UNTOLD
from paging.traces.regroup import layer_notes
from paging.traces.source import quote
from paging.traces.trace import Trace

MAGIC = b"LONGSPEAR_ROUTE_TRACE"
LONGEST_HEADER = 4096
HEADER = struct.Struct("<HH")

Pass = dict[int, NDArray[np.uint16]]
"""The sets of each layer of one pass, shape (rows, top_k)."""


def read_longspear(content: bytes, where: str) -> Trace:
    """Parse the stream. Raises InvalidTrace naming ``where`` and the offset of the record in bytes."""
    line, newline, _ = content[:LONGEST_HEADER].partition(b"\n")
    fields = line.decode("ascii", "replace").split()
    if not newline or fields[:2] != [MAGIC.decode(), "v1"]:
        raise InvalidTrace(f"{where}: expected a first line with LONGSPEAR_ROUTE_TRACE v1, got {quote(line)}")
    said = dict(field.split("=", 1) for field in fields[2:] if "=" in field)
    if said.get("endian") != "little":
        raise InvalidTrace(f"{where}: endian: expected little, got {quote(said.get('endian', ''))}")
    experts, top_k, layers, main = (
        _number(said, name, where) for name in ("experts", "top_k", "layers", "main_layers")
    )
    passes: list[Pass] = []
    at, before, lost = len(line) + 1, 2**16, 0
    while at < len(content):
        place = f"{where}: byte {at}"
        if at + HEADER.size > len(content):
            if len(passes) > 1 and passes[-1].keys() != passes[-2].keys():
                lost = _rows(passes.pop())
            break
        layer, rows = HEADER.unpack_from(content, at)
        begin, at = at + HEADER.size, at + HEADER.size + 2 * rows * top_k
        if layer >= layers or not rows:
            raise InvalidTrace(
                f"{place}: layer {layer} with {rows} rows, expected one of {layers} layers and rows"
            )
        if at > len(content):
            lost = rows if layer <= before else _rows(passes.pop())
            break
        if layer <= before:
            passes.append({})
        sets = np.frombuffer(content, "<u2", rows * top_k, begin).reshape(rows, top_k)
        if (sets >= experts).any():
            raise InvalidTrace(f"{place}: expert {sets.max()}, expected 0 to {experts - 1}")
        one = passes[-1]
        due = _rows(one) if one else rows
        if rows != due and not (rows == 1 and layer == main - 1):
            raise InvalidTrace(
                f"{place}: layer {layer} has {rows} rows, the layers before it in the pass {due}"
            )
        one[layer], before = sets, layer
    if not passes:
        raise InvalidTrace(f"{where}: no whole pass")
    return _trace(passes, experts, top_k, layers, where, lost)


def _rows(one: Pass) -> int:
    """Tokens of a pass."""
    return max(map(len, one.values()))


def _trace(passes: list[Pass], experts: int, top_k: int, layers: int, where: str, lost: int) -> Trace:
    tokens = [_rows(one) for one in passes]
    used = sorted({layer for one in passes for layer in one})
    column = {layer: index for index, layer in enumerate(used)}
    routing = np.full((sum(tokens), len(used), top_k), -1, np.int32)
    asked = np.zeros(routing.shape[:2], np.bool_)
    end = 0
    for one, count in zip(passes, tokens, strict=True):
        end += count
        for layer, sets in one.items():  # one row alone is the last token's
            routing[end - len(sets) : end, column[layer]] = sets
            asked[end - len(sets) : end, column[layer]] = True
    return Trace.from_array(
        routing,
        experts=experts,
        asked=asked,
        layer_ids=used,
        step=np.repeat(np.arange(len(passes)), tokens),
        dropped=(0, lost),
        notes=(UNTOLD, *layer_notes(np.array(used), layers)),
        name=where,
    )


def _number(said: dict[str, str], name: str, where: str) -> int:
    text = said.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) < 2**16):
        raise InvalidTrace(f"{where}: {name}: expected a number from 1 to {2**16 - 1}, got {quote(text)}")
    return int(text)
