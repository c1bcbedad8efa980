"""The proof that a schedule is optimal: prices, and a check that trusts nobody.

For every feasible choice of intervals and all prices y >= 0

    weight kept  <=  sum_u room(u) y(u)  +  sum_i max(0, weight_i - y(start_i) - ... - y(end_i - 1)),

so a schedule that attains the right side is optimal. `check_proof` needs the interval problem, the kept intervals and the
prices, and no solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.errors import NotProven
from paging.offline.intervals import IntervalProblem
from paging.offline.prices import prices


@dataclass(frozen=True, slots=True, eq=False)
class OptimalityProof:
    """``prices`` per time step, shape (steps,), and the cost that they prove to be the least."""

    cost: int
    prices: NDArray[np.int64]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: the cost, and the steps that have a price."""
        return {
            "cost": self.cost,
            "prices": {int(u): int(self.prices[u]) for u in np.flatnonzero(self.prices)},
        }


def check_proof(problem: IntervalProblem, kept: NDArray[np.bool_], price: NDArray[np.int64]) -> None:
    """Raise NotProven, with the reason, unless ``price`` proves that keeping ``kept`` is optimal. Integers only."""
    load = problem.load(kept)
    if (over := np.flatnonzero(load > problem.room)).size:
        u = int(over[0])
        raise NotProven(
            f"the schedule overflows at step {u}: {load[u]} occupied, expected at most {problem.room[u]}"
        )
    if price.shape != problem.room.shape:
        raise NotProven(f"expected {len(problem.room)} prices, got {len(price)}")
    if (below := np.flatnonzero(price < 0)).size:
        raise NotProven(f"the price of step {int(below[0])} is negative")
    if (unused := np.flatnonzero((price > 0) & (load < problem.room))).size:
        raise NotProven(f"step {int(unused[0])} has a price although room is left there")
    total = np.concatenate(([0], np.cumsum(price)))
    gain = problem.weight - problem.size * (total[problem.end] - total[problem.start])
    if (loss := np.flatnonzero(kept & (gain < 0))).size:
        raise NotProven(f"interval {int(loss[0])} is kept although it costs more than it is worth")
    if (missed := np.flatnonzero(~kept & (gain > 0))).size:
        raise NotProven(f"interval {int(missed[0])} is left out although it is worth more than it costs")
    dual = int((problem.room * price).sum() + np.maximum(gain, 0).sum())
    if dual != int(problem.weight[kept].sum()):
        raise NotProven(f"prices prove at most {dual}, the schedule keeps {int(problem.weight[kept].sum())}")


def prove(problem: IntervalProblem, hits: NDArray[np.bool_]) -> OptimalityProof:
    """Find prices for a schedule, given by its hits per request, and check them. Raises NotProven if it is not optimal."""
    kept = hits[problem.again]
    if kept.sum() != hits.sum():
        raise NotProven("a request is a hit although its page was never requested before")
    price = prices(problem, kept)
    if price is None:
        raise NotProven("another schedule is better: the residual graph has a negative cycle")
    check_proof(problem, kept, price)
    return OptimalityProof(problem.cost(kept), price)
