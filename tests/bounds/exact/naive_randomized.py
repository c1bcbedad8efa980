"""The randomized program from its definition: real pages, all caches, all pairs of caches, no symmetry; in floating point."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from tests.bounds.exact.naive_game import Sets, update

State = tuple[int, Sets]


def states(layers: int, experts: int, slots: int) -> dict[State, list[tuple[int, int, State]]]:
    """From a full cache of known pages on: (page, growth, state after) of each."""
    first = tuple(frozenset({-i % layers * experts + (i - 1) // layers}) for i in range(1, slots + 1))
    graph: dict[State, list[tuple[int, int, State]]] = {}
    waiting: list[State] = [(0, first)]
    while waiting:
        state = waiting.pop()
        if state not in graph:
            turn, sets = state
            graph[state] = []
            for page in range(turn * experts, (turn + 1) * experts):
                after, growth = update(sets, page)
                graph[state].append((page, growth, ((turn + 1) % layers, after)))
            waiting += [y for _, _, y in graph[state]]
    return graph


def upper_value(layers: int, experts: int, slots: int) -> float:
    """The least r of the program."""
    graph = states(layers, experts, slots)
    caches = [frozenset(c) for c in combinations(range(layers * experts), slots)]
    place = {state: i for i, state in enumerate(graph)}
    width = len(caches)
    x0, v0 = 1, 1 + width * len(graph)
    columns = v0 + len(graph)
    equal: list[tuple[int, int, float]] = []
    right: list[float] = []
    less: list[tuple[int, int, float]] = []
    for i in range(len(graph)):
        equal += [(len(right), x0 + i * width + c, 1.0) for c in range(width)]
        right.append(1.0)
    inequalities = 0
    for state, requests in graph.items():
        for page, growth, after in requests:
            i, j = place[state], place[after]
            inside = [d for d in range(width) if page in caches[d]]
            plan = {pair: columns + n for n, pair in enumerate(product(range(width), inside))}
            columns += len(plan)
            for c in range(width):
                row = len(right)
                equal += [(row, plan[c, d], 1.0) for d in inside] + [(row, x0 + i * width + c, -1.0)]
                right.append(0.0)
            for d in range(width):
                row = len(right)
                equal += [(row, plan[c, d], 1.0) for c in range(width) if d in inside]
                equal.append((row, x0 + j * width + d, -1.0))
                right.append(0.0)
            less += [
                (inequalities, v, float(len(caches[d] - caches[c])))
                for (c, d), v in plan.items()
                if caches[d] - caches[c]
            ]
            less += [
                (inequalities, v0 + j, 1.0),
                (inequalities, v0 + i, -1.0),
                (inequalities, 0, -float(growth)),
            ]
            inequalities += 1

    def matrix(entries: list[tuple[int, int, float]], rows: int) -> csr_matrix:
        r, c, v = zip(*entries, strict=True)
        return csr_matrix((v, (r, c)), shape=(rows, columns))

    cost = np.zeros(columns)
    cost[0] = 1
    bounds = [(0, None)] * v0 + [(None, None)] * len(graph) + [(0, None)] * (columns - v0 - len(graph))
    found = linprog(
        cost,
        matrix(less, inequalities),
        np.zeros(inequalities),
        matrix(equal, len(right)),
        right,
        bounds=bounds,
        method="highs",
    )
    assert found.status == 0
    return float(found.fun)
