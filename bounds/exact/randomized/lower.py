"""A lower bound for every randomized policy: a random adversary with finite memory, and the best answer to it (Yao 1977).

The adversary is a chain on the offset function and the order of the last M requested pages. It begins by choosing its
requests at random and improves by alternating: best response of the policy, then better probabilities to first order, as far
as the response confirms them. What is reported is proven: probabilities are fractions, and potentials h with
sum of probability * (miss + min h(next) - r * growth) >= h(node) are checked exactly at every node.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor, inf
from typing import TypeAlias

import numpy as np

from bounds.exact.randomized.chains import LONGEST_WAIT, normalized, shaken, sources, uniform, waits
from bounds.exact.randomized.labels import state_graph
from bounds.exact.randomized.linear import Floats
from bounds.exact.randomized.response import Nodes, Response, explore, improve, respond, respond_exactly
from paging.errors import InvalidArgument, SolverFailed
from paging.model import Instance

MOST_NODES = 6_000
FEW_NODES, NEAR_NODES = 300, 3_000
"""Up to so many the best response is computed exactly, at any ratio or near the aim."""

STARTS = 4
"""Random beginnings besides the uniform one, where there are few nodes."""

MOST_ROUNDS, LEAST_ROUNDS, WORK = 100, 3, 20_000
"""Improvements: as many as WORK / nodes, within limits."""

SMALLEST_REACH = 1e-7

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

    @property
    def memory(self) -> int:
        """How many of the last requests the chain remembers."""
        return self.nodes.graph.memory


def check_memory(instance: Instance, memory: int) -> None:
    """No more requests than there are slots, as certificates have it. Raises InvalidArgument."""
    if not 0 <= memory <= instance.cache:
        raise InvalidArgument(f"memory: expected 0 to {instance.cache} requests, as k is, got {memory}")


def randomized_lower(
    instance: Instance,
    memory: int,
    aim: Fraction | None = None,
    most: int = MOST_NODES,
    optimum: int | None = None,
) -> RandomizedLower:
    """The best chain found. ``aim``: an upper bound, tried first as the value of the ratio. ``optimum``: its slots (or k).

    Raises UnsupportedProblem when there are more than ``most`` caches to answer it, SolverFailed, and InvalidArgument for a
    memory > k.
    """
    check_memory(instance, memory)
    nodes = explore(state_graph(instance, memory, optimum), most)
    rounds = max(LEAST_ROUNDS, min(MOST_ROUNDS, WORK // len(nodes.caches)))
    chain = uniform(nodes.graph)
    best = ascend(nodes, chain, aim, rounds)
    for seed in range(1, STARTS if len(nodes.caches) <= FEW_NODES else 1):
        if not best.reached(aim):
            other = shaken(nodes.graph, chain, np.random.default_rng(seed))
            best = max(best, ascend(nodes, other, aim, rounds), key=lambda found: found.response.ratio)
    return made_exact(nodes, best, aim)


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
    return _proven(nodes, weights, respond(nodes, uniform(nodes.graph)), None)


@dataclass(frozen=True, slots=True, eq=False)
class Ascent:
    """A chain, in floating point, and the best response to it. ``settled``: small steps do not improve it further."""

    chain: Floats
    response: Response
    settled: bool

    def reached(self, aim: Fraction | None) -> bool:
        """Whether nothing is left to gain."""
        return aim is not None and self.response.ratio > float(aim) - 1e-9


def ascend(
    nodes: Nodes,
    chain: Floats,
    aim: Fraction | None,
    rounds: float = inf,
    end: float = inf,
) -> Ascent:
    """Improve a chain by steps of adapted size, until ``end`` (of time.monotonic)."""
    graph = nodes.graph
    response, wait = respond(nodes, chain), waits(graph, chain)
    reach, done = 0.2, 0
    while True:
        found = Ascent(chain, response, reach < SMALLEST_REACH)
        if found.settled or found.reached(aim) or done >= rounds or time.monotonic() >= end:
            return found
        done += 1
        try:
            hold = wait if wait.max() > LONGEST_WAIT / 2 else None
            change = improve(nodes, chain, response, reach, hold, end - time.monotonic()).change
            better = normalized(graph, np.maximum(chain + change, 0))
            longer = waits(graph, better)
            answer = respond(nodes, better) if longer.max() <= LONGEST_WAIT else response
        except SolverFailed:
            answer = response
        if answer.ratio > response.ratio + 1e-9:
            chain, response, wait, reach = better, answer, longer, min(1.0, 1.5 * reach)
        else:
            reach /= 3


def made_exact(nodes: Nodes, found: Ascent, aim: Fraction | None) -> RandomizedLower:
    """The chain in fractions, with potentials that prove what it forces. Raises SolverFailed."""
    weights, response = _simplified(nodes, found.chain, found.response)
    return _proven(nodes, weights, response, aim)


def _simplified(nodes: Nodes, chain: Floats, response: Response) -> tuple[tuple[int, ...], Response]:
    """Integers in about the same proportions, the smallest that keep the ratio, and the response to them."""
    graph = nodes.graph
    largest = np.zeros(len(graph.states))
    np.maximum.at(largest, sources(graph), chain)
    found: tuple[tuple[int, ...], Response] | None = None
    for denominator in DENOMINATORS:
        weights = np.rint(chain / largest[sources(graph)] * denominator)
        simple = normalized(graph, weights)
        if waits(graph, simple).max() <= 2 * LONGEST_WAIT:
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
    if len(nodes.caches) <= (NEAR_NODES if near else FEW_NODES):
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
    probability = normalized(graph, np.array(weights, float))[nodes.request] * np.array(
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
