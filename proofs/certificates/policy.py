"""Certificates for the exact ratio of a policy: its transducer, with potentials or with a cycle."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from bounds.exact.ratio import ExactRatio
from paging.errors import InvalidArgument, UnsupportedProblem
from paging.policies.named import NamedPolicy, registered
from proofs.certificates.document import Document, document
from proofs.verify import KNOWN


def upper_certificate(found: ExactRatio) -> Document:
    """Potentials on all reachable states. Raises UnsupportedProblem for an infinite ratio."""
    name = stated(found.policy)
    if not isinstance(found.ratio, Fraction) or found.potential is None:
        raise UnsupportedProblem(f"{name}: an infinite ratio has no certificate from above")
    graph = found.product
    states = {
        graph.text(x): [str(Fraction(int(found.potential[x]), found.ratio.denominator))]
        for x in range(graph.states)
    }
    moves = _moves(found, range(len(graph.to)), name)
    return document(
        "policy-upper", found.instance, found.ratio, graph.slots, policy=name, states=states, **moves
    )


def lower_certificate(found: ExactRatio) -> Document:
    """Prefix and cycle."""
    name = stated(found.policy)
    fields = {
        part: [int(found.product.page[j]) for j in requests]
        for part, requests in (("prefix", found.path), ("cycle", found.loop))
    }
    moves = _moves(found, (*found.path, *found.loop), name)
    return document(
        "policy-lower", found.instance, found.ratio, found.product.slots, policy=name, **fields, **moves
    )


def stated(policy: NamedPolicy) -> str:
    """What a certificate calls the policy: its id without folders; a name that the verifier knows only if it is that policy."""
    name = policy.id.rpartition("/")[2]
    if name in KNOWN and not registered(policy):
        raise InvalidArgument(f"{policy.id}: a name that the verifier knows, expected another one")
    return name


def _moves(found: ExactRatio, requests: Iterable[int], name: str) -> dict[str, Any]:
    """The policy's answers, and the tokens before the first request where there are some; nothing for policies that the
    verifier knows itself."""
    if name in KNOWN:
        return {}
    graph, source = found.product, found.product.source()
    moves: dict[str, dict[str, list[list[int]]]] = {}
    for j in requests:
        state = int(source[j])
        answers = moves.setdefault(graph.text(state), {})
        answers[str(graph.page[j])] = list(graph.answer(state, j))  # as JSON has it
    tokens = [token for _, token in graph.labels(0)]
    return {"moves": moves, **({"start": tokens} if any(tokens) else {})}
