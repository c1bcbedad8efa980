"""Is a policy as competitive as claimed? Looks for a sequence that says no."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st

from bounds.checker.upper import first_violation, prefix_optima
from bounds.search.worst import Worst, worst
from layered_paging.policy_spec import as_policy
from layered_paging.testing.checks import Check
from layered_paging.testing.fault import PICKLE, Fault
from layered_paging.testing.finding import Finding
from layered_paging.testing.guard import guarded, under_guard
from layered_paging.testing.hunt import Hunt, hunt
from layered_paging.testing.known_games import Game
from layered_paging.testing.shrink import shrink
from layered_paging.testing.strategies import request_sequences
from paging.errors import InvalidArgument
from paging.model import Instance, Requests
from paging.policies.named import MakePolicy
from paging.replay import replay
from proofs.atlas_cells import instances as grid

Number: TypeAlias = int | Fraction
Bound: TypeAlias = Number | Callable[[Instance], Number]

PAGES = 5
"""Default grid: all instances with n*l up to this."""

MOST_REQUESTS = 100_000


def assert_competitive(
    policy: Any,
    ratio: Bound,
    additive: Bound = 0,
    *,
    instances: Instance | Iterable[Instance] | None = None,
    examples: int = 100,
    seconds: float = 1.0,
    seed: int = 0,
) -> None:
    """Raise AssertionError if a sequence is found with ALG > ratio * OPT + additive at one of its prefixes, judged exactly.

    ``policy``: deterministic; what ``as_policy`` takes. ``ratio``, ``additive``: integers or fractions, or functions of the
    instance. ``instances``: one or several, default all with n*l <= PAGES and l <= k < n*l. Hypothesis tries ``examples``
    sequences; on each instance the worst cycle that is known (exact, or searched for ``seconds``) is played as often as needed
    (not for policies that cannot be pickled). The message shows the shrunk sequence round by round. No error is no proof.
    Raises InvalidArgument for floats and for randomized policies, Fault for a policy that does not play by the rules.
    """
    meant = as_policy(policy)
    make = guarded(meant)
    if not make().deterministic:
        raise InvalidArgument("assert_competitive: expected a deterministic policy, this one is randomized")
    chosen = (
        [instances]
        if isinstance(instances, Instance)
        else list(grid(PAGES) if instances is None else instances)
    )
    if not chosen:
        raise InvalidArgument("assert_competitive: expected at least one instance")
    for instance in chosen:
        _number("ratio", ratio, instance)
        _number("additive", additive, instance)
    check = exceeds(ratio, additive)
    tried = hunt(make, check, examples=examples, tries=_on(chosen), seed=seed)
    found = tried.smallest
    if found is None and tried.fault is not None:
        raise tried.fault
    for instance in chosen if found is None else ():
        try:
            known = worst(instance, under_guard(meant), seconds=seconds, seed=seed)
        except Fault as fault:
            if fault.name != PICKLE:
                raise
            break
        if known is not None:
            found = _on_the_cycle(make, check, known, _number("ratio", ratio, instance))
        if found is not None:
            break
    if found is not None:
        raise AssertionError(found.text())


def exceeds(ratio: Bound, additive: Bound) -> Check:
    """The check that finds ALG > ratio * OPT + additive."""

    def check(make: MakePolicy, instance: Instance, requests: Requests) -> Finding | None:
        if not len(requests):
            return None
        run = replay(make(), instance, requests)
        optima = prefix_optima(requests, instance, instance.cache)
        r, c = _number("ratio", ratio, instance), _number("additive", additive, instance)
        at = first_violation(run.costs(), optima, r, c)
        if at is None:
            return None
        says = f"{run.costs()[at]} misses > {r} * {optima[at]} + {c} = {r * int(optima[at]) + c} after request {at}"
        cut = Requests.of(instance.layers, instance.experts, requests.stream[: at + 1])
        return Finding(
            "not-competitive", says, instance, tuple(cut.stream.tolist()), replay(make(), instance, cut)
        )

    return check


def _on(chosen: list[Instance]) -> st.SearchStrategy[Game]:
    def one(instance: Instance) -> st.SearchStrategy[Game]:
        return st.tuples(st.just(instance), request_sequences(instance, max_rounds=18))

    return st.sampled_from(chosen).flatmap(one)


def _on_the_cycle(make: MakePolicy, check: Check, known: Worst, ratio: Fraction) -> Finding | None:
    """The cycle repeated until it exceeds the bound (if its ratio is larger, it must), then made smaller."""
    if known.ratio <= ratio:
        return None
    state = Hunt(make, check, float("inf"))
    repetitions = 1
    while len(sequence := known.sequence(repetitions)) <= MOST_REQUESTS:
        requests = Requests.of(known.instance.layers, known.instance.experts, np.array(sequence, np.int32))
        if state.breaks(known.instance, requests):
            shrink(known.instance, requests, state.breaks)
            break
        repetitions *= 2
    return state.smallest


def _number(name: str, bound: Bound, instance: Instance) -> Fraction:
    value = bound(instance) if callable(bound) else bound
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise InvalidArgument(f"{name}: expected an integer or a fraction, got {value!r}")
    return Fraction(value)
