"""Certificates for the best randomized policy: distributions with plans from above, a chain with potentials from below."""

from __future__ import annotations

from collections.abc import Sequence

from bounds.exact.randomized.labels import Group, Request
from bounds.exact.randomized.lower import RandomizedLower
from bounds.exact.randomized.orbits import Counts
from bounds.exact.randomized.upper import RandomizedUpper
from proofs.certificates.document import Document, document

MARK = 2


def upper_certificate(solution: RandomizedUpper) -> Document:
    """Per state the potential, the caches with their probabilities, the plan for each request (by position)."""
    graph = solution.graph
    plans: list[dict[str, list[list[str]]]] = [{} for _ in graph.states]
    for request, plan in zip(graph.requests, solution.plans, strict=True):
        groups = graph.groups[request.source]
        moves = [
            [_split_text(groups, request, a), _split_text(groups, request, b), str(mass)]
            for a, b, mass in plan
        ]
        position = graph.states[request.source][0].index(groups[request.group].label)
        plans[request.source][str(position)] = moves
    states = {
        _text(groups, [0] * len(groups)): [
            str(solution.potential[x]),
            {_text(groups, counts): str(mass) for counts, mass in solution.caches[x].items()},
            plans[x],
        ]
        for x, groups in enumerate(graph.groups)
    }
    return document("randomized-upper", graph.instance, solution.ratio, graph.slots, states=states)


def lower_certificate(solution: RandomizedLower) -> Document:
    """Weights of the requests per state of the chain, potentials per state with a cache."""
    nodes = solution.nodes
    graph = nodes.graph
    texts = [_text(groups, [0] * len(groups)) for groups in graph.groups]
    reached = _reached(solution)
    states_reached = {nodes.caches[x][0] for x in reached}
    chain: dict[str, dict[str, str]] = {texts[state]: {} for state in sorted(states_reached)}
    for request, weight in zip(graph.requests, solution.weights, strict=True):
        if weight and request.source in states_reached:
            level, recency = graph.groups[request.source][request.group].label
            chain[texts[request.source]][f"{level}.{2 * recency}"] = str(weight)
    states = {
        _text(graph.groups[state], counts): [str(solution.potential[x])]
        for x, (state, counts) in enumerate(nodes.caches)
        if x in reached
    }
    return document(
        "randomized-lower",
        graph.instance,
        solution.ratio,
        graph.slots,
        memory=graph.memory,
        chain=chain,
        states=states,
    )


def _reached(solution: RandomizedLower) -> set[int]:
    """The nodes that play reaches by requests of positive weight: a certificate speaks of these alone."""
    nodes = solution.nodes
    ahead: list[set[int]] = [set() for _ in nodes.caches]
    for j, (x, request) in enumerate(zip(nodes.node.tolist(), nodes.request.tolist(), strict=True)):
        if solution.weights[request]:
            ahead[x].update(nodes.to[nodes.first[j] : nodes.first[j + 1]].tolist())
    seen, waiting = {0}, [0]
    while waiting:
        more = ahead[waiting.pop()] - seen
        seen |= more
        waiting += more
    return seen


def _text(groups: Sequence[Group], counts: Sequence[int]) -> str:
    """The state with a cache that holds so many pages of each group."""
    return _join([(g.layer, *g.label, count, g.size, 0) for g, count in zip(groups, counts, strict=True)])


def _split_text(groups: Sequence[Group], request: Request, counts: Counts) -> str:
    """The same by split groups, the requested page marked."""
    own = groups[request.group]
    parts = [
        (g.layer, *g.label, count, size, 0)
        for g, count, size in zip(groups, counts[:-1], request.sizes[:-1], strict=True)
    ]
    return _join([*parts, (own.layer, *own.label, counts[-1], 1, MARK)])


def _join(parts: Sequence[tuple[int, int, int, int, int, int]]) -> str:
    """Parts: layer, level, recency, cached pages, pages, mark. As proofs.verify writes a state."""
    rows: list[list[tuple[int, int]]] = [[] for _ in range(1 + max(part[0] for part in parts))]
    for layer, level, recency, cached, size, mark in parts:
        rows[layer] += [(level, 2 * recency + (i < cached) + mark) for i in range(size)]
    return "|".join(" ".join(f"{level}.{token}" for level, token in sorted(row)) for row in rows)
