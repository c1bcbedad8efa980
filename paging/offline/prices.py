"""Prices of the time steps: the dual of the interval form, from any schedule."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paging.errors import UnsupportedProblem
from paging.offline.intervals import IntervalProblem


def prices(problem: IntervalProblem, kept: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """A price per time step that proves the schedule optimal, shape (steps,); None when it is not optimal.

    In the residual graph an interval left out is an arc from its start to its end of cost -weight, a kept one the arc back of
    cost +weight, unused room runs in both directions. Without a negative cycle there are shortest-path potentials, and
    the price of step u is the potential of its start minus that of its end. Raises UnsupportedProblem for byte sizes.
    """
    from paging.kernels.prices import potentials

    if not problem.unit_sizes:
        raise UnsupportedProblem(
            "prices: expected pages of one size; byte sizes leave a gap between schedule and prices"
        )
    steps = len(problem.room)
    out = ~kept
    distance, optimal = potentials(
        *_arcs(problem.start[out], problem.end[out], -problem.weight[out], steps),
        *_arcs(problem.end[kept], problem.start[kept], problem.weight[kept], steps),
        problem.load(kept) >= problem.room,
    )
    return distance[:-1] - distance[1:] if optimal else None


def _arcs(
    tail: NDArray[np.int64], head: NDArray[np.int64], cost: NDArray[np.int64], steps: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Arcs sorted by tail: index of the first arc of each boundary, heads, costs."""
    order = np.argsort(tail, kind="stable")
    first = np.searchsorted(tail[order], np.arange(steps + 2))
    return first.astype(np.int64), head[order], cost[order]
