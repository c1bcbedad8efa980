"""What a sequence costs: where the policy of the problem misses, and where OPT grows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bounds.search.problem import Problem
from paging.fast import run_of
from paging.model import Page, Requests

Cycle = tuple[Page, ...]


def requests_of(problem: Problem, pages: Sequence[Page]) -> Requests:
    """A sequence from the empty cache."""
    instance = problem.instance
    return Requests.of(instance.layers, instance.experts, np.array(pages, np.int32))


def misses_of(problem: Problem, requests: Requests, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Where the policy misses."""
    return ~run_of(problem.policy, problem.instance, requests, rng).hits


def growth_of(problem: Problem, requests: Requests) -> NDArray[np.bool_]:
    """Where OPT grows."""
    from paging.kernels.marks import growth

    return growth(requests.stream, problem.instance.pages, problem.slots)
