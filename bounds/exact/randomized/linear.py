"""Linear programs with fractions as coefficients, solved by OR-Tools in floating point, then made exact."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import inf, isfinite
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from paging.errors import SolverFailed
from paging.stoppable import interruptible

Floats = NDArray[np.float64]
Solver: TypeAlias = Literal["GLOP", "HIGHS"]
"""Of OR-Tools: GLOP gives a basis, HiGHS is more robust."""


@dataclass(slots=True)
class LinearProgram:
    """Minimize cost * x, lower <= x <= upper, row_lower <= A x <= row_upper; A in triples, bounds integers or infinite."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    cost: list[int] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    values: list[Fraction | int] = field(default_factory=list)

    def variable(self, lower: float = 0, upper: float = inf, cost: int = 0) -> int:
        """A new variable; its number."""
        self.lower.append(lower)
        self.upper.append(upper)
        self.cost.append(cost)
        return len(self.lower) - 1

    def row(self, lower: float, upper: float) -> int:
        """A new constraint; its number."""
        self.row_lower.append(lower)
        self.row_upper.append(upper)
        return len(self.row_lower) - 1

    def add(self, row: int, column: int, value: Fraction | int) -> None:
        """Add to a coefficient."""
        self.rows.append(row)
        self.columns.append(column)
        self.values.append(value)


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """Which variables and rows are basic (not at a bound); nonbasic ones at their upper bound are marked."""

    variables: NDArray[np.bool_]
    rows: NDArray[np.bool_]
    variables_up: NDArray[np.bool_]
    rows_up: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Vertex:
    """A solution in floating point; GLOP gives its basis too."""

    x: Floats
    basis: Basis | None


def solve(
    lower: Floats,
    upper: Floats,
    cost: Floats,
    row_lower: Floats,
    row_upper: Floats,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    values: Floats,
    solver: Solver,
    seconds: float = inf,
) -> Vertex:
    """A vertex of least cost. Triples of one place are added. Ctrl-C ends GLOP at once, HiGHS is waited for.

    Raises SolverFailed, also when ``seconds`` are over.
    """
    from datetime import timedelta

    from ortools.math_opt import model_pb2
    from ortools.math_opt.python import mathopt
    from ortools.util.python.solve_interrupter import SolveInterrupter

    order = np.lexsort((columns, rows))
    rows, columns, values = rows[order], columns[order], values[order]
    first = np.flatnonzero(np.diff(rows, prepend=-1) | np.diff(columns, prepend=-1))
    proto = model_pb2.ModelProto()
    for part, low, high in (
        (proto.variables, lower, upper),
        (proto.linear_constraints, row_lower, row_upper),
    ):
        part.ids.extend(range(len(low)))
        part.lower_bounds.extend(low.tolist())
        part.upper_bounds.extend(high.tolist())
    proto.variables.integers.extend([False] * len(lower))
    priced = np.flatnonzero(cost)
    proto.objective.linear_coefficients.ids.extend(priced.tolist())
    proto.objective.linear_coefficients.values.extend(cost[priced].tolist())
    matrix = proto.linear_constraint_matrix
    matrix.row_ids.extend(rows[first].tolist())
    matrix.column_ids.extend(columns[first].tolist())
    matrix.coefficients.extend(np.add.reduceat(values, first).tolist())
    try:
        limit = mathopt.SolveParameters(time_limit=timedelta(seconds=seconds) if isfinite(seconds) else None)
        interrupter = SolveInterrupter()
        result = interruptible(
            lambda: mathopt.solve(
                mathopt.Model.from_model_proto(proto),
                mathopt.SolverType[solver],
                params=limit,
                interrupter=interrupter,
            ),
            interrupter.interrupt,
        )
    except (AttributeError, RuntimeError, ValueError) as error:  # AttributeError: its own error has no code
        raise SolverFailed(f"linear program: {solver} failed") from error
    if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
        raise SolverFailed(f"linear program: {solver} ended with {result.termination.reason.name}")
    basis = result.solutions[0].basis
    x = np.zeros(len(lower))
    for variable, value in result.variable_values().items():
        x[variable.id] = value
    return Vertex(
        x,
        basis and _basis(basis.variable_status, basis.constraint_status, len(lower), len(row_lower)),
    )


def _basis(variables: dict[Any, Any], rows: dict[Any, Any], columns: int, constraints: int) -> Basis:
    from ortools.math_opt.python.mathopt import BasisStatus

    marks = []
    for status, count in ((variables, columns), (rows, constraints)):
        basic, up = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
        for item, value in status.items():
            basic[item.id] = value == BasisStatus.BASIC
            up[item.id] = value in (BasisStatus.AT_UPPER_BOUND, BasisStatus.FIXED_VALUE)
        marks.append((basic, up))
    return Basis(marks[0][0], marks[1][0], marks[0][1], marks[1][1])


def solve_program(program: LinearProgram) -> Vertex:
    """A vertex of least cost."""
    return solve(
        np.array(program.lower, float),
        np.array(program.upper, float),
        np.array(program.cost, float),
        np.array(program.row_lower, float),
        np.array(program.row_upper, float),
        np.array(program.rows, np.int64),
        np.array(program.columns, np.int64),
        np.array([float(value) for value in program.values]),
        "GLOP",
    )
