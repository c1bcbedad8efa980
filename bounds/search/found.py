"""What a search brings home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from paging.exact import Value, exact
from paging.model import Instance, Page
from paging.policies.named import NamedPolicy

NOTHING = "none"
"""The searcher of a search that found no cycle that costs anything."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A cycle with its value: ``prefix`` from the empty cache, then ``cycle`` for ever.

    ``proven``: after the prefix and after each repetition the policy's state and the offset function are the same, and
    ``misses`` over ``growth`` of OPT on one repetition is a lower bound on the competitive ratio. Otherwise it is
    measured on a window: ``repetitions`` of the cycle, after the prefix and as many repetitions before (ALG(2R) - ALG(R)
    against OPT(2R) - OPT(R)). ``interval``: of a randomized policy, what encloses the expected ratio; ``misses`` are then
    summed over ``draws`` runs.
    """

    ratio: Value
    proven: bool
    prefix: tuple[Page, ...]
    cycle: tuple[Page, ...]
    misses: int
    growth: int
    repetitions: int = 1
    interval: tuple[float, float] | None = None
    draws: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """The worst cycle of a search against ``policy`` so far; the figures of the cycle are as in Candidate.

    ``optimum``: its slots.
    ``searcher``: id of the one that found it. ``evaluations``: walks and cycles tried; ``visited``: states of (policy, offset
    function) touched, each counted at least once. ``optimal``: nothing worse exists, as the ratio is infinite, meets a proven
    upper bound of the policy, or the whole graph has been seen. ``units``: of work done; they decide the result together with
    the seed.
    """

    policy: NamedPolicy
    instance: Instance
    optimum: int
    ratio: Value
    proven: bool
    prefix: tuple[Page, ...]
    cycle: tuple[Page, ...]
    misses: int
    growth: int
    repetitions: int
    interval: tuple[float, float] | None
    draws: int
    searcher: str
    evaluations: int
    visited: int
    units: int
    optimal: bool

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "layers": self.instance.layers,
            "experts": self.instance.experts,
            "cache": self.instance.cache,
            "optimum_slots": self.optimum,
            "ratio": exact(self.ratio),
            "proven": self.proven,
            "optimal": self.optimal,
            "prefix": list(self.prefix),
            "cycle": list(self.cycle),
            "misses": self.misses,
            "growth": self.growth,
            "repetitions": self.repetitions,
            "interval": None if self.interval is None else list(self.interval),
            "draws": self.draws,
            "searcher": self.searcher,
            "evaluations": self.evaluations,
            "visited": self.visited,
            "units": self.units,
        }
