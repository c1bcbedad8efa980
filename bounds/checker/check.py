"""The outcome of trying one theorem on one instance with one policy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from bounds.theorems.theorem import Theorem
from paging.exact import Value, exact
from paging.model import Instance, Page

Evidence: TypeAlias = Literal["recurrence", "window", "prefixes", "interval", "exact"]


@dataclass(frozen=True, slots=True)
class Check:
    """``ok``: True, False (violated) or None (inconclusive).

    ``measured``: exact; with evidence "interval" an estimate. Then ``interval`` encloses the mean *slack*, how far the
    claim is from being violated, in misses. ``sequence``: the requests that violate the claim.

    With evidence "exact" no adversary was needed (``rounds`` is 0): ``measured`` is the exact ratio, ``excess`` the largest
    ALG - r OPT over all sequences of at least one request, and ``enclosure`` holds the ratio of the best policy.
    """

    theorem: Theorem
    instance: Instance
    adversary: str
    policy: str
    slots: int | None
    bound: Value
    measured: Value
    evidence: Evidence
    rounds: int
    ok: bool | None
    interval: tuple[float, float] | None = None
    sequence: tuple[Page, ...] | None = None
    excess: Fraction | None = None
    enclosure: tuple[Fraction, Fraction] | None = None

    @property
    def margin(self) -> Value:
        """Measured over bound; 1 is tight. A sound upper bound stays <= 1, a lower bound >= 1 (up to c)."""
        if math.inf in (self.measured, self.bound):
            return Fraction(1) if self.measured == self.bound else self.measured / self.bound
        if self.bound == 0:
            return Fraction(1) if self.measured == 0 else math.inf
        return self.measured / self.bound

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; exact values as strings."""
        return {
            "theorem": self.theorem.id,
            "tag": self.theorem.tag,
            "formal": list(self.theorem.formal),
            "adversary": self.adversary,
            "layers": self.instance.layers,
            "experts": self.instance.experts,
            "cache": self.instance.cache,
            "parameters": {} if self.slots is None else {"h": self.slots},
            "policy": self.policy,
            "bound": exact(self.bound),
            "measured": exact(self.measured),
            "evidence": self.evidence,
            "interval": None if self.interval is None else list(self.interval),
            "rounds": self.rounds,
            "ok": self.ok,
            "sequence": None if self.sequence is None else list(self.sequence),
            "excess": None if self.excess is None else exact(self.excess),
            "enclosure": None if self.enclosure is None else [exact(end) for end in self.enclosure],
        }


def ratio(misses: int, growth: int) -> Value | None:
    """misses / growth exactly; inf for misses without growth of OPT; None for 0/0, which shows nothing."""
    if growth:
        return Fraction(misses, growth)
    return math.inf if misses else None
