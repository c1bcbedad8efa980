"""The engines for OPT by their ids, behind one function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from paging.errors import UnsupportedProblem
from paging.model import Instance, Requests
from paging.names import look_up
from paging.offline.belady import belady, optimal_misses
from paging.offline.flow import flow
from paging.offline.ilp import ilp
from paging.offline.intervals import interval_problem
from paging.variant import BASE, Variant


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """What an engine found. ``cost`` is that of its schedule, no schedule costs less than ``bound``.

    ``hits`` per request of the schedule, shape (requests,); None where the engine gives costs only (belady, too, after
    a warm-up: its schedule is that of a shorter one).
    """

    engine: str
    cost: int
    bound: int
    hits: NDArray[np.bool_] | None

    @property
    def gap(self) -> int:
        """cost - bound; 0 for an optimum."""
        return self.cost - self.bound

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {"engine": self.engine, "cost": self.cost, "bound": self.bound, "gap": self.gap}


def _belady(instance: Instance, requests: Requests, variant: Variant, _: float | None) -> Optimum:
    """Belady's rule: unit costs and sizes; bypass and atomic sets too."""
    if variant.weights is not None or variant.sizes is not None:
        raise UnsupportedProblem(
            "belady: expected unit costs and sizes; use flow for weights, ilp for byte sizes"
        )
    hits = belady(instance, requests, bypass=variant.bypass)
    misses = int(np.count_nonzero(~hits))
    return Optimum("belady", misses, misses, None if requests.warmup else hits)


def _offset(instance: Instance, requests: Requests, variant: Variant, _: float | None) -> Optimum:
    """The growth of the offset function, request by request: the base model, costs only."""
    if variant.weights is not None or variant.sizes is not None or variant.bypass or requests.batch > 1:
        raise UnsupportedProblem(
            "offset: expected the base model; use belady, flow or ilp for its extensions"
        )
    misses = optimal_misses(instance, requests)
    return Optimum("offset", misses, misses, None)


def _flow(instance: Instance, requests: Requests, variant: Variant, _: float | None) -> Optimum:
    """Min-cost flow on the interval form: bypass, atomic sets, weights of misses."""
    problem = interval_problem(instance, requests, variant)
    kept = flow(problem)
    return Optimum("flow", problem.cost(kept), problem.cost(kept), problem.hits(kept))


def _ilp(instance: Instance, requests: Requests, variant: Variant, time_limit: float | None) -> Optimum:
    """An integer program on the interval form (CP-SAT): byte sizes too; may end at a time limit with bound < cost."""
    problem = interval_problem(instance, requests, variant)
    kept, bound = ilp(problem, time_limit)
    return Optimum("ilp", problem.cost(kept), bound, problem.hits(kept))


ENGINES: Mapping[str, Callable[[Instance, Requests, Variant, float | None], Optimum]] = {
    "belady": _belady,
    "offset": _offset,
    "flow": _flow,
    "ilp": _ilp,
}


def opt(
    instance: Instance,
    requests: Requests | ArrayLike,
    engine: str = "belady",
    *,
    variant: Variant = BASE,
    time_limit: float | None = None,
) -> Optimum:
    """The least cost of serving ``requests`` (bare page numbers are taken at width 1) from an empty cache.

    ``engine``: belady (unit costs and sizes), offset (base model; cost only), flow (weights too), ilp (byte sizes too; the
    only one that may stop at ``time_limit`` seconds with bound < cost). Raises UnknownName, InvalidRequests,
    UnsupportedProblem where the engine does not solve the variant.
    """
    solve = look_up("engine", engine, ENGINES)
    if not isinstance(requests, Requests):
        requests = Requests.of(instance.layers, instance.experts, requests)
    requests.fits(instance, variant.sizes is None and not variant.bypass)
    return solve(instance, requests, variant, time_limit)
