"""SGLang's expert distribution recorder in the mode per_token: what a .pt file of it holds.

    {"records": [{"forward_pass_id": 7, "rank": 0, "forward_mode": 2, "input_ids": […], "positions": […],
                  "extend_seq_lens": None, "topk_ids_of_layer": tensor [layers, tokens, width], …}, …],
     "last_physical_to_logical_map": tensor [layers, physical experts]}

A record is a forward pass. ``forward_mode`` 1 extends (the prompt), 2 decodes one token of each running request, 4 is idle.
``topk_ids_of_layer`` is -1 behind the experts of a set and in layers without experts. Read from SGLang's
expert_distribution.py (the recorder) and forward_batch_info.py (the modes); certain for the fields, not for other versions.

The records do not tell which request a token is of; each is a step, so that its tokens can be taken as one pass. Records of
several ranks, and those of the other modes (mixed, speculative), are refused. The ids are those of physical experts: where
the map is not the identity, that is noted. A file with one tensor alone is read as an array.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidTrace
from paging.traces.axes import Order, oriented
from paging.traces.dumps.padded import from_padded
from paging.traces.dumps.torch_file import Tensor, TorchFile
from paging.traces.trace import Note, Trace

EXTEND, DECODE, IDLE = 1, 2, 4


def read_torch(content: bytes, where: str, axes: Order | None = None) -> Trace:
    """Read the records, or one tensor. Raises InvalidTrace naming the record."""
    file = TorchFile(content, where)
    value = file.value
    if isinstance(value, Tensor):
        return from_padded(oriented(file.numbers(value), axes, where), where, zeros=False)
    records = value.get("records") if isinstance(value, dict) else None
    if not isinstance(records, list) or not records:
        raise InvalidTrace(
            f"{where}: expected a tensor, or records of SGLang with topk_ids_of_layer (mode per_token)"
        )
    parts: list[NDArray[Any]] = []
    modes, steps, ranks = [], [], set()
    for number, record in enumerate(records):
        place = f"{where}: record {number}"
        mode, tensor, rank = _fields(record)
        if tensor is None or mode is None:
            raise InvalidTrace(f"{place}: expected forward_mode and topk_ids_of_layer (mode per_token)")
        array = file.numbers(tensor)
        if array.ndim != 3 or array.dtype.kind not in "iu":
            raise InvalidTrace(
                f"{place}: topk_ids_of_layer: expected integers of shape (layers, tokens, width), "
                f"got {array.dtype} of {array.shape}"
            )
        if parts and (array.shape[0], array.shape[2]) != (parts[0].shape[1], parts[0].shape[2]):
            raise InvalidTrace(
                f"{place}: expected {parts[0].shape[1]} layers and {parts[0].shape[2]} slots as before, got {array.shape}"
            )
        _check_tokens(record, array.shape[1], place)
        if not array.shape[1]:
            continue
        if mode not in (EXTEND, DECODE):
            raise InvalidTrace(
                f"{place}: forward_mode {mode}, expected {EXTEND} (prompt) or {DECODE} (decoding)"
            )
        ranks.add(rank)
        parts.append(array.transpose(1, 0, 2))
        modes.append(np.full(array.shape[1], mode == DECODE))
        steps.append(np.full(array.shape[1], number))
    if len(ranks) > 1 or not parts:
        said = f"several ranks ({', '.join(sorted(map(str, ranks)))}), expected one" if parts else "no tokens"
        raise InvalidTrace(f"{where}: records of {said}")
    return from_padded(
        np.concatenate(parts),
        where,
        zeros=False,
        decode=np.concatenate(modes),
        step=np.concatenate(steps),
        notes=_physical(file, value),
    )


def _fields(record: object) -> tuple[int | None, Tensor | None, int | None]:
    """forward_mode, topk_ids_of_layer and rank, each where it is what it should be."""
    if not isinstance(record, dict):
        return None, None, None
    mode, tensor, rank = (record.get(name) for name in ("forward_mode", "topk_ids_of_layer", "rank"))
    return (
        mode if type(mode) is int else None,
        tensor if isinstance(tensor, Tensor) else None,
        rank if type(rank) is int else None,
    )


def _check_tokens(record: dict[Any, Any], tokens: int, place: str) -> None:
    for name in ("input_ids", "positions"):
        beside = record.get(name)
        if isinstance(beside, list) and len(beside) != tokens:
            raise InvalidTrace(f"{place}: {tokens} tokens in topk_ids_of_layer, {len(beside)} in {name}")


def _physical(file: TorchFile, value: dict[Any, Any]) -> tuple[Note, ...]:
    tensor = value.get("last_physical_to_logical_map")
    if not isinstance(tensor, Tensor):
        return ()
    array = file.numbers(tensor)
    if (array == np.arange(array.shape[-1] if array.ndim else 0)).all():
        return ()
    return (Note("experts are numbered by their physical places, which are not those of the model"),)
