"""Potentials for a game in which one side may do what a forger allows it: least fixed points of value iteration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.proofs.forgers.board import Board


@dataclass(frozen=True)
class Option:
    """An answer to a request, as the certificate writes it: its cost, OPT's growth, the state after."""

    cost: int
    growth: int
    after: Board
    written: Any


Requests = Callable[[Board], dict[int, list[Option]]]
"""For each position its answers."""
Solved = dict[Board, tuple[Fraction, dict[int, Option]]]


def reachable(first: Board, requests: Requests, most: int) -> dict[Board, dict[int, list[Option]]] | None:
    graph: dict[Board, dict[int, list[Option]]] = {}
    waiting = [first]
    for board in waiting:
        if board in graph:
            continue
        if len(graph) > most:
            return None
        graph[board] = requests(board)
        waiting += [option.after for options in graph[board].values() for option in options]
    return graph


def policy_wins(
    first: Board, requests: Requests, ratio: Fraction, rounds: int = 300, most: int = 4000
) -> Solved | None:
    """V(x) >= cost - ratio * growth + V(y) for every request and the best answer; only the states that these lead to."""
    graph = reachable(first, requests, most)
    if graph is None:
        return None
    p, q = ratio.numerator, ratio.denominator
    value = dict.fromkeys(graph, 0)

    def weight(option: Option) -> int:
        return q * option.cost - p * option.growth + value[option.after]

    for _ in range(rounds):
        changed = False
        for board, positions in graph.items():
            new = max(0, max(min(map(weight, options)) for options in positions.values()))
            if new > value[board]:
                value[board], changed = new, True
        if not changed:
            break
    else:
        return None
    result: Solved = {}
    waiting = [first]
    for board in waiting:
        if board not in result:
            best = {i: min(options, key=weight) for i, options in graph[board].items()}
            result[board] = Fraction(value[board], q), best
            waiting += [option.after for option in best.values()]
    return result


def adversary_wins(
    first: Board, requests: Requests, ratio: Fraction, rounds: int = 300, most: int = 4000
) -> dict[Board, tuple[Fraction, int]] | None:
    """V(x) <= cost - ratio * growth + V(y) for one request and every answer. No care is taken that play comes to a miss."""
    graph = reachable(first, requests, most)
    if graph is None:
        return None
    p, q = ratio.numerator, ratio.denominator
    value = dict.fromkeys(graph, 0)  # -V

    def worst(options: list[Option]) -> int:
        return max(p * option.growth - q * option.cost + value[option.after] for option in options)

    for _ in range(rounds):
        changed = False
        for board, positions in graph.items():
            new = max(0, min(map(worst, positions.values())))
            if new > value[board]:
                value[board], changed = new, True
        if not changed:
            break
    else:
        return None
    result: dict[Board, tuple[Fraction, int]] = {}
    waiting = [first]
    for board in waiting:
        if board not in result:
            position = min(graph[board], key=lambda i: worst(graph[board][i]))
            result[board] = Fraction(-value[board], q), position
            waiting += [option.after for option in graph[board][position]]
    return result
