"""The worst instance that is known of a policy: exact where its state is finite, else found by search."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

from paging.errors import OutOfSeconds, UnsupportedProblem
from paging.exact import Value, exact
from paging.model import Instance, Page
from paging.policies.named import PolicyLike, named, registered
from paging.replay import Run, replay

MOST_STATES = 20_000
"""Of a policy without a kernel, up to which its graph is explored (a few seconds)."""

Sequence: TypeAlias = tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class Worst:
    """``ratio``: misses / growth of OPT of the ``cycle`` after the ``prefix``, ``math.inf`` if OPT does not grow. ``exact``: it
    is the competitive ratio; else ``proven``: policy and offset function recur, so it is a lower bound. ``how``: in words;
    ``states``: of the whole graph, 0 where it was not explored.
    """

    instance: Instance
    ratio: Value
    exact: bool
    proven: bool
    prefix: Sequence
    cycle: Sequence
    how: str
    states: int = 0

    def sequence(self, repetitions: int) -> Sequence:
        """The prefix and so many rounds of the cycle."""
        return self.prefix + self.cycle * repetitions

    def run(self, policy: PolicyLike, repetitions: int = 1) -> Run:
        """The policy on that sequence."""
        return replay(policy, self.instance, list(self.sequence(repetitions)))

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "layers": self.instance.layers,
            "experts": self.instance.experts,
            "cache": self.instance.cache,
            "ratio": exact(self.ratio),
            "exact": self.exact,
            "proven": self.proven,
            "prefix": list(self.prefix),
            "cycle": list(self.cycle),
            "how": self.how,
        }


def worst(
    instance: Instance,
    policy: PolicyLike,
    *,
    seconds: float,
    seed: int = 0,
    most: int = MOST_STATES,
) -> Worst | None:
    """The exact ratio if the policy's graph has at most ``most`` states, else what the search finds in ``seconds``.

    None: nothing that costs anything was found. Raises Fault for a policy under
    guard that errs.
    """
    found = explored(instance, policy, most=most)
    return searched(instance, policy, seconds=seconds, seed=seed) if found is None else found


def explored(instance: Instance, policy: PolicyLike, *, most: int = MOST_STATES) -> Worst | None:
    """The exact ratio; None for a policy without a finite state, or with more than ``most``. Raises as ``worst``."""
    from bounds.exact.ratio import exact_ratio

    try:
        whole = exact_ratio(instance, policy, most=most)
    except UnsupportedProblem:
        return None
    how = f"exact: all {whole.product.states:,} states"
    return Worst(instance, whole.ratio, True, True, whole.prefix, whole.cycle, how, whole.product.states)


def searched(instance: Instance, policy: PolicyLike, *, seconds: float, seed: int = 0) -> Worst | None:
    """What the search finds; under ``until`` also what it had found when that time was over. Raises as ``worst``."""
    from bounds.search.found import NOTHING, Found
    from bounds.search.search import search

    policy = named(policy)
    kept: list[Found] = []
    try:
        found = search(instance, policy, seconds=seconds, seed=seed, keep=kept.append)
    except OutOfSeconds:
        if not kept:
            raise
        found = kept[-1]
    if found.searcher == NOTHING:
        return None
    how = f"search: {found.searcher}, {found.evaluations:,} walks and cycles"
    # what a policy of the user's says of itself is no proof that nothing worse exists
    certain = found.proven and (found.ratio == math.inf or (found.optimal and registered(policy)))
    return Worst(instance, found.ratio, certain, found.proven, found.prefix, found.cycle, how)
