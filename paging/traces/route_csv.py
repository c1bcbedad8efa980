"""Reader of ``# route_trace v1``: the table that BigMoeOnEdge records, one row per routed expert.

Lines that begin with # name the model (n_layer, n_expert, n_expert_used) and the bytes of one expert of each layer; then
the header and the rows. Phase 0 is the prompt, 1 decoding; a token is a (turn, phase, step). Prompts are recorded layer by
layer, and most prompt tokens lack the last layer: such tokens are dropped and counted.
"""

from __future__ import annotations

import re

import numpy as np

from paging.errors import InvalidTrace
from paging.traces.regroup import Rows, regroup
from paging.traces.source import quote
from paging.traces.table import read_head, read_rows
from paging.traces.trace import Trace

MAGIC = "# route_trace"
FIRST_LINE = f"{MAGIC} v1"
COLUMNS = ("turn", "phase", "step", "layer", "slot", "expert", "weight", "residency", "expert_bytes")


def read_route_csv(content: bytes, where: str, lenient: bool = False) -> Trace:
    """Parse the format above; ``lenient`` as in regroup. Raises InvalidTrace naming ``where`` and the line."""
    head = read_head(content, FIRST_LINE, where)
    layers, experts, width = head.required(("n_layer", "n_expert", "n_expert_used"), where)
    if head.header.decode("utf-8", "replace") != ",".join(COLUMNS):
        raise InvalidTrace(
            f"{where}:{head.line - 1}: expected the header {','.join(COLUMNS)!r}, got {quote(head.header)}"
        )
    table = read_rows(content, head, COLUMNS, where, words=("weight", "residency", "expert_bytes"))
    turn, phase, step, layer, expert = (
        table[name].to_numpy() for name in ("turn", "phase", "step", "layer", "expert")
    )
    rows = Rows((turn, phase, step), layer, expert, where, head.line)
    if len(bad := np.flatnonzero(phase > 1)):
        raise rows.fault(bad, f"phase {phase[bad[0]]}, expected 0 (prompt) or 1 (decoding)")
    routing, first, dropped = regroup(rows, layers, experts, width, lenient)
    if not len(routing):
        raise InvalidTrace(f"{where}: none of the {dropped} tokens has all {layers} layers")
    return Trace.from_array(
        routing,
        experts=experts,
        decode=phase[first] == 1,
        expert_bytes=_expert_bytes(head.comments, layers),
        dropped_tokens=dropped,
        name=where,
    )


def _expert_bytes(comments: tuple[str, ...], layers: int) -> list[int] | None:
    """Bytes of one expert per layer; None unless every layer has its line."""
    found = re.findall(
        r"^#\s*layer=([0-9]{1,9}) expert_bytes=([0-9]{1,18})", "\n".join(comments), re.MULTILINE
    )
    sizes = {int(layer): int(size) for layer, size in found}
    return [sizes[layer] for layer in range(layers)] if sizes.keys() >= set(range(layers)) else None
