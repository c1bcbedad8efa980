"""Certificates for the exact ratio of a policy: its transducer, with potentials or with a cycle."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from bounds.exact.product import ProductGraph
from bounds.exact.ratio import ExactRatio
from paging.errors import UnsupportedProblem
from proofs.certificates.document import Document, document
from proofs.certificates.states import state_text, token
from proofs.verify import KNOWN

Moves = dict[str, dict[str, list[list[int]]]]


def upper_certificate(found: ExactRatio, name: str) -> Document:
    """Potentials on all reachable states. Raises UnsupportedProblem for an infinite ratio, or a policy without a kernel."""
    if not isinstance(found.ratio, Fraction) or found.potential is None:
        raise UnsupportedProblem(f"{name}: an infinite ratio has no certificate from above")
    graph = _kernel(found, name)
    states = {
        _text(graph, x): [str(Fraction(int(found.potential[x]), found.ratio.denominator))]
        for x in range(graph.states)
    }
    moves = _moves(graph, range(len(graph.to)), name)
    return document("policy-upper", found.instance, found.ratio, policy=name, states=states, **moves)


def lower_certificate(found: ExactRatio, name: str) -> Document:
    """Prefix and cycle. Raises UnsupportedProblem for a policy without a kernel."""
    graph = _kernel(found, name)
    fields = {
        part: [int(graph.page[j]) for j in requests]
        for part, requests in (("prefix", found.path), ("cycle", found.loop))
    }
    moves = _moves(graph, (*found.path, *found.loop), name)
    return document("policy-lower", found.instance, found.ratio, policy=name, **fields, **moves)


def _kernel(found: ExactRatio, name: str) -> ProductGraph:
    if found.graph.kind is None:
        raise UnsupportedProblem(f"{name}: certificates are written for policies with a kernel only")
    return found.graph


def _empty(graph: ProductGraph, state: int) -> list[int]:
    assert graph.words is not None
    return [int(graph.words[state, 2]) >> (4 * i) & 15 for i in range(graph.instance.cache)]


def _labels(graph: ProductGraph, state: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    from bounds.exact.kernels.states import unpack

    assert graph.words is not None
    labels = np.empty(graph.instance.pages, np.int64)
    unpack(graph.words[state, 0], graph.words[state, 1], graph.instance.pages, labels)
    return labels


def _text(graph: ProductGraph, state: int) -> str:
    return state_text(_labels(graph, state), graph.instance, _empty(graph, state))


def _moves(graph: ProductGraph, requests: Iterable[int], name: str) -> dict[str, Moves]:
    """The policy's answers: victims and new tokens by position; nothing for policies that the verifier knows itself."""
    if name in KNOWN:
        return {}
    from bounds.exact.kernels import policies

    assert graph.kind is not None
    assert graph.victims is not None
    instance = graph.instance
    kind = getattr(policies, graph.kind)
    source = np.repeat(np.arange(graph.states), np.diff(graph.first))
    moves: Moves = {}
    for j in requests:
        x, position = int(source[j]), int(graph.page[j])
        labels, empty = _labels(graph, x), np.array(_empty(graph, x))
        policies.step(kind, labels, empty, position, instance.layers, instance.experts, instance.cache)
        victims = [i for i in range(instance.pages) if int(graph.victims[j]) >> i & 1]
        moves.setdefault(_text(graph, x), {})[str(position)] = [
            victims,
            [token(aux) for aux in (labels & 15).tolist()],
        ]
    return {"moves": moves}
