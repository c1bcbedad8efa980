"""A lower bound for every randomized policy: a random adversary with finite memory, and the best answer to it (Yao 1977).

The adversary is a chain on the offset function and the order of the last M requested pages. It begins by choosing its
requests at random and improves by alternating: best response of the policy, then better probabilities to first order, as far
as the response confirms them. What is reported is proven: probabilities are fractions, and potentials h with
sum of probability * (miss + min h(next) - r * growth) >= h(node) are checked exactly at every node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bounds.exact.randomized.labels import StateGraph, state_graph
from bounds.exact.randomized.linear import Floats
from bounds.exact.randomized.response import Nodes, Response, explore, improve, respond, respond_exactly
from paging.errors import InvalidArgument, SolverFailed
from paging.model import Instance

MOST_NODES = 6_000
FEW_NODES = 300
STARTS = 4
"""Random beginnings besides the uniform one, where there are few nodes."""

MOST_ROUNDS, LEAST_ROUNDS, WORK = 100, 3, 20_000
"""Improvements: as many as WORK / nodes, within limits."""

LONGEST_WAIT = 1_000.0
"""Requests until OPT grows, expected: chains on which it grows more rarely are left alone."""

DENOMINATORS = (6, 12, 60, 360, 2_520, 50_400, 10_000_000)
"""Probabilities are rounded to fractions with such denominators, the smallest that keep the ratio."""

SWEEPS = 2_000

UNIT = 10**6
"""Ratios that are not simple fractions are rounded down to multiples of 1 / UNIT."""


@dataclass(frozen=True, slots=True, eq=False)
class RandomizedLower:
    """``ratio`` is proven by a chain, ``weights`` per request (probabilities are proportional to them), and ``potential`` per
    node of ``nodes``."""

    ratio: Fraction
    nodes: Nodes
    weights: tuple[int, ...]
    potential: tuple[Fraction, ...]


def check_memory(instance: Instance, memory: int) -> None:
    """No more requests than there are slots, as certificates have it. Raises InvalidArgument."""
    if not 0 <= memory <= instance.cache:
        raise InvalidArgument(f"memory: expected 0 to {instance.cache} requests, as k is, got {memory}")


def randomized_lower(
    instance: Instance, memory: int, aim: Fraction | None = None, most: int = MOST_NODES
) -> RandomizedLower:
    """The best chain found. ``aim``: an upper bound, tried first as the value of the ratio.

    Raises UnsupportedProblem when there are more than ``most`` caches to answer it, SolverFailed, and InvalidArgument for a
    memory > k.
    """
    check_memory(instance, memory)
    nodes = explore(state_graph(instance, memory), most)
    chain, response = _improved(nodes, aim, 0)
    for seed in range(1, STARTS if len(nodes.caches) <= FEW_NODES else 1):
        if not _reached(response.ratio, aim):
            chain, response = max(
                (chain, response), _improved(nodes, aim, seed), key=lambda found: found[1].ratio
            )
    weights, response = _simplified(nodes, chain, response)
    return _proven(nodes, weights, response, aim)


def _proven(
    nodes: Nodes, weights: tuple[int, ...], response: Response, aim: Fraction | None
) -> RandomizedLower:
    for ratio, potential in _claims(nodes, weights, response, aim):
        if proven(nodes, weights, potential, ratio):
            return RandomizedLower(ratio, nodes, weights, potential)
    raise SolverFailed(f"{nodes.graph.instance}: no ratio of the chain could be proven")


def uniform_chain(instance: Instance, most: int = MOST_NODES) -> RandomizedLower:
    """What requests drawn uniformly from the layer force: quick, and mostly less than ``randomized_lower`` finds.

    Raises as that does.
    """
    nodes = explore(state_graph(instance, 0), most)
    weights = tuple(request.sizes[request.group] + 1 for request in nodes.graph.requests)
    response = respond(nodes, _normalized(nodes.graph, np.array(weights, np.float64)))
    return _proven(nodes, weights, response, None)


def _improved(nodes: Nodes, aim: Fraction | None, seed: int) -> tuple[Floats, Response]:
    """From random requests on (seed 0: uniform), by steps of adapted size."""
    graph = nodes.graph
    pages = np.array([request.sizes[request.group] + 1.0 for request in graph.requests])
    if seed:
        pages *= np.random.default_rng(seed).exponential(size=len(pages))
    chain = _normalized(graph, pages)
    response, wait = respond(nodes, chain), _wait(graph, chain)
    reach = 0.2
    for _ in range(max(LEAST_ROUNDS, min(MOST_ROUNDS, WORK // len(nodes.caches)))):
        if reach < 1e-7 or _reached(response.ratio, aim):
            break
        try:
            hold = wait if wait.max() > LONGEST_WAIT / 2 else None
            change = improve(nodes, chain, response, reach, hold).change
            better = _normalized(graph, np.maximum(chain + change, 0))
            longer = _wait(graph, better)
            found = respond(nodes, better) if longer.max() <= LONGEST_WAIT else response
        except SolverFailed:
            found = response
        if found.ratio > response.ratio + 1e-9:
            chain, response, wait, reach = better, found, longer, min(1.0, 1.5 * reach)
        else:
            reach /= 3
    return chain, response


def _reached(ratio: float, aim: Fraction | None) -> bool:
    return aim is not None and ratio > float(aim) - 1e-9


def _sources(graph: StateGraph) -> NDArray[np.int64]:
    return np.array([request.source for request in graph.requests])


def _normalized(graph: StateGraph, chain: Floats) -> Floats:
    """Probabilities: those of each state's requests add up to 1."""
    sources = _sources(graph)
    normalized: Floats = chain / np.bincount(sources, chain, len(graph.states))[sources]
    return normalized


