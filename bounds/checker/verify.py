"""Try theorems: every theorem, instance and policy in scope, judged exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zlib import crc32

import numpy as np

from adversaries.base import AdaptiveAdversary
from adversaries.planned import Planned
from adversaries.registry import ADVERSARIES
from bounds.checker.check import Check
from bounds.checker.exact import check_exact, check_exact_optimum
from bounds.checker.lower import judge_lower, play_of
from bounds.checker.randomized import (
    Samples,
    check_expected_lower,
    check_expected_upper,
    draw,
)
from bounds.checker.recurrence import Play
from bounds.checker.suite import trials
from bounds.checker.upper import check_upper
from bounds.checker.values import ExactValues
from bounds.theorems.registry import THEOREMS
from bounds.theorems.theorem import Theorem
from paging.errors import InvalidPartition, PreconditionNotMet
from paging.fast import has_kernel
from paging.model import Instance, Page
from paging.policies.lru import LRU
from paging.policies.named import NamedPolicy, PolicyLike, named
from paging.policies.registry import POLICIES, PRACTICAL
from paging.replay import Run

GRID_PAGES = 8
LARGE = (Instance(32, 8, 64), Instance(8, 16, 31), Instance(4, 6, 23), Instance(16, 4, 16))
"""Beyond the grid: a typical model, a cycle of k+1 pages, k = n*l - 1, and one slot per layer."""

TRIAL_REQUESTS = 80
PLAY_REQUESTS = 800
PHASES = 3
"""How long sequences are: at least so many requests, and so many phases of the lower bounds' instances."""


def grid() -> tuple[Instance, ...]:
    """All instances with n*l <= 8 and l-1 <= k <= n*l, k >= 1, then the large ones.

    The interesting range l <= k < n*l and its border: there preconditions begin and end.
    """
    small = (
        Instance(layers, experts, cache)
        for layers in range(1, GRID_PAGES + 1)
        for experts in range(1, GRID_PAGES // layers + 1)
        for cache in range(max(1, layers - 1), layers * experts + 1)
    )
    return (*small, *LARGE)


def rounds_for(instance: Instance, requests: int) -> int:
    """An even number of rounds that holds ``requests`` requests and PHASES phases of at least k-l+1 rounds."""
    phases = PHASES * max(1, instance.cache - instance.layers + 1)
    return 2 * (max(-(-requests // instance.layers), phases) // 2 + 1)


def tried() -> tuple[NamedPolicy, ...]:
    """The policies that are tried unless others are named: all but PRACTICAL, of which no theorem speaks by name."""
    return tuple(policy for name, policy in POLICIES.items() if name not in PRACTICAL)


def verify(
    instances: Sequence[Instance] | None = None,
    theorems: Sequence[Theorem] | None = None,
    policies: Iterable[PolicyLike] | None = None,
    seed: int = 0,
) -> Iterator[Check]:
    """Try every theorem on every instance that meets its precondition with every policy in its scope, by default ``tried()``.

    Checks come instance by instance. Equal seeds give equal checks, whatever else is tried beside them.
    """
    chosen = tried() if policies is None else tuple(map(named, policies))
    for instance in grid() if instances is None else instances:
        yield from verify_instance(
            instance, tuple(THEOREMS.values()) if theorems is None else theorems, chosen, seed
        )


def verify_instance(
    instance: Instance,
    theorems: Sequence[Theorem],
    policies: Iterable[PolicyLike],
    seed: int = 0,
) -> Iterator[Check]:
    """All checks of one instance; with all that are ``tried`` by default those of the best policies too."""
    trial = _Trial(instance, seed)
    there = [theorem for theorem in theorems if theorem.precondition.holds(instance)]
    chosen = tuple(map(named, policies))
    if set(tried()) <= set(chosen):
        for theorem in there:
            yield from check_exact_optimum(theorem, trial.values)
    for policy in chosen:
        built = policy()
        try:
            built.start(instance, trial.rng(policy.id))
        except InvalidPartition:
            continue  # fewer slots than layers: this policy does not exist here
        for theorem in there:
            if theorem.scope.covers(built):
                yield from trial.checks(theorem, policy)


class _Trial:
    """One instance: what the checks of several policies or theorems share is made once."""

    def __init__(self, instance: Instance, seed: int) -> None:
        self._instance = instance
        self.values = ExactValues(instance)
        self._seed = seed
        self._rounds = rounds_for(instance, TRIAL_REQUESTS)
        self._samples: dict[str, Samples] = {}
        self._trials: dict[NamedPolicy, list[tuple[str, Run]]] = {}
        self._plays: dict[tuple[NamedPolicy, str], Play] = {}

    def rng(self, *names: str) -> np.random.Generator:
        """One generator per check, so that a check does not depend on what was tried before it."""
        where = self._instance
        words = [crc32(name.encode()) for name in names]
        return np.random.default_rng([self._seed, where.layers, where.experts, where.cache, *words])

    def checks(self, theorem: Theorem, policy: NamedPolicy) -> Iterator[Check]:
        """Try one theorem with one policy."""
        rng = self.rng(policy.id, theorem.id)
        if theorem.direction == "lower":
            yield from self._lower(theorem, policy, rng)
        elif theorem.expected:
            fixed = self._runs(named(LRU))  # written before the policy draws: what the adversaries did to LRU
            yield check_expected_upper(theorem, policy, fixed, rng)
        else:
            yield from check_upper(theorem, policy, self._runs(policy))
        if not theorem.expected:
            yield from check_exact(theorem, policy, self.values)

    def _lower(self, theorem: Theorem, policy: NamedPolicy, rng: np.random.Generator) -> Iterator[Check]:
        for adversary in theorem.adversaries:
            try:
                if theorem.expected:
                    if adversary not in self._samples:
                        drawn = draw(adversary, self._instance, self._rounds, self.rng(adversary))
                        self._samples[adversary] = drawn
                    yield check_expected_lower(theorem, self._samples[adversary], policy, rng)
                else:
                    rounds = rounds_for(self._instance, PLAY_REQUESTS)
                    yield judge_lower(theorem, adversary, policy, self._play(policy, adversary, rounds, rng))
            except PreconditionNotMet:
                continue  # a variant of the instance that needs more, or no layer short of slots

    def _runs(self, policy: NamedPolicy) -> list[tuple[str, Run]]:
        if policy not in self._trials:
            self._trials[policy] = trials(
                policy, self._instance, self._rounds, self.rng(policy.id), self._played
            )
        return self._trials[policy]

    def _play(self, policy: NamedPolicy, adversary: str, rounds: int, rng: np.random.Generator) -> Play:
        """A deterministic policy plays once against an adversary, for all theorems."""
        there = policy, adversary
        known = self._plays.get(there)
        if known is not None and (known.start is not None or known.rounds >= rounds):
            return known
        play = play_of(policy, adversary, self._instance, rounds, rng)
        if policy().deterministic:
            self._plays[there] = play
        return play

    def _played(self, policy: NamedPolicy, adversary: str, rounds: int) -> tuple[Page, ...] | None:
        """What an adversary that looks asks of a policy whose kernel can play it again: a cycle is found, and goes on."""
        if not (
            policy().deterministic
            and has_kernel(policy)
            and issubclass(ADVERSARIES[adversary], AdaptiveAdversary)
            and not issubclass(ADVERSARIES[adversary], Planned)
        ):
            return None
        return self._play(policy, adversary, rounds, self.rng(policy.id)).first(rounds)
