"""Megatron-LM's router trace: JSON lines, one for each step, block and layer.

    {"step": 0, "stage": "pre_dispatch", "block": "decoder", "layer": 3, "rank": 0, "num_tokens": 2, "topk": 2,
     "top_indices": [[12, 45], [3, 12]]}

Lines of the block "mtp" (multi-token prediction) also have ``mtp_idx``. Source: the docstring and the code of
megatron/core/transformer/moe/router_trace.py (--moe-routing-trace-path), which writes a file for each rank; certain for
these fields. The code takes indices from a boolean map where the router gives one: the experts of a set are then in the order
of their numbers.

All layers of a step have its tokens; a line with another number of them is refused, as are several ranks in one file. Tokens
of the layers "mtp" are those of the decoder in the same step, so those layers stand behind the decoder's and are numbered
on from it. The trace does not tell a prompt from decoding: all tokens count as decoded, which is noted.
"""

from __future__ import annotations

import numpy as np

from paging.errors import InvalidTrace
from paging.traces.dumps.records import Record, count, expert_ids, first_record, records
from paging.traces.trace import Note, Trace

UNTOLD = Note("the file does not tell a prompt from decoding: all tokens count as decoded")

Layer = tuple[int, int, int]
"""(0, 0, layer) of the decoder, (1, mtp_idx, layer) of multi-token prediction."""


def is_megatron(content: bytes) -> bool:
    """Whether the first line is one of these."""
    return "top_indices" in first_record(content)


def read_megatron(content: bytes, where: str) -> Trace:
    """Parse the lines. Raises InvalidTrace naming ``where`` and the line."""
    cells: dict[tuple[int, Layer], tuple[list[list[int]], str]] = {}
    tokens: dict[int, int] = {}
    rank: int | None = None
    for number, record in records(content, where):
        place = f"{where}:{number}"
        step, layer = count(record, "step", place), _layer(record, place)
        rows = record.get("top_indices")
        if not isinstance(rows, list) or not rows:
            raise InvalidTrace(f"{place}: top_indices: expected the experts of each token")
        sets = [expert_ids({"top_indices": row}, "top_indices", place) for row in rows]
        for name, due in (("num_tokens", len(sets)), ("topk", len(sets[0]))):
            if name in record and record[name] != due:
                raise InvalidTrace(
                    f"{place}: {name}: expected {due} as in top_indices, got {count(record, name, place)}"
                )
        if any(len(one) != len(sets[0]) for one in sets):
            raise InvalidTrace(f"{place}: top_indices: sets of different sizes in one layer")
        mine = count(record, "rank", place) if "rank" in record else 0
        if rank not in (None, mine):
            raise InvalidTrace(f"{place}: rank {mine} after rank {rank}, expected one rank in a file")
        if tokens and step < max(tokens):
            raise InvalidTrace(f"{place}: step {step} follows step {max(tokens)}")
        if tokens.setdefault(step, len(sets)) != len(sets):
            raise InvalidTrace(
                f"{place}: {len(sets)} tokens, other layers of step {step} have {tokens[step]}"
            )
        if (step, layer) in cells:
            raise InvalidTrace(f"{place}: layer {layer[2]} stands twice in step {step}")
        rank, cells[step, layer] = mine, (sets, place)
    if not cells:
        raise InvalidTrace(f"{where}: no records")
    layers = sorted({layer for _, layer in cells})
    width = max(len(sets[0]) for sets, _ in cells.values())
    begins = dict(zip(tokens, np.cumsum([0, *tokens.values()])[:-1].tolist(), strict=True))
    total = sum(tokens.values())
    routing = np.full((total, len(layers), width), -1, np.int64)
    sizes = np.zeros((total, len(layers)), np.int32)
    for (step, layer), (sets, _) in cells.items():
        rows = slice(begins[step], begins[step] + len(sets))
        routing[rows, layers.index(layer), : len(sets[0])] = sets
        sizes[rows, layers.index(layer)] = len(sets[0])
    return Trace.from_array(
        routing,
        sizes=sizes,
        layer_ids=_numbers(layers),
        step=np.repeat(list(tokens), list(tokens.values())),
        notes=(UNTOLD,),
        name=where,
    )


def _layer(record: Record, place: str) -> Layer:
    block = record.get("block", "decoder")
    if block == "decoder":
        return 0, 0, count(record, "layer", place)
    if block == "mtp":
        return 1, count(record, "mtp_idx", place), count(record, "layer", place)
    raise InvalidTrace(f"{place}: block: expected decoder or mtp")


def _numbers(layers: list[Layer]) -> list[int]:
    """Of the decoder as they are, of multi-token prediction behind them."""
    own = [layer for mtp, _, layer in layers if not mtp]
    first = own[-1] + 1 if own else 0
    return [*own, *range(first, first + len(layers) - len(own))]
