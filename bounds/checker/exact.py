"""Theorems against exact values: what no adversary found, the graph of all requests decides."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from bounds.checker.check import Check
from bounds.checker.upper import first_violation, prefix_optima
from bounds.checker.values import ExactValues
from bounds.exact.prefixes import worst_prefix
from bounds.theorems.scopes import DETERMINISTIC, EVERY
from bounds.theorems.theorem import Theorem
from paging.errors import SolverFailed
from paging.exact import Value
from paging.model import Instance, Page, Requests
from paging.policies.named import NamedPolicy
from paging.replay import replay

EXACT = "exact"
"""In place of an adversary: all request sequences."""


def check_exact(theorem: Theorem, policy: NamedPolicy, values: ExactValues) -> Iterator[Check]:
    """Compare a theorem with the exact ratio of one deterministic policy, where that is within reach.

    A lower bound must not be above it. An upper bound must not be below it, and then the graph decides the constant
    too: ALG - r OPT <= c on every path, one check per number of slots of the optimum.
    """
    instance = values.instance
    for slots in range(1, instance.cache + 1) if theorem.augmented else (None,):
        beside = instance.cache if slots is None else slots
        found = values.cycle(policy, beside)
        graph = values.graph(policy, beside)
        if found is None or graph is None:
            continue
        ratio, prefix, cycle = found
        bound = theorem.bound(instance, slots)
        measured, excess, sequence = ratio, None, None
        if theorem.direction == "lower":
            ok = ratio >= bound
        elif ratio > bound:
            ok = False
            sequence = _violation(theorem, policy, instance, slots, prefix, cycle)
        else:
            assert isinstance(bound, Fraction), "an upper bound is finite"
            additive = theorem.additive(instance, slots)
            worst = worst_prefix(graph, bound)
            ok, excess = worst.constant <= additive, worst.excess
            if not ok:
                sequence = worst.pages if worst.excess > additive else ()
                measured = _reached(policy, instance, beside, additive, sequence)
        yield Check(
            theorem,
            instance,
            EXACT,
            policy.id,
            slots,
            bound,
            measured,
            "exact",
            0,
            ok,
            sequence=sequence,
            excess=excess,
        )


def check_exact_optimum(theorem: Theorem, values: ExactValues) -> Iterator[Check]:
    """Compare a claim about every policy with the best one: the value of the game, or the interval of the randomized ones.

    Inside the interval the check is inconclusive.
    """
    if theorem.direction == "upper":
        return
    bound = theorem.bound(values.instance)
    if theorem.scope is DETERMINISTIC and (value := values.deterministic()) is not None:
        yield _optimum(theorem, values.instance, "best deterministic", bound, (value, value))
    elif theorem.scope is EVERY and (interval := values.randomized()) is not None:
        yield _optimum(theorem, values.instance, "best randomized", bound, interval)


def _optimum(
    theorem: Theorem, instance: Instance, name: str, bound: Value, enclosure: tuple[Fraction, Fraction]
) -> Check:
    low, high = enclosure
    ok = False if bound > high else True if bound <= low else None
    measured = low if ok else high
    return Check(theorem, instance, EXACT, name, None, bound, measured, "exact", 0, ok, enclosure=enclosure)


def _violation(
    theorem: Theorem,
    policy: NamedPolicy,
    instance: Instance,
    slots: int | None,
    prefix: tuple[Page, ...],
    cycle: tuple[Page, ...],
) -> tuple[Page, ...]:
    """The worst cycle repeated until the claim is broken; the policy itself plays it."""
    bound, additive = theorem.bound(instance, slots), theorem.additive(instance, slots)
    assert isinstance(bound, Fraction), "an upper bound is finite"
    beside = instance.cache if slots is None else slots
    gain = Fraction(1, bound.denominator)  # of one repetition, at least
    before = bound * len(prefix) + max(additive, Fraction(0))
    repetitions = 1
    while True:
        pages = prefix + cycle * repetitions
        requests = Requests.of(instance.layers, instance.experts, pages)
        costs = replay(policy, instance, requests).costs()
        at = first_violation(costs, prefix_optima(requests, instance, beside), bound, additive)
        if at is not None:
            return pages[: at + 1]
        if repetitions * gain > before:
            raise SolverFailed(
                f"{policy} at {instance}: its worst cycle costs less in a replay; expected a canonical_state that "
                "is equal only where all futures are"
            )
        repetitions *= 2


def _reached(
    policy: NamedPolicy, instance: Instance, slots: int, additive: Fraction, pages: tuple[Page, ...]
) -> Value:
    """(ALG - c) / OPT at the end of these requests, by a replay."""
    if not pages:
        return math.inf
    requests = Requests.of(instance.layers, instance.experts, pages)
    costs = replay(policy, instance, requests).costs()
    return (int(costs[-1]) - additive) / int(prefix_optima(requests, instance, slots)[-1])
