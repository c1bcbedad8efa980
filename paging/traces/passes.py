"""Tokens that are computed together ask for their experts together: the passes of an engine through the layers.

A pass asks each layer for the union of the sets of its tokens, each expert once, in the order in which the tokens name
them. A prompt is one such pass; a server that decodes several requests at once makes one pass for the next token of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidTrace
from paging.traces.trace import Trace


def joined(trace: Trace, step: NDArray[np.int64]) -> Trace:
    """A trace whose tokens are the passes of another. ``step``: the pass of every token, in the order of time.

    Raises InvalidTrace for a pass that has tokens of both phases.
    """
    where = trace.name or "trace"
    passes, first, group = np.unique(step, return_index=True, return_inverse=True)
    count = len(passes)
    decoding = np.bincount(group, weights=trace.decode, minlength=count)
    mixed = np.flatnonzero((decoding > 0) & (decoding < np.bincount(group, minlength=count)))
    if len(mixed):
        raise InvalidTrace(f"{where}: pass {passes[mixed[0]]} has tokens of the prompt and of decoding")
    token, layer, slot = np.nonzero(trace.routing >= 0)
    expert = trace.routing[token, layer, slot].astype(np.int64)
    cell = group[token] * trace.layers + layer
    _, named = np.unique(cell * trace.experts + expert, return_index=True)  # where an expert is named first
    order = named[np.lexsort((named, cell[named]))]
    sizes = np.bincount(cell[order], minlength=count * trace.layers)
    place = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    routing = np.full((count * trace.layers, int(sizes.max())), -1, np.int32)
    routing[cell[order], place] = expert[order]
    of_one = trace.request is not None and (trace.request == trace.request[first][group]).all()
    return Trace.from_array(
        routing.reshape(count, trace.layers, -1),
        experts=trace.experts,
        decode=decoding > 0,
        sizes=sizes.reshape(count, trace.layers),
        expert_bytes=trace.expert_bytes,
        layer_ids=trace.layer_ids,
        request=trace.request[first] if of_one and trace.request is not None else None,
        step=passes,
        dropped=trace.dropped,
        notes=trace.notes,
        name=trace.name,
    )


def passes_of(trace: Trace) -> NDArray[np.int64]:
    """The pass of every token, as the file says; or else each prompt is one pass, and each decoded token one."""
    if trace.step is not None:
        return trace.step
    goes_on = ~trace.decode[1:] & ~trace.decode[:-1]
    if trace.request is not None:
        goes_on &= trace.request[1:] == trace.request[:-1]
    return np.concatenate([[0], np.cumsum(~goes_on)]).astype(np.int64)


def interleaved(trace: Trace) -> Trace:
    """The requests as a server serves them that all arrive at once: each prompt is one pass, then every pass decodes the next
    token of each request that is not finished. Raises InvalidTrace where there are not several requests."""
    where = trace.name or "trace"
    if trace.request is None or (trace.request == trace.request[0]).all():
        raise InvalidTrace(
            f"{where}: interleave: expected several requests, the trace tells of none or of one"
        )
    _, first, number = np.unique(trace.request, return_index=True, return_inverse=True)
    number = np.argsort(np.argsort(first))[number]  # in the order of their first tokens
    turn = np.zeros(trace.tokens, np.int64)
    for one in range(len(first)):
        mine = number == one
        turn[mine] = np.cumsum(trace.decode[mine]) - 1
    step = np.where(trace.decode, len(first) + turn, number)
    return joined(replace(trace, step=None), step)


def together(traces: Sequence[Trace]) -> Trace:
    """Several traces of one model as one, each of them requests of its own, one after another.

    Raises InvalidTrace, naming the trace that has other layers, or other sizes of experts, than the first.
    """
    one, *others = traces
    if not others:
        return one
    for other in others:
        for what in ("layers", "layer_ids", "expert_bytes"):
            mine, first = _listed(other, what), _listed(one, what)
            if mine != first:
                raise InvalidTrace(
                    f"{other.name}: {what.replace('_', ' ')}: expected {first} as in {one.name}, got {mine}"
                )
    width = max(trace.width for trace in traces)
    none = [np.zeros(trace.tokens, np.int64) for trace in traces]
    requests = [zeros if t.request is None else t.request for t, zeros in zip(traces, none, strict=True)]
    steps = [trace.step for trace in traces if trace.step is not None]
    return Trace.from_array(
        np.concatenate(
            [np.pad(t.routing, ((0, 0), (0, 0), (0, width - t.width)), constant_values=-1) for t in traces]
        ),
        experts=max(trace.experts for trace in traces),
        decode=np.concatenate([trace.decode for trace in traces]),
        sizes=np.concatenate([(trace.routing >= 0).sum(axis=2) for trace in traces]),
        expert_bytes=one.expert_bytes,
        layer_ids=one.layer_ids,
        request=_in_turn(requests),
        step=_in_turn(steps) if len(steps) == len(traces) else None,
        dropped=(sum(trace.dropped[0] for trace in traces), sum(trace.dropped[1] for trace in traces)),
        notes=tuple(dict.fromkeys(note for trace in traces for note in trace.notes)),
        name=one.name,
    )


def _in_turn(numbers: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The numbers of each part in turn, those of a part above all before it."""
    parts: list[NDArray[np.int64]] = []
    for part in numbers:
        parts.append(part - part.min() + (parts[-1].max() + 1 if parts else 0))
    return np.concatenate(parts)


def _listed(trace: Trace, what: str) -> object:
    value = getattr(trace, what)
    return value.tolist() if isinstance(value, np.ndarray) else value
