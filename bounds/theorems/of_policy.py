"""What the theorems say of a policy at an instance: the best proven bounds on both sides."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from paging.errors import InvalidPartition
from paging.exact import Value
from paging.model import Instance
from paging.policies.named import PolicyLike, named


def best_lower(
    instance: Instance, policy: PolicyLike, optimum: int | None = None
) -> tuple[str, Value] | None:
    """The theorem with the largest lower bound, and the bound; None where no theorem speaks of the policy.

    None speaks of an ``optimum`` with fewer slots than the policy (default: k).
    """
    if optimum not in (None, instance.cache):
        return None
    found = list(_bounds("lower", instance, policy, optimum))
    return max(found, key=lambda each: each[1]) if found else None


def best_upper(instance: Instance, policy: PolicyLike, optimum: int | None = None) -> Value:
    """The smallest proven upper bound; ``math.inf`` where there is none. What holds against k slots holds against fewer."""
    return min((bound for _, bound in _bounds("upper", instance, policy, optimum)), default=math.inf)


def _bounds(
    direction: str, instance: Instance, given: PolicyLike, optimum: int | None
) -> Iterator[tuple[str, Value]]:
    from bounds.theorems.registry import THEOREMS

    policy = named(given)()
    try:
        policy.start(instance, np.random.default_rng(0))
    except InvalidPartition:
        return
    for theorem in THEOREMS.values():
        if (
            theorem.direction == direction
            and _speaks(theorem.expected, direction, policy.deterministic)
            and theorem.scope.covers(policy)
            and theorem.precondition.holds(instance)
        ):
            yield theorem.id, theorem.bound(instance, optimum)


def _speaks(expected: bool, direction: str, deterministic: bool) -> bool:
    """Of expected costs: lower bounds hold for deterministic policies all the more; otherwise like to like."""
    return expected != deterministic or (direction == "lower" and deterministic)
