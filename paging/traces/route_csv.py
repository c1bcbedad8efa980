"""Reader of ``# route_trace v1``: the table that BigMoeOnEdge records, one row per routed expert.

Lines that begin with # name the model (n_layer, n_expert, n_expert_used) and the bytes of one expert of each layer; then
the header and the rows. Columns go by their names, as new ones may be appended. Phase 0 is the prompt, 1 decoding; a token
is a (turn, phase, step). A prompt is recorded layer by layer, and its tokens lack the last layer, all but one: the engine
computes no more. Layers without experts have no rows.

``dropped`` is 1 where the engine left out an expert that was not in its cache. The router did ask for it, so it is a request
here as all others.
"""

from __future__ import annotations

import re

import numpy as np

from paging.errors import InvalidTrace
from paging.traces.regroup import Rows, layer_notes, regroup
from paging.traces.source import quote
from paging.traces.table import read_head, read_rows
from paging.traces.trace import Note, Trace

MAGIC = "# route_trace"
FIRST_LINE = f"{MAGIC} v1"
NEEDED = ("turn", "phase", "step", "layer", "slot", "expert")
UNUSED = ("weight", "residency", "expert_bytes")
"""What the engine measured: known, and of no use here."""


def read_route_csv(content: bytes, where: str, lenient: bool = False) -> Trace:
    """Parse the format above; ``lenient`` as in regroup. Raises InvalidTrace naming ``where`` and the line."""
    head = read_head(content, FIRST_LINE, where)
    layers, experts, width = head.required(("n_layer", "n_expert", "n_expert_used"), where)
    columns = head.header.decode("utf-8", "replace").split(",")
    missing = [name for name in NEEDED if name not in columns]
    if missing or len(set(columns)) < len(columns):
        raise InvalidTrace(
            f"{where}:{head.line - 1}: expected a header with {','.join(NEEDED)}, each once, got {quote(head.header)}"
        )
    numbers = (*NEEDED, *(name for name in ("dropped",) if name in columns))
    table = read_rows(content, head, columns, where, unread=[name for name in columns if name not in numbers])
    del content  # rows are regrouped without the text
    turn, phase, step, layer, slot, expert = (  # each is freed as it is copied into one piece
        table.drop_in_place(name).to_numpy() for name in NEEDED
    )
    rows = Rows((turn, phase, step), layer, expert, where, head.line, slot=slot)
    if len(bad := np.flatnonzero(phase > 1)):
        raise rows.fault(bad, f"phase {phase[bad[0]]}, expected 0 (prompt) or 1 (decoding)")
    notes = []
    others = [name for name in columns if name not in (*numbers, *UNUSED)]
    if others:
        notes.append(Note(f"columns {', '.join(map(quote, others))} are not read"))
    if "dropped" in columns:
        dropped = table["dropped"].to_numpy()
        if len(bad := np.flatnonzero(dropped > 1)):
            raise rows.fault(bad, f"dropped {dropped[bad[0]]}, expected 0 or 1")
        for number, name in enumerate(("prefill", "decode")):
            if count := int(dropped[phase == number].sum()):
                notes.append(
                    Note(
                        f"{count} routings that the engine dropped are requests here, as the router asked for them",
                        "decode" if name == "decode" else "prefill",
                    )
                )
    found = regroup(rows, layers, experts, width, lenient)
    left_out = int(np.count_nonzero(phase[found.dropped] == 0))
    sizes = _expert_bytes(head.comments)
    return Trace.from_array(
        found.routing,
        experts=experts,
        decode=phase[found.begins] == 1,
        asked=found.asked,
        layer_ids=found.layers,
        expert_bytes=[sizes[j] for j in found.layers.tolist()]
        if sizes.keys() >= set(found.layers.tolist())
        else None,
        dropped=(left_out, len(found.dropped) - left_out),
        notes=(*notes, *layer_notes(found.layers, layers)),
        name=where,
    )


def _expert_bytes(comments: tuple[str, ...]) -> dict[int, int]:
    """Bytes of one expert of each layer that has its line."""
    found = re.findall(
        r"^#\s*layer=([0-9]{1,9}) expert_bytes=([0-9]{1,18})", "\n".join(comments), re.MULTILINE
    )
    return {int(layer): int(size) for layer, size in found}
