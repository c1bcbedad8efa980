"""Claims about expected costs: violated, consistent or inconclusive, by a confidence interval."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adversaries.base import ObliviousAdversary
from adversaries.registry import ADVERSARIES
from bounds.checker.check import Check
from bounds.checker.interval import mean_intervals, verdict
from bounds.checker.upper import prefix_optima, slack
from bounds.theorems.theorem import Theorem
from paging.errors import UnsupportedProblem
from paging.fast import hits_of, misses_of
from paging.model import Instance, Requests
from paging.policies.named import NamedPolicy
from paging.replay import Run

REPETITIONS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """REPETITIONS sequences of one oblivious adversary, and the growth of OPT in the second half of each.

    The first halves are their warm-up.
    """

    adversary: str
    instance: Instance
    rounds: int
    sequences: tuple[Requests, ...]
    growths: NDArray[np.int64]


def draw(name: str, instance: Instance, rounds: int, rng: np.random.Generator) -> Samples:
    """Draw sequences of ``rounds`` rounds (an even number), for all policies to play."""
    adversary = ADVERSARIES[name](instance)
    if not isinstance(adversary, ObliviousAdversary):
        raise UnsupportedProblem(f"{name}: expected an oblivious adversary")
    middle = rounds // 2 * instance.layers
    sequences = tuple(
        Requests.of(instance.layers, instance.experts, adversary.sequence(rounds, rng)).warmed(middle)
        for _ in range(REPETITIONS)
    )
    optima = [prefix_optima(requests, instance, instance.cache) for requests in sequences]
    growths = np.array([o[-1] - o[middle - 1] for o in optima], np.int64)
    return Samples(name, instance, rounds, sequences, growths)


def check_expected_lower(
    theorem: Theorem,
    samples: Samples,
    policy: NamedPolicy,
    rng: np.random.Generator,
) -> Check:
    """E[ALG(2R) - ALG(R)] >= r E[OPT(2R) - OPT(R)] - c.

    The notes' constant has a remainder for pages that R rounds have not brought yet, less than r n l (1-1/n)^R misses;
    the interval is never narrower than that by far.
    """
    instance = samples.instance
    misses = np.array(
        [misses_of(policy, instance, requests, rng) for requests in samples.sequences], np.int64
    )
    growths = samples.growths
    bound = _finite(theorem, instance)
    over, scale = slack(misses, growths, bound, -theorem.additive(instance))
    low, high = (float(end[0]) for end in mean_intervals(_misses(-over[:, None], scale)))
    return Check(
        theorem,
        instance,
        samples.adversary,
        policy.id,
        None,
        bound,
        Fraction(int(misses.sum()), max(1, int(growths.sum()))),
        "interval",
        samples.rounds,
        verdict(low, high),
        (low, high),
    )


def check_expected_upper(
    theorem: Theorem,
    policy: NamedPolicy,
    fixed: list[tuple[str, Run]],
    rng: np.random.Generator,
) -> Check:
    """E[ALG] <= r OPT + c at every prefix of fixed sequences; the sequences do not depend on the policy's draws.

    Reported is the sequence with the largest ratio at its end, or the first violation.
    """
    checks = [_judge(theorem, policy, adversary, run, rng) for adversary, run in fixed]
    violated = [check for check in checks if check.ok is False]
    return violated[0] if violated else max(checks, key=lambda check: check.measured)


def _judge(
    theorem: Theorem,
    policy: NamedPolicy,
    adversary: str,
    fixed: Run,
    rng: np.random.Generator,
) -> Check:
    instance = fixed.instance
    optima = prefix_optima(fixed.requests, instance, instance.cache)
    hits = np.array([hits_of(policy, instance, fixed.requests, rng) for _ in range(REPETITIONS)])
    costs = np.cumsum(~hits, axis=1, dtype=np.int64)
    bound, additive = _finite(theorem, instance), theorem.additive(instance)
    low, high = mean_intervals(_misses(*slack(costs, optima, bound, additive)))
    worst = int(np.argmin(high if high.min() < 0 else low))
    ok = verdict(low[worst], high[worst])
    return Check(
        theorem,
        instance,
        adversary,
        policy.id,
        None,
        bound,
        (Fraction(int(costs[:, -1].sum()), REPETITIONS) - additive) / int(optima[-1]),
        "interval",
        len(optima) // instance.layers,
        ok,
        (float(low[worst]), float(high[worst])),
        tuple(fixed.requests.stream[: worst + 1].tolist()) if ok is False else None,
    )


def _finite(theorem: Theorem, instance: Instance) -> Fraction:
    bound = theorem.bound(instance)
    if not isinstance(bound, Fraction):
        raise UnsupportedProblem(f"{theorem.id}: expected a finite bound on expected costs")
    return bound


def _misses(scaled: NDArray[Any], scale: int) -> NDArray[np.float64]:
    """Slack in misses; the division is the only rounding."""
    return (scaled / scale).astype(np.float64)
