"""The worst instance that is known of a policy: exact where its state is finite, else found by search."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from paging.errors import UnsupportedProblem
from paging.exact import Value, exact
from paging.model import Instance, Page
from paging.policies.registry import MakePolicy
from paging.replay import Run, replay

MOST_STATES = 20_000
"""Of a policy without a kernel, up to which its graph is explored (a few seconds)."""

Sequence: TypeAlias = tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class Worst:
    """``ratio``: misses / growth of OPT of the ``cycle`` after the ``prefix``, ``math.inf`` if OPT does not grow. ``exact``: it
    is the competitive ratio; else ``proven``: policy and offset function recur, so it is a lower bound. ``how``: in words.
    """

    instance: Instance
    ratio: Value
    exact: bool
    proven: bool
    prefix: Sequence
    cycle: Sequence
    how: str

    def sequence(self, repetitions: int) -> Sequence:
        """The prefix and so many rounds of the cycle."""
        return self.prefix + self.cycle * repetitions

    def run(self, make: MakePolicy, repetitions: int = 1) -> Run:
        """The policy on that sequence."""
        return replay(make(), self.instance, list(self.sequence(repetitions)))

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
    make: MakePolicy,
    name: str | None = None,
    *,
    seconds: float,
    seed: int = 0,
    finite: bool = True,
    most: int = MOST_STATES,
) -> Worst | None:
    """The exact ratio if the policy's graph has at most ``most`` states, else what the search finds in ``seconds``.

    ``name``: its id, if it has one. ``finite``: False if the canonical state is not to be trusted. None: nothing was found, or
    the policy does not play to an end; nothing is known then. Raises Fault for a policy under guard that errs.
    """
    if finite:
        from bounds.exact.ratio import exact_ratio

        try:
            found = exact_ratio(instance, make, name, most)
        except UnsupportedProblem:  # no finite state, or too many
            pass
        else:
            how = f"exact: all {found.graph.states:,} states"
            return Worst(instance, found.ratio, True, True, found.prefix, found.cycle, how)
    return _searched(instance, make, name, seconds, seed)


def _searched(
    instance: Instance, make: MakePolicy, name: str | None, seconds: float, seed: int
) -> Worst | None:
    # STAND-IN until bounds.search is there: no search yet
    try:
        from bounds.search.search import search  # type: ignore[import-not-found, unused-ignore]
    except ModuleNotFoundError:
        return None
    found = search(instance, make, name, seconds=seconds, seed=seed)
    ratio: Value = found.ratio if found.ratio == math.inf else Fraction(found.ratio)
    return Worst(instance, ratio, False, found.proven, found.prefix, found.cycle, f"search: {found.searcher}")
