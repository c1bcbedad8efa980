"""OPT for pages of different sizes: NP-hard, so an interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Any

import numpy as np

from paging.errors import SolverFailed
from paging.model import Instance, Requests
from paging.offline.belady import belady
from paging.offline.intervals import IntervalProblem, interval_problem
from paging.offline.next_use import next_uses
from paging.variant import Variant

LARGEST_COST = 2**60


@dataclass(frozen=True, slots=True)
class OptimumInterval:
    """No schedule misses less often than ``lower``, one misses ``upper`` times. Equal: the optimum."""

    lower: int
    upper: int

    @property
    def exact(self) -> bool:
        """Whether the two meet."""
        return self.lower == self.upper

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {"lower": self.lower, "upper": self.upper}


def optimum_interval(instance: Instance, requests: Requests, variant: Variant) -> OptimumInterval:
    """Misses of OPT with byte sizes (and bypass). Exact where all pages have one size.

    Below: the flow relaxation, in which parts of pages may be kept. Above: Belady's rule, which evicts until there is
    room; with all sizes equal it is optimal. Raises as ``interval_problem``.
    """
    from paging.kernels.belady import belady as by_size

    problem = interval_problem(instance, requests, variant)
    sizes, room = variant.bytes(instance), variant.room(instance)
    slots = room // int(sizes[0])
    if (sizes == sizes[0]).all() and slots >= (1 if variant.bypass else requests.batch):
        misses = int(np.count_nonzero(~belady(instance, requests, bypass=variant.bypass, slots=slots)))
        return OptimumInterval(misses, misses)
    hits = np.empty(len(requests), np.bool_)
    nexts = next_uses(requests)
    by_size(requests.stream, nexts, requests.batch, instance.pages, room, sizes, variant.bypass, hits)
    return OptimumInterval(relaxation(problem), int(np.count_nonzero(~hits[requests.warmup :])))


def relaxation(problem: IntervalProblem) -> int:
    """A lower bound on the cost: any share of an interval may be kept, for that share of its weight.

    A unit of flow through an interval is a byte of it, worth weight / size. These values are rounded up to multiples of
    1/scale, so that what the flow saves is at least what any schedule saves.
    """
    from ortools.graph.python import min_cost_flow

    spans = problem.end > problem.start
    free = int(problem.weight[~spans].sum())
    if not spans.any():
        return problem.total - free
    unit = int(np.gcd.reduce(problem.size[spans]))
    unit = gcd(unit, int(np.gcd.reduce(problem.room)))
    size, weight = problem.size[spans] // unit, problem.weight[spans]
    room = problem.room // unit
    steps = len(room)
    densest = int((weight // size).max()) + 1
    scale = max(1, LARGEST_COST // (densest * (steps + 2) * int(size.max())))
    value = -(-weight * scale // size)
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(problem.start[spans], problem.end[spans], size, -value)
    boundary = np.arange(steps)
    solver.add_arcs_with_capacity_and_unit_cost(
        boundary, boundary + 1, np.full(steps, room.max()), np.zeros(steps, np.int64)
    )
    solver.set_nodes_supplies(np.arange(steps + 1), np.diff(room, prepend=0, append=0))
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise SolverFailed(f"flow relaxation: OR-Tools ended with {status!r}, expected an optimum")
    saved = -solver.optimal_cost() // scale  # hits are whole
    return problem.total - free - int(saved)
