"""OPT by min-cost flow on the interval form (classical), with OR-Tools."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paging.errors import SolverFailed, UnsupportedProblem
from paging.offline.intervals import IntervalProblem


def flow(problem: IntervalProblem) -> NDArray[np.bool_]:
    """The intervals to keep, shape (intervals,); optimal for sizes 1 and any integer weights.

    The difference of consecutive rows has a +1 and a -1 per interval: a flow through the boundaries of the time steps,
    in which an interval is an arc from its start to its end and unused room flows along. Raises UnsupportedProblem for
    byte sizes (NP-hard), SolverFailed when OR-Tools gives no optimum.
    """
    from ortools.graph.python import min_cost_flow

    if not problem.unit_sizes:
        raise UnsupportedProblem("flow: expected pages of one size; use the engine ilp for byte sizes")
    steps = len(problem.room)
    spans = problem.end > problem.start
    if not spans.any():
        return np.ones(len(spans), np.bool_)
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        problem.start[spans], problem.end[spans], np.ones(spans.sum(), np.int64), -problem.weight[spans]
    )
    boundary = np.arange(steps)
    solver.add_arcs_with_capacity_and_unit_cost(
        boundary, boundary + 1, np.full(steps, problem.room.max()), np.zeros(steps, np.int64)
    )
    supply = np.diff(problem.room, prepend=0, append=0)
    solver.set_nodes_supplies(np.arange(steps + 1), supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise SolverFailed(f"flow: OR-Tools ended with {status!r}, expected an optimum")
    kept = np.ones(len(spans), np.bool_)  # what spans no step is free to keep
    kept[spans] = np.asarray(solver.flows(arcs)) > 0
    return kept
