"""The best answer of any policy to a random adversary (Yao): which requests follow which cache, up to symmetry.

A node is a state of the adversary with a cache; the policy is lazy (it loads what is requested and evicts one page), which
costs no policy anything. Only caches that play reaches from the start occur.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf

import numpy as np
from numpy.typing import NDArray

from bounds.exact.randomized.exact_vertex import solve_exactly
from bounds.exact.randomized.labels import StateGraph, first_counts
from bounds.exact.randomized.linear import Floats, LinearProgram, solve
from bounds.exact.randomized.orbits import Counts, merged, split
from paging.errors import UnsupportedProblem

MOST_ITERATIONS = 200
TOLERANCE = 1e-11


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """Draws of node x are those with node[j] == x: the adversary makes request[j], and with probability share[j] (given that
    request) it costs miss[j]; the policy then goes on to one of to[first[j]] .. to[first[j+1]-1]."""

    graph: StateGraph
    caches: tuple[tuple[int, Counts], ...]
    node: NDArray[np.int64]
    request: NDArray[np.int64]
    share: tuple[Fraction, ...]
    miss: NDArray[np.int64]
    first: NDArray[np.int64]
    to: NDArray[np.int64]

    @property
    def state(self) -> NDArray[np.int64]:
        """The adversary's state at each node."""
        return np.array([state for state, _ in self.caches], np.int64)


def explore(graph: StateGraph, most: int) -> Nodes:
    """All nodes that play reaches from the full cache of known pages. Raises UnsupportedProblem beyond ``most``."""
    of_state: list[list[int]] = [[] for _ in graph.states]
    for number, request in enumerate(graph.requests):
        of_state[request.source].append(number)
    full = first_counts(graph)
    index: dict[tuple[int, Counts], int] = {(0, full): 0}
    caches = [(0, full)]
    node, asked, shares, miss, first, to = [], [], [], [], [0], []
    at = 0
    while at < len(caches):
        state, counts = caches[at]
        for number in of_state[state]:
            request = graph.requests[number]
            groups = len(graph.groups[request.target])
            for share, part in split(counts, request):
                node.append(at)
                asked.append(number)
                shares.append(share)
                miss.append(1 - part[-1])
                after = {part} if part[-1] else set(_loaded(part))
                for counts_after in sorted({merged(c, request, groups) for c in after}):
                    key = (request.target, counts_after)
                    place = index.setdefault(key, len(caches))
                    if place == len(caches):
                        if place >= most:
                            raise UnsupportedProblem(
                                f"{graph.instance}: more than {most:,} caches to answer a chain with memory {graph.memory}"
                            )
                        caches.append(key)
                    to.append(place)
                first.append(len(to))
        at += 1
    return Nodes(
        graph,
        tuple(caches),
        np.array(node, np.int64),
        np.array(asked, np.int64),
        tuple(shares),
        np.array(miss, np.int64),
        np.array(first, np.int64),
        np.array(to, np.int64),
    )


def _loaded(part: Counts) -> list[Counts]:
    """The requested page, last and not cached, takes the place of another."""
    return [
        (*(c - (i == out) for i, c in enumerate(part[:-1])), 1)
        for out, count in enumerate(part[:-1])
        if count
    ]


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """``ratio`` of misses to growth that no policy beats, ``value`` per node (the potentials h), ``ahead`` per draw (least h
    of the nodes that the policy may go on to), and how much each probability should change (``change``, if asked for)."""

    ratio: float
    value: Floats
    ahead: Floats
    change: Floats


def respond(nodes: Nodes, chain: Floats) -> Response:
    """The best response to a chain: by policy iteration, or by the program below where that fails. Raises SolverFailed."""
    return _iterated(nodes, chain) or improve(nodes, chain)


def _iterated(nodes: Nodes, chain: Floats) -> Response | None:
    """Policy iteration: solve h + r * growth = misses + P h for the policy, go on to the least h. Quick, but it needs policies
    under which the chain has one recurrent class; None where the system is singular or the result is not a best response.
    """
    from scipy.sparse import bmat, csc_matrix, eye_array
    from scipy.sparse.linalg import MatrixRankWarning, spsolve

    count = len(nodes.caches)
    growths = np.array([request.growth for request in nodes.graph.requests], float)
    probability = chain[nodes.request] * np.array([float(s) for s in nodes.share])
    misses = np.bincount(nodes.node, probability * nodes.miss, count)
    growth = np.bincount(nodes.node, probability * growths[nodes.request], count)
    anchor = csc_matrix(([1.0], ([0], [0])), shape=(1, count))
    best = nodes.to[nodes.first[:-1]]
    for _ in range(MOST_ITERATIONS):
        moves = csc_matrix((probability, (nodes.node, best)), shape=(count, count))
        system = bmat([[eye_array(count) - moves, growth[:, None]], [anchor, None]], format="csc")
        with warnings.catch_warnings():
            warnings.simplefilter("error", MatrixRankWarning)
            try:
                found = spsolve(system, np.append(misses, 0.0))
            except MatrixRankWarning:
                return None
        value, ratio = found[:count], float(found[count])
        if not np.isfinite(found).all():
            return None
        ahead = np.minimum.reduceat(value[nodes.to], nodes.first[:-1])
        if (value[best] <= ahead + TOLERANCE).all():
            slack = misses + np.bincount(nodes.node, probability * ahead, count) - ratio * growth - value
            return Response(ratio, value, ahead, np.empty(0)) if slack.min() > -1e3 * TOLERANCE else None
        lengths = np.diff(nodes.first)
        options = np.where(value[nodes.to] <= np.repeat(ahead, lengths), nodes.to, -1)
        least = np.maximum.reduceat(options, nodes.first[:-1])
        best = np.where(value[best] > ahead + TOLERANCE, least, best)
    return None


