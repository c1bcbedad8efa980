"""Upper bounds: ALG <= r OPT + c at every prefix, in integers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bounds.checker.check import Check
from bounds.theorems.theorem import Theorem
from paging.errors import UnsupportedProblem
from paging.exact import Value
from paging.model import Instance, Requests
from paging.policies.named import NamedPolicy
from paging.replay import Run


def prefix_optima(requests: Requests, instance: Instance, slots: int) -> NDArray[np.int64]:
    """OPT with ``slots`` slots of every prefix, shape (requests,)."""
    from paging.kernels.marks import growth

    grows = growth(requests.stream, instance.pages, slots)
    return np.cumsum(grows, dtype=np.int64)


def slack(
    costs: NDArray[np.int64], optima: NDArray[np.int64], bound: Fraction, additive: Fraction
) -> tuple[NDArray[Any], int]:
    """r OPT + c - ALG for every entry, exactly: integers, and the common denominator to divide them by."""
    scale = math.lcm(bound.denominator, additive.denominator)
    factor, constant = int(bound * scale), int(additive * scale)
    largest = int(max(costs.max(), optima.max())) + 1
    exact = np.int64 if (abs(factor) + abs(constant) + scale) * largest < 2**62 else object
    return factor * optima.astype(exact) + constant - scale * costs.astype(exact), scale


def first_violation(
    costs: NDArray[np.int64], optima: NDArray[np.int64], bound: Fraction, additive: Fraction
) -> int | None:
    """Index of the first prefix with ALG > r OPT + c, exactly; None if there is none."""
    over = np.flatnonzero(slack(costs, optima, bound, additive)[0] < 0)
    return int(over[0]) if len(over) else None


def worst_ratio(costs: NDArray[np.int64], optima: NDArray[np.int64], additive: Fraction) -> Value:
    """The largest (ALG - c) / OPT over the prefixes (after the first request OPT is at least 1)."""
    steps = np.flatnonzero(np.diff(optima, append=optima[-1] + 1))  # the last prefix of each value of OPT
    at: int | None = int(
        np.argmax((costs[steps] - float(additive)) / optima[steps])
    )  # floats only make a good start
    while at is not None:
        best = (int(costs[steps[at]]) - additive) / int(optima[steps[at]])
        at = first_violation(costs[steps], optima[steps], best, additive)  # one with a larger ratio
    return best


def check_upper(theorem: Theorem, policy: NamedPolicy, runs: list[tuple[str, Run]]) -> Iterator[Check]:
    """Judge an upper bound on the runs of one policy; one check per number of slots h of the optimum.

    The check that is reported is that of the run with the largest ratio, or of the first violation.
    """
    instance = runs[0][1].instance
    for slots in range(1, instance.cache + 1) if theorem.augmented else (None,):
        checks = [_judge(theorem, policy, adversary, run, slots) for adversary, run in runs]
        violated = [check for check in checks if check.ok is False]
        yield violated[0] if violated else max(checks, key=lambda check: check.measured)


def _judge(theorem: Theorem, policy: NamedPolicy, adversary: str, run: Run, slots: int | None) -> Check:
    instance = run.instance
    bound, additive = theorem.bound(instance, slots), theorem.additive(instance, slots)
    if not isinstance(bound, Fraction):
        raise UnsupportedProblem(f"{theorem.id}: expected a finite upper bound")
    optima = prefix_optima(run.requests, instance, instance.cache if slots is None else slots)
    costs = run.costs()
    violation = first_violation(costs, optima, bound, additive)
    if violation is None:
        measured = worst_ratio(costs, optima, additive)
    else:
        measured = (int(costs[violation]) - additive) / int(optima[violation])
    return Check(
        theorem,
        instance,
        adversary,
        policy.id,
        slots,
        bound,
        measured,
        "prefixes",
        len(costs) // instance.layers,
        violation is None,
        sequence=None
        if violation is None
        else tuple(int(page) for page in run.requests.stream[: violation + 1]),
    )
