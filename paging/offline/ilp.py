"""OPT as an integer program on the interval form, with OR-Tools CP-SAT: byte sizes, weights, bypass, atomic sets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paging.errors import SolverFailed
from paging.offline.intervals import IntervalProblem


def ilp(problem: IntervalProblem, time_limit: float | None = None) -> tuple[NDArray[np.bool_], int]:
    """The intervals to keep, shape (intervals,), and a lower bound on the cost of every schedule.

    Equal to the cost of the answer when it is optimal; after ``time_limit`` seconds perhaps smaller. Rows are differenced,
    as in the flow, so that an interval appears in two of them. CP-SAT works with integers throughout; that its bound
    holds is its word (flow and prices prove theirs). Where it has no answer in time, the answer is the schedule it was given
    to begin with, and the bound that every interval is kept.
    """
    from ortools.sat.python import cp_model

    steps = len(problem.room)
    model = cp_model.CpModel()
    keep = [model.new_bool_var(f"keep{i}") for i in range(len(problem.start))]
    rows: list[list[tuple[int, int]]] = [[] for _ in range(steps + 1)]
    for i, (start, end, size) in enumerate(zip(problem.start, problem.end, problem.size, strict=True)):
        rows[start].append((i, int(size)))
        rows[end].append((i, -int(size)))
    first = shortest_first(problem)
    for x, kept_first in zip(keep, first.tolist(), strict=True):
        model.add_hint(x, kept_first)
    unused: cp_model.IntVar | int = 0
    for u, change in enumerate(np.diff(problem.room, prepend=0).tolist()):
        before, unused = unused, model.new_int_var(0, int(problem.room[u]), f"unused{u}")
        model.add(sum(size * keep[i] for i, size in rows[u]) + unused - before == change)
    model.maximize(sum(int(weight) * x for weight, x in zip(problem.weight, keep, strict=True)))
    solver = cp_model.CpSolver()
    if time_limit is not None:
        solver.parameters.max_time_in_seconds = time_limit
    status = solver.solve(model)
    if status == cp_model.UNKNOWN:
        return first, problem.total - int(problem.weight.sum())
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise SolverFailed(f"ilp: OR-Tools ended with {solver.status_name(status)}, expected a schedule")
    kept = np.array([solver.boolean_value(x) for x in keep], np.bool_)
    if (problem.load(kept) > problem.room).any():
        raise SolverFailed("ilp: OR-Tools returned a schedule that overflows the cache")
    if status == cp_model.OPTIMAL:
        return kept, problem.cost(kept)
    best = int(np.floor(solver.best_objective_bound + 1e-6))  # an integer, reported as a float
    return kept, max(0, problem.total - best)


def shortest_first(problem: IntervalProblem) -> NDArray[np.bool_]:
    """A schedule to begin with: take the intervals from the shortest on, each where it still fits."""
    room = problem.room.copy()
    kept = np.zeros(len(problem.start), np.bool_)
    for i in np.argsort(problem.end - problem.start, kind="stable").tolist():
        steps = slice(problem.start[i], problem.end[i])
        if (room[steps] >= problem.size[i]).all():
            room[steps] -= problem.size[i]
            kept[i] = True
    return kept
