"""The vertex of a basis in exact fractions: iterative refinement, then reconstruction, then a check of every constraint.

The basis comes from floating point and is not trusted. Its linear system is solved to more and more binary digits (the
residual in integers, the correction by a sparse LU factorization in floating point), until the fractions nearest to the
digits fulfil all constraints exactly (refinement of linear programs: Gleixner, Steffy & Wolter 2016).
"""

from __future__ import annotations

from fractions import Fraction
from math import isfinite, lcm

import numpy as np

from bounds.exact.randomized.linear import Basis, LinearProgram, solve_program
from paging.errors import SolverFailed

STEP = 30
"""Binary digits gained at a time; a float correction has up to 53."""

MOST_BITS = 1 << 14


def solve_exactly(program: LinearProgram) -> list[Fraction]:
    """The variables at a vertex, exactly feasible, optimal as far as floating point tells. Raises SolverFailed."""
    basis = solve_program(program).basis
    if basis is None:
        raise SolverFailed("exact vertex: the solver gave no basis")
    return exact_vertex(program, basis)


def exact_vertex(program: LinearProgram, basis: Basis) -> list[Fraction]:
    """The variables at that vertex. Raises SolverFailed when it is singular, not feasible, or needs more than MOST_BITS."""
    from scipy.sparse import csc_matrix
    from scipy.sparse.linalg import splu

    columns, rows = np.flatnonzero(basis.variables), np.flatnonzero(~basis.rows)
    if len(columns) != len(rows):
        raise SolverFailed("exact vertex: the basis is not square")
    column_place = {int(c): i for i, c in enumerate(columns)}
    row_place = {int(r): i for i, r in enumerate(rows)}
    x = [Fraction(int(b)) if isfinite(b) else Fraction(0) for b in _at_bounds(program, basis)]
    entries: dict[tuple[int, int], Fraction] = {}
    right = [Fraction(int(program.row_upper[r] if basis.rows_up[r] else program.row_lower[r])) for r in rows]
    for r, c, value in zip(program.rows, program.columns, program.values, strict=True):
        if r in row_place:
            if c in column_place:
                key = (row_place[r], column_place[c])
                entries[key] = entries.get(key, Fraction(0)) + value
            elif x[c]:
                right[row_place[r]] -= value * x[c]
    scale = lcm(*(v.denominator for v in entries.values()), *(v.denominator for v in right))
    matrix: list[list[tuple[int, int]]] = [[] for _ in rows]
    for (r, c), value in entries.items():
        matrix[r].append((c, int(value * scale)))
    places = np.array(list(entries), np.int64).reshape(-1, 2)
    floats = np.array([float(value) for value in entries.values()])
    try:
        factors = splu(csc_matrix((floats, (places[:, 0], places[:, 1])), shape=(len(rows), len(rows))))
    except RuntimeError as error:
        raise SolverFailed("exact vertex: the basis is singular") from error
    digits = [0] * len(rows)
    residual = [int(value * scale) for value in right]
    bits, wanted = 0, 128
    while wanted <= MOST_BITS:
        while bits < wanted:
            bits += STEP
            digits = [d << STEP for d in digits]
            residual = [r << STEP for r in residual]
            for _ in range(3):
                largest = max(map(abs, residual), default=0)
                if largest <= scale:
                    break
                shift = max(0, largest.bit_length() - 900)
                step = factors.solve(np.array([(r >> shift) / scale for r in residual]))
                if not np.isfinite(step).all():
                    raise SolverFailed("exact vertex: the basis is singular")
                whole = [int(s) << shift for s in np.rint(step).tolist()]
                digits = [d + w for d, w in zip(digits, whole, strict=True)]
                residual = [
                    r - sum(value * whole[c] for c, value in row)
                    for r, row in zip(residual, matrix, strict=True)
                ]
        bound = 1 << (bits // 2 - 8)
        for c, d in zip(columns.tolist(), digits, strict=True):
            x[c] = Fraction(d, 1 << bits).limit_denominator(bound)
        if feasible(program, x):
            return x
        wanted *= 2
    raise SolverFailed(f"exact vertex: not feasible, or more than {MOST_BITS} bits are needed")


def _at_bounds(program: LinearProgram, basis: Basis) -> list[float]:
    return [
        high if up else low
        for low, high, up in zip(program.lower, program.upper, basis.variables_up.tolist(), strict=True)
    ]


def feasible(program: LinearProgram, x: list[Fraction]) -> bool:
    """Whether all bounds and rows hold, exactly."""
    if any(not low <= v <= high for low, v, high in zip(program.lower, x, program.upper, strict=True)):
        return False
    sums = [Fraction(0)] * len(program.row_lower)
    for r, c, value in zip(program.rows, program.columns, program.values, strict=True):
        if x[c]:
            sums[r] += value * x[c]
    return all(
        low <= s <= high for low, s, high in zip(program.row_lower, sums, program.row_upper, strict=True)
    )
