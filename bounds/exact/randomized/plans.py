"""From flows along swaps to transport plans: who ends where."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from bounds.exact.randomized.orbits import Counts

Flow: TypeAlias = Mapping[tuple[Counts, Counts], Fraction]
Plan: TypeAlias = tuple[tuple[Counts, Counts, Fraction], ...]
"""(from, to, mass), counts by split groups."""


def decompose(supply: Mapping[Counts, Fraction], demand: Mapping[Counts, Fraction], flow: Flow) -> Plan:
    """Follow the flow from each supply to demands; supply + inflow = demand + outflow at every node."""
    open_ = {node: mass for node, mass in demand.items() if mass}
    ahead: dict[Counts, dict[Counts, Fraction]] = {}
    for (a, b), mass in flow.items():
        if mass:
            ahead.setdefault(a, {})[b] = mass
    plan: dict[tuple[Counts, Counts], Fraction] = {}
    for start, amount in supply.items():
        left = amount
        while left:
            path = [start]
            while path[-1] not in open_:
                step = next(iter(ahead[path[-1]]))
                if step in path:
                    _take(ahead, [*path[path.index(step) :], step])
                    path = [start]
                else:
                    path.append(step)
            end = path[-1]
            mass = min([left, open_[end], *(ahead[a][b] for a, b in pairwise(path))])
            _take(ahead, path, mass)
            open_[end] -= mass
            if not open_[end]:
                del open_[end]
            left -= mass
            plan[start, end] = plan.get((start, end), Fraction(0)) + mass
    return tuple((a, b, mass) for (a, b), mass in plan.items())


def _take(
    ahead: dict[Counts, dict[Counts, Fraction]], path: list[Counts], mass: Fraction | None = None
) -> None:
    """Remove flow along a path; None: as much as there is."""
    steps = list(pairwise(path))
    mass = min(ahead[a][b] for a, b in steps) if mass is None else mass
    for a, b in steps:
        ahead[a][b] -= mass
        if not ahead[a][b]:
            del ahead[a][b]