def _wait(graph: StateGraph, chain: Floats) -> Floats:
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


def _simplified(nodes: Nodes, chain: Floats, response: Response) -> tuple[tuple[int, ...], Response]:
    """Integers in about the same proportions, the smallest that keep the ratio, and the response to them."""
    graph = nodes.graph
    largest = np.zeros(len(graph.states))
    np.maximum.at(largest, _sources(graph), chain)
    found: tuple[tuple[int, ...], Response] | None = None
    for denominator in DENOMINATORS:
        weights = np.rint(chain / largest[_sources(graph)] * denominator)
        simple = _normalized(graph, weights)
        if _wait(graph, simple).max() <= 2 * LONGEST_WAIT:
            again = respond(nodes, simple)
            if found is None or again.ratio > found[1].ratio + 1e-7:
                found = tuple(weights.astype(int).tolist()), again
            if again.ratio >= response.ratio - 1e-7:
                break
    if found is None:
        raise SolverFailed("the probabilities of the chain could not be made fractions")
    return found


Potential: TypeAlias = tuple[Fraction, ...]


def _claims(
    nodes: Nodes, weights: tuple[int, ...], response: Response, aim: Fraction | None
) -> Iterator[tuple[Fraction, Potential]]:
    """Ratios with potentials, the best first: the exact best response where it is small or near the aim, then a little less
    than the float."""
    near = aim is not None and abs(response.ratio - float(aim)) < 10 / UNIT
    if near or len(nodes.caches) <= FEW_NODES:
        try:
            ratio, potential = respond_exactly(nodes, weights)
            if float(ratio) > response.ratio - 1 / UNIT:  # a vertex is exact, but not always the best
                yield ratio if ratio.denominator < UNIT else Fraction(floor(ratio * UNIT), UNIT), potential
        except SolverFailed:
            pass  # floating point led to a wrong basis; what follows is proven without one
    for less in (0, 1, 10, 100):
        below = Fraction(floor(response.ratio * UNIT) - less, UNIT)
        value = _averaged(nodes, weights, response.value, float(below))
        yield below, tuple(Fraction(v) for v in value.tolist())


def _averaged(nodes: Nodes, weights: tuple[int, ...], value: Floats, ratio: float) -> Floats:
    """Potentials with a gain per request that is nearly the same everywhere: the mean of the iterates of the operator T,
    T h = sum of probability * (miss + min h(next) - r * growth). T is concave, so T(mean) >= mean of T.
    """
    graph = nodes.graph
    growth = np.array([request.growth for request in graph.requests], float)
    probability = _normalized(graph, np.array(weights, float))[nodes.request] * np.array(
        [float(s) for s in nodes.share]
    )
    pay = probability * (nodes.miss - ratio * growth[nodes.request])
    total = np.zeros(len(value))
    for _ in range(SWEEPS):
        total += value
        least = np.minimum.reduceat(value[nodes.to], nodes.first[:-1])
        value = np.bincount(nodes.node, pay + probability * least, len(value)).astype(np.float64)
    return total / SWEEPS


def proven(nodes: Nodes, weights: tuple[int, ...], potential: Potential, ratio: Fraction) -> bool:
    """The inequality at every node, exactly."""
    requests = nodes.graph.requests
    total = [0] * len(nodes.graph.states)
    for request, weight in zip(requests, weights, strict=True):
        total[request.source] += weight
    gained = [Fraction(0)] * len(nodes.caches)
    for j, (x, number) in enumerate(zip(nodes.node.tolist(), nodes.request.tolist(), strict=True)):
        if weights[number]:
            least = min(potential[y] for y in nodes.to[nodes.first[j] : nodes.first[j + 1]].tolist())
            pay = int(nodes.miss[j]) - ratio * requests[number].growth
            gained[x] += nodes.share[j] * weights[number] * (pay + least)
    states = nodes.state.tolist()
    return all(g >= total[states[x]] * potential[x] for x, g in enumerate(gained))
