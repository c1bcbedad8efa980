"""Lower bounds: on a recurrence, or with the additive constant where nothing recurs."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from adversaries.base import AdaptiveAdversary, ObliviousAdversary
from adversaries.fixed_partition import FixedPartition
from adversaries.registry import ADVERSARIES
from bounds.checker.check import Check
from bounds.checker.recurrence import Play, play_until_recurrence
from bounds.theorems.theorem import Theorem
from paging.errors import PreconditionNotMet
from paging.model import Instance
from paging.policies.base import Policy
from paging.policies.named import NamedPolicy


def make_adversary(name: str, instance: Instance, policy: Policy) -> AdaptiveAdversary | ObliviousAdversary:
    """The adversary ``name`` against a policy that has been started (its partition, if any, is known by then).

    Raises PreconditionNotMet outside the adversary's instances.
    """
    make = ADVERSARIES[name]
    if make is FixedPartition:
        if policy.partition is None:
            raise PreconditionNotMet(f"{name}: expected a policy that divides the cache")
        return FixedPartition(instance, policy.partition)
    return make(instance)


def check_lower(
    theorem: Theorem,
    adversary_name: str,
    instance: Instance,
    policy: NamedPolicy,
    rounds: int,
    rng: np.random.Generator,
) -> Check:
    """Judge a deterministic lower bound by a play of at most ``rounds`` rounds (an even number)."""
    return judge_lower(
        theorem, adversary_name, policy, play_of(policy, adversary_name, instance, rounds, rng)
    )


def play_of(
    policy: NamedPolicy, adversary_name: str, instance: Instance, rounds: int, rng: np.random.Generator
) -> Play:
    """At most ``rounds`` rounds against that adversary. Raises PreconditionNotMet outside its instances."""
    built = policy()
    built.start(instance, rng)
    return play_until_recurrence(built, make_adversary(adversary_name, instance, built), rounds, rng)


def judge_lower(theorem: Theorem, adversary_name: str, policy: NamedPolicy, play: Play) -> Check:
    """What a play says of a deterministic lower bound."""
    instance, bound = play.instance, theorem.bound(play.instance)
    half = play.rounds // 2 if play.start is None else play.start
    measured = play.ratio(half)
    if play.start is not None:
        ok: bool | None = measured is not None and measured >= bound
    else:
        ok = _window(play, half, theorem, instance)
    return Check(
        theorem,
        instance,
        adversary_name,
        policy.id,
        None,
        bound,
        Fraction(0) if measured is None else measured,
        "window" if play.start is None else "recurrence",
        play.rounds,
        ok,
        sequence=play.pages if ok is False else None,
    )


def _window(play: Play, half: int, theorem: Theorem, instance: Instance) -> bool | None:
    """ALG(2R) - ALG(R) >= r (OPT(2R) - OPT(R)) - c; None where only the constant makes it true."""
    misses = play.costs[-1] - play.costs[half]
    growth = play.optima[-1] - play.optima[half]
    if growth == 0:
        return misses > 0
    bound = theorem.bound(instance)
    if bound == math.inf:
        return False
    claimed = bound * growth - theorem.additive(instance)
    if misses < claimed:
        return False
    return True if misses >= bound * growth or claimed > 0 else None