def improve(
    nodes: Nodes,
    chain: Floats,
    around: Response | None = None,
    reach: float = 0.0,
    wait: Floats | None = None,
    seconds: float = inf,
) -> Response:
    """The best response to a chain, probabilities per request, and better probabilities, as a linear program:

    maximize r such that h(x) + r * growth <= sum over draws of probability * (miss + ahead), ahead <= h(y) for every node y
    to which the policy may go. With ``around``, the best response so far, the probabilities may change too, by ``reach``
    at most, to first order; none falls below a tenth of what it was. ``wait`` per state, expected requests until OPT grows:
    it must not become longer. Raises SolverFailed, also when ``seconds`` are over.
    """
    requests = nodes.graph.requests
    states, edges = len(nodes.graph.states), len(requests)
    count, draws, options = len(nodes.caches), len(nodes.node), len(nodes.to)
    source = np.array([request.source for request in requests])
    growth = np.array([request.growth for request in requests], float)
    share = np.array([float(s) for s in nodes.share])
    h, ahead, change = 1, 1 + count, 1 + count + draws
    width = change + (edges if around else 0)
    lower, upper = np.full(width, -np.inf), np.full(width, np.inf)
    lower[0] = lower[h] = upper[h] = 0
    cost = np.zeros(width)
    cost[0] = -1
    probability = chain[nodes.request] * share
    draw_of_option = np.repeat(np.arange(draws), np.diff(nodes.first))
    mean_growth = np.bincount(source, chain * growth, states)
    blocks = [
        (np.arange(options), ahead + draw_of_option, np.ones(options)),
        (np.arange(options), h + nodes.to, -np.ones(options)),
        (options + nodes.node, ahead + np.arange(draws), probability),
        (options + np.arange(count), h + np.arange(count), -np.ones(count)),
        (options + np.arange(count), np.zeros(count, np.int64), -mean_growth[nodes.state]),
    ]
    row_lower = np.concatenate(
        (np.full(options, -np.inf), -np.bincount(nodes.node, probability * nodes.miss, count))
    )
    row_upper = np.concatenate((np.zeros(options), np.full(count, np.inf)))
    if around:
        gain = share * (nodes.miss + around.ahead - around.ratio * growth[nodes.request])
        blocks.append((options + nodes.node, change + nodes.request, gain))
        blocks.append((options + count + source, change + np.arange(edges), np.ones(edges)))
        row_lower, row_upper = (np.concatenate((row, np.zeros(states))) for row in (row_lower, row_upper))
        if wait is not None:
            stays = (1 - growth) * wait[[request.target for request in requests]]
            blocks.append((options + count + states + source, change + np.arange(edges), stays))
            row_lower = np.concatenate((row_lower, np.full(states, -np.inf)))
            row_upper = np.concatenate((row_upper, np.zeros(states)))
        lower[change:], upper[change:] = -np.minimum(0.9 * chain, reach), np.minimum(1 - chain, reach)
    rows, columns, values = (np.concatenate(part) for part in zip(*blocks, strict=True))
    found = solve(lower, upper, cost, row_lower, row_upper, rows, columns, values, "HIGHS", seconds)
    return Response(found.x[0], found.x[h:ahead], found.x[ahead:change], found.x[change:])


def respond_exactly(nodes: Nodes, weights: Sequence[int]) -> tuple[Fraction, tuple[Fraction, ...]]:
    """Ratio and potentials of a response to probabilities proportional to ``weights``, in fractions; the best one, as far as
    floating point tells. Raises SolverFailed."""
    requests = nodes.graph.requests
    total = [0] * len(nodes.graph.states)
    mean_growth = [Fraction(0)] * len(nodes.graph.states)
    for request, weight in zip(requests, weights, strict=True):
        total[request.source] += weight
    for request, weight in zip(requests, weights, strict=True):
        mean_growth[request.source] += Fraction(weight * request.growth, total[request.source])
    program = LinearProgram()
    ratio = program.variable(cost=-1)
    value = [program.variable(-inf if x else 0, inf if x else 0) for x in range(len(nodes.caches))]
    pay = [Fraction(0)] * len(nodes.caches)
    terms: list[list[tuple[int, Fraction]]] = [[] for _ in nodes.caches]
    for j, (x, number) in enumerate(zip(nodes.node.tolist(), nodes.request.tolist(), strict=True)):
        probability = nodes.share[j] * Fraction(weights[number], total[requests[number].source])
        if not probability:
            continue
        ahead = program.variable(-inf)
        for y in nodes.to[nodes.first[j] : nodes.first[j + 1]].tolist():
            row = program.row(-inf, 0)
            program.add(row, ahead, 1)
            program.add(row, value[y], -1)
        pay[x] += probability * int(nodes.miss[j])
        terms[x].append((ahead, probability))
    for x, (state, _) in enumerate(nodes.caches):
        unit = pay[x].denominator
        row = program.row(-int(pay[x] * unit), inf)
        program.add(row, value[x], -unit)
        program.add(row, ratio, -mean_growth[state] * unit)
        for ahead, probability in terms[x]:
            program.add(row, ahead, probability * unit)
    found = solve_exactly(program)
    return found[ratio], tuple(found[column] for column in value)
