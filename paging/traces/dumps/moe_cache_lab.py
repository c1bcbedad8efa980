"""moe-cache-lab's routing JSONL, versions 1 and 2: metadata, and one object per token and layer.

    {"record_type": "metadata", "format": "moe-cache-lab.routing-jsonl", "format_version": 1, "model_id": "…", "num_experts": 8}
    {"record_type": "routing_selection", "phase": "prompt", "token_position": 0, "layer": 3, "selected_experts": [5]}

Version 2 has ``routing_stage`` (encoder, decoder), whose layers are different ones though their numbers may be equal, and
``assignment_state``: an event that is unassigned asks for nothing. Phases: prompt and generated; in version 2 source of the
encoder, decoder_prompt and decoder_generated. Source: TRACE_FORMAT.md of moe-cache-lab; certain.

The prompt comes first, an encoder before it, and positions rise within a phase and layer; no event stands twice. Probabilities
and what describes the model are not read. Layers of an encoder stand before those of the decoder, and a token of it asks of
its layers alone.
"""

from __future__ import annotations

import numpy as np

from paging.errors import InvalidTrace
from paging.traces.dumps.records import Record, count, expert_ids, first_record, records
from paging.traces.regroup import Rows, regroup
from paging.traces.source import quote
from paging.traces.trace import Note, Trace

FORMAT = "moe-cache-lab.routing-jsonl"

PHASES = {
    1: {("", "prompt"): 0, ("", "generated"): 1},
    2: {("encoder", "source"): 0, ("decoder", "decoder_prompt"): 1, ("decoder", "decoder_generated"): 2},
}
"""Of each version: stages with phases, in the order of time; the last is decoding."""


def is_moe_cache_lab(content: bytes) -> bool:
    """Whether the first line is the metadata of this format."""
    return first_record(content).get("format") == FORMAT


def read_moe_cache_lab(content: bytes, where: str, lenient: bool = False) -> Trace:
    """Parse the records; ``lenient`` as in regroup. Raises InvalidTrace naming ``where`` and the line."""
    lines = records(content, where)
    first, head = next(lines, (1, {}))
    version = head.get("format_version")
    if head.get("record_type") != "metadata" or type(version) is not int or version not in PHASES:
        raise InvalidTrace(f"{where}:{first}: expected metadata of format_version 1 or 2 first")
    phases = PHASES[version]
    known = _experts(head, version, f"{where}:{first}")
    events: list[tuple[int, int, tuple[int, int], list[int], int]] = []
    seen: set[tuple[int, int, int]] = set()
    for number, record in lines:
        place = f"{where}:{number}"
        stage, phase = (str(record.get(name, ""))[:40] for name in ("routing_stage", "phase"))
        if record.get("record_type") != "routing_selection" or (stage, phase) not in phases:
            raise InvalidTrace(
                f"{place}: expected a routing_selection of phase {' or '.join(phase for _, phase in phases)}, "
                f"got {quote(f'{stage} {phase}'.strip())}"
            )
        block = phases[stage, phase]
        encoder = int(version == 2 and stage == "decoder")
        position, layer = count(record, "token_position", place), count(record, "layer", place)
        selected = expert_ids(record, "selected_experts", place)
        if (record.get("assignment_state", "assigned") == "assigned") != bool(selected):
            raise InvalidTrace(
                f"{place}: expected experts of an assigned event, and none of an unassigned one"
            )
        if events and block < events[-1][0]:
            raise InvalidTrace(f"{place}: phase {phase} after a later one")
        if (encoder, position, layer) in seen:
            raise InvalidTrace(f"{place}: token {position} of layer {layer} stands twice")
        seen.add((encoder, position, layer))
        events.append((block, position, (encoder, layer), selected, number - first - 1))
    if not any(event[3] for event in events):
        raise InvalidTrace(f"{where}: no experts in any record")
    layers = sorted({layer for _, _, layer, selected, _ in events if selected})
    lengths = [len(event[3]) for event in events]
    blocks, positions, columns, record_of = (
        np.repeat(np.array(values, np.int64), lengths)
        for values in (
            [event[0] for event in events],
            [event[1] for event in events],
            [layers.index(event[2]) if event[3] else 0 for event in events],
            [event[4] for event in events],
        )
    )
    expert = np.array([one for event in events for one in event[3]], np.int64)
    rows = Rows((blocks, positions), columns, expert, where, first + 1, record_of)
    found = regroup(rows, len(layers), known or int(expert.max()) + 1, None, lenient)
    numbers = [layer for _, layer in layers]
    plain = len({stage for stage, _ in layers}) == 1
    return Trace.from_array(
        found.routing,
        experts=known or int(expert.max()) + 1,
        sizes=found.sizes,
        decode=blocks[found.begins] == max(phases.values()),
        layer_ids=numbers if plain else None,
        dropped=_dropped(blocks[found.dropped] == max(phases.values())),
        notes=()
        if plain
        else (
            Note(f"layers of the encoder, then of the decoder, are those that the file numbers {numbers}"),
        ),
        name=where,
    )


def _dropped(decode: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> tuple[int, int]:
    return int(np.count_nonzero(~decode)), int(np.count_nonzero(decode))


def _experts(head: Record, version: int, place: str) -> int:
    """Experts of each layer, of the larger stage; 0 where it is not said."""
    if version == 1:
        return count(head, "num_experts", place) if head.get("num_experts") is not None else 0
    stages = head.get("routing_stages")
    if not isinstance(stages, list) or not stages or not all(isinstance(stage, dict) for stage in stages):
        raise InvalidTrace(f"{place}: expected routing_stages")
    return max(count(stage, "num_experts", place) for stage in stages)
