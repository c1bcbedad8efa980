"""Chains of a random adversary: one probability per request of a graph of states, those of each state adding up to 1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bounds.exact.randomized.labels import Label, State, StateGraph, forgotten, without_a_page
from bounds.exact.randomized.linear import Floats

LONGEST_WAIT = 1_000.0
"""Requests until OPT grows, expected: chains on which it grows more rarely are left alone."""


def sources(graph: StateGraph) -> NDArray[np.int64]:
    """The state of each request."""
    return np.array([request.source for request in graph.requests])


def normalized(graph: StateGraph, chain: Floats) -> Floats:
    """Probabilities: those of each state's requests add up to 1."""
    source = sources(graph)
    result: Floats = chain / np.bincount(source, chain, len(graph.states))[source]
    return result


def uniform(graph: StateGraph) -> Floats:
    """Every page of the layer is as likely."""
    return normalized(graph, np.array([request.sizes[request.group] + 1.0 for request in graph.requests]))


def shaken(graph: StateGraph, chain: Floats, rng: np.random.Generator) -> Floats:
    """Each probability times a random number."""
    return normalized(graph, chain * rng.exponential(size=len(chain)))


def waits(graph: StateGraph, chain: Floats) -> Floats:
    """Expected requests until OPT grows, per state; infinite everywhere when it may never grow."""
    stay = np.zeros((len(graph.states), len(graph.states)))
    for request, probability in zip(graph.requests, chain.tolist(), strict=True):
        if not request.growth:
            stay[request.source, request.target] += probability
    never: Floats = np.full(len(stay), np.inf)
    try:
        wait = np.linalg.solve(np.eye(len(stay)) - stay, np.ones(len(stay))).astype(np.float64)
    except np.linalg.LinAlgError:
        return never
    return wait if (wait >= 1 - 1e-9).all() else never


def remembering(graph: StateGraph, chain: Floats, before: StateGraph) -> Floats:
    """A chain on ``before``, of less memory, as one on ``graph``: what it does not remember it does not use."""
    return _carried(
        graph,
        before,
        chain,
        lambda state: tuple(tuple(sorted(forgotten(x, before.memory) for x in row)) for row in state),
        lambda label: forgotten(label, before.memory),
    )


def inherited(graph: StateGraph, chain: Floats, before: StateGraph) -> Floats:
    """A chain on ``before``, with one expert less in each layer: a page outside of each layer is not used."""
    outside = graph.slots + 1
    return _carried(graph, before, chain, lambda state: without_a_page(state, outside), lambda label: label)


def _carried(
    graph: StateGraph,
    before: StateGraph,
    chain: Floats,
    state_before: Callable[[State], State | None],
    label_before: Callable[[Label], Label],
) -> Floats:
    """Each page asked for as likely as where the chain comes from; uniform in states that it does not know."""
    number = {state: i for i, state in enumerate(before.states)}
    asked = {
        (request.source, before.groups[request.source][request.group].label): probability
        for request, probability in zip(before.requests, chain.tolist(), strict=True)
    }
    result = uniform(graph)
    for j, request in enumerate(graph.requests):
        there = number.get(state_before(graph.states[request.source]) or ())
        if there is not None:
            row = graph.states[request.source][0]
            own = graph.groups[request.source][request.group].label
            label = label_before(own)
            alike = sum(label_before(other) == label for other in row)
            result[j] = asked.get((there, label), 0.0) * row.count(own) / alike
    return result
