"""The request sequences on which upper bounds are tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

from adversaries.base import AdaptiveAdversary, ObliviousAdversary
from adversaries.duel import duel
from adversaries.registry import ADVERSARIES
from bounds.checker.lower import make_adversary
from paging.errors import InvalidPartition, PreconditionNotMet
from paging.fast import run_of
from paging.model import Instance, Page, Pages, Requests
from paging.policies.base import Policy
from paging.policies.named import NamedPolicy
from paging.replay import Run
from paging.traces.synthetic import synthetic

MODELS = {"zipf": (1.0, 0.0, 0.0), "sticky": (1.0, 0.5, 0.0), "coupled": (0.5, 0.2, 0.5)}
"""Synthetic traces: Zipf exponent, stickiness, coupling."""


Played: TypeAlias = Callable[[NamedPolicy, str, int], tuple[Page, ...] | None]
"""What an adversary asks of a policy in so many rounds, where it is found without a duel."""


def nothing(policy: NamedPolicy, adversary: str, rounds: int) -> None:
    """Every duel is fought."""


def attacks(
    policy: NamedPolicy, instance: Instance, rounds: int, rng: np.random.Generator, played: Played = nothing
) -> Iterator[tuple[str, Run]]:
    """One policy against every adversary that works at the instance, by the adversary's id."""
    for name in ADVERSARIES:
        built = policy()
        try:
            adversary = _started(name, built, instance, rng)
        except (PreconditionNotMet, InvalidPartition):
            continue
        yield name, duel(policy, adversary, rounds, rng, played(policy, name, rounds))


def _started(
    name: str, policy: Policy, instance: Instance, rng: np.random.Generator
) -> AdaptiveAdversary | ObliviousAdversary:
    policy.start(instance, rng)
    return make_adversary(name, instance, policy)


def traces(instance: Instance, rounds: int, rng: np.random.Generator) -> Iterator[tuple[str, Pages]]:
    """Random sequences that no adversary wrote: uniform and synthetic ones."""
    layers, experts = instance.layers, instance.experts
    uniform = rng.integers(experts, size=(rounds, layers)) + np.arange(layers) * experts
    yield "uniform", uniform.reshape(-1).astype(np.int32)
    for name, (zipf, stickiness, coupling) in MODELS.items():
        trace = synthetic(
            layers, experts, rounds, zipf=zipf, stickiness=stickiness, coupling=coupling, rng=rng
        )
        yield name, trace.requests().stream


def trials(
    policy: NamedPolicy, instance: Instance, rounds: int, rng: np.random.Generator, played: Played = nothing
) -> list[tuple[str, Run]]:
    """One policy on all of these sequences."""
    runs = list(attacks(policy, instance, rounds, rng, played))
    for name, pages in traces(instance, rounds, rng):
        requests = Requests.of(instance.layers, instance.experts, pages)
        runs.append((name, run_of(policy, instance, requests, rng)))
    return runs
