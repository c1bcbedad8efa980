"""The largest ratio of misses to growth on a cycle of a graph: Bellman and Ford, and each cycle found raises the ratio."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from fractions import Fraction
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
State = TypeVar("State", bound=Hashable)

INFINITE = None
"""A cycle with misses on which the optimum pays nothing."""


def largest_ratio(
    start: State, moves: Callable[[State], Iterable[tuple[int, int, State]]], at_most: int = 1 << 20
) -> Fraction | None:
    """``moves(state)``: miss, growth and next state for each request. Raises OverflowError past so many states."""
    numbers, waiting = {start: 0}, [start]
    edges: set[tuple[int, int, int, int]] = set()
    for state in waiting:
        if len(waiting) > at_most:
            raise OverflowError
        here = numbers[state]
        for miss, growth, after in moves(state):
            if after not in numbers:
                numbers[after] = len(numbers)
                waiting.append(after)
            edges.add((numbers[after], here, miss, growth))
    table = np.array(sorted(edges), np.int64)
    into, out, miss, growth = table.T
    ratio = Fraction(0)
    while (cycle := _better(into, out, ratio.denominator * miss - ratio.numerator * growth)) is not None:
        grown = int(growth[cycle].sum())
        assert miss[cycle].sum() > ratio * grown
        if grown == 0:
            return INFINITE
        ratio = Fraction(int(miss[cycle].sum()), grown)
    return ratio


def _better(into: Ints, out: Ints, weight: Ints) -> list[int] | None:
    """The edges of a cycle with positive weight, or None."""
    targets, firsts = np.unique(into, return_index=True)
    best = np.zeros(int(max(into.max(), out.max())) + 1, np.int64)
    parent = np.full(len(best), -1)
    position = np.arange(len(into))
    group = np.searchsorted(targets, into)
    step = 0
    while True:
        ahead = best[out] + weight
        most = np.maximum.reduceat(ahead, firsts)
        better = most > best[targets]
        if not better.any():
            return None
        chosen = np.minimum.reduceat(np.where(ahead == most[group], position, len(into)), firsts)
        parent[targets[better]] = chosen[better]
        best[targets[better]] = most[better]
        step += 1
        if step % 8 == 0 and (cycle := _cycle(parent, out)):
            return cycle


def _cycle(parent: Ints, out: Ints) -> list[int]:
    """A cycle among the edges by which the states were reached last; such a cycle has positive weight."""
    colour = [0] * len(parent)
    for begin in range(len(parent)):
        state, path = begin, []
        while colour[state] == 0 and parent[state] >= 0:
            colour[state] = begin + 1
            path.append(int(parent[state]))
            state = int(out[parent[state]])
        if parent[state] >= 0 and colour[state] == begin + 1:
            start, cycle = state, []
            while True:
                cycle.append(int(parent[state]))
                state = int(out[parent[state]])
                if state == start:
                    return cycle
    return []
