"""The best randomized policy among those whose distribution of caches depends on the offset function only: a linear program.

Distributions x_w over the caches, potentials V_w, and for each request of p in w a transport plan from x_w to x_w' whose caches
contain p, such that cost of the plan + V_w' - V_w <= r * growth. The least r bounds the randomized ratio from above; that
policies with more memory are no better is believed, not proved. Distributions are symmetric: caches with equal counts are
equally likely. Only bases (orbits.bases) get any probability; on all instances with n*l <= 6 that loses nothing. Transport
runs along swaps of one page, at cost 1 each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import inf

from bounds.exact.randomized.exact_vertex import solve_exactly
from bounds.exact.randomized.labels import Request, StateGraph, state_graph
from bounds.exact.randomized.linear import LinearProgram
from bounds.exact.randomized.orbits import Counts, arrangements, bases, merged, split, swaps
from bounds.exact.randomized.plans import Plan, decompose
from paging.model import Instance


@dataclass(frozen=True, slots=True, eq=False)
class RandomizedUpper:
    """``ratio`` is proven by ``potential`` per state, ``caches`` per state (probability of all caches with these counts
    together) and ``plans`` per request."""

    ratio: Fraction
    graph: StateGraph
    caches: tuple[Mapping[Counts, Fraction], ...]
    potential: tuple[Fraction, ...]
    plans: tuple[Plan, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Transport:
    """Variables of one request's flow, and how supplies and demands come from the distributions."""

    supply: Mapping[Counts, tuple[tuple[int, Fraction], ...]]
    demand: Mapping[Counts, tuple[int, Fraction]]
    flow: Mapping[tuple[Counts, Counts], int]


def randomized_upper(instance: Instance, optimum: int | None = None) -> RandomizedUpper:
    """Solve the program and make its solution exact. ``optimum``: its slots (default: k). Raises SolverFailed."""
    graph = state_graph(instance, optimum=optimum)
    program = LinearProgram()
    ratio = program.variable(cost=1)
    caches = [
        {counts: program.variable() for counts in bases(groups, instance.cache, graph.slots)}
        for groups in graph.groups
    ]
    potential = [program.variable(-inf if state else 0, inf if state else 0) for state in range(len(caches))]
    for distribution in caches:
        row = program.row(1, 1)
        for column in distribution.values():
            program.add(row, column, 1)
    transports = []
    for request in graph.requests:
        row = program.row(-inf, 0)
        program.add(row, potential[request.target], 1)
        program.add(row, potential[request.source], -1)
        program.add(row, ratio, -request.growth)
        transports.append(_transport(program, row, request, graph, caches))
    x = solve_exactly(program)
    return RandomizedUpper(
        x[ratio],
        graph,
        tuple({counts: x[column] for counts, column in d.items() if x[column]} for d in caches),
        tuple(x[column] for column in potential),
        tuple(
            decompose(
                {c: sum((share * x[v] for v, share in parts), Fraction(0)) for c, parts in t.supply.items()},
                {c: share * x[v] for c, (v, share) in t.demand.items()},
                {edge: x[v] for edge, v in t.flow.items()},
            )
            for t in transports
        ),
    )


def _transport(
    program: LinearProgram,
    cost_row: int,
    request: Request,
    graph: StateGraph,
    caches: list[dict[Counts, int]],
) -> _Transport:
    supply: dict[Counts, list[tuple[int, Fraction]]] = {}
    for counts, column in caches[request.source].items():
        for share, part in split(counts, request):
            supply.setdefault(part, []).append((column, share))
    sizes = [group.size for group in graph.groups[request.target]]
    demand: dict[Counts, tuple[int, Fraction]] = {}
    ends = (d for c in supply for d in (c, *(swaps(c, request.sizes) if request.growth else ())))
    for end in ends:
        target = merged(end, request, len(sizes))
        if end[-1] and target in caches[request.target]:
            share = Fraction(arrangements(request.sizes, end), arrangements(sizes, target))
            demand[end] = (caches[request.target][target], share)
    nodes = {node: program.row(0, 0) for node in dict.fromkeys((*supply, *demand))}
    for node, parts in supply.items():
        for column, share in parts:
            program.add(nodes[node], column, share)
    for node, (column, share) in demand.items():
        program.add(nodes[node], column, -share)
    flow = {}
    for node in nodes:
        for other in swaps(node, request.sizes):
            if other in nodes:
                flow[node, other] = program.variable()
                program.add(nodes[node], flow[node, other], -1)
                program.add(nodes[other], flow[node, other], 1)
                program.add(cost_row, flow[node, other], 1)
    return _Transport({c: tuple(parts) for c, parts in supply.items()}, demand, flow)
