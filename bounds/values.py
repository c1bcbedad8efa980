"""What the theorems say of the best policies: bounds from both sides at any size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from bounds.theorems.registry import THEOREMS
from bounds.theorems.scopes import DETERMINISTIC, EVERY
from bounds.theorems.theorem import Theorem
from paging.exact import Value, exact
from paging.model import Instance


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A ratio lies between ``lower`` and ``upper``; who says so: ids of theorems, or what else proves it."""

    lower: Value
    upper: Value
    lower_by: str
    upper_by: str

    @property
    def value(self) -> Value | None:
        """The ratio, where both sides meet."""
        return self.lower if self.lower == self.upper else None

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; exact values as strings."""
        return {
            "lower": exact(self.lower),
            "upper": exact(self.upper),
            "by": {"lower": self.lower_by, "upper": self.upper_by},
        }

    def within(self, lower: Value, upper: Value, by: str) -> Enclosure:
        """This one, narrowed where another proof says more."""
        return Enclosure(
            max(self.lower, lower),
            min(self.upper, upper),
            by if lower > self.lower else self.lower_by,
            by if upper < self.upper else self.upper_by,
        )


@dataclass(frozen=True, slots=True)
class Known:
    """The best deterministic and the best randomized ratio at an instance, as far as they are known."""

    instance: Instance
    deterministic: Enclosure
    randomized: Enclosure

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {"deterministic": self.deterministic.to_dict(), "randomized": self.randomized.to_dict()}


TRIVIAL = "all pages fit"
DEFINITION = "no policy beats OPT"

SLOW = ("randomized-uniform-lower",)
"""Its formula takes longer than an instant at large sizes; it is asked up to so many pages."""
SLOW_PAGES = 64


def value(instance: Instance) -> Known:
    """The best bounds that the theorems give. O(k) arithmetic; at k >= n*l every policy is optimal."""
    if instance.trivial:
        one = Enclosure(Fraction(1), Fraction(1), TRIVIAL, TRIVIAL)
        return Known(instance, one, one)
    there = [
        theorem
        for theorem in THEOREMS.values()
        if theorem.precondition.holds(instance) and (theorem.id not in SLOW or instance.pages <= SLOW_PAGES)
    ]
    every = _largest(instance, [t for t in there if t.direction == "lower" and t.scope is EVERY])
    fixed = _largest(instance, [t for t in there if t.direction == "lower" and t.scope is DETERMINISTIC])
    upper = [t for t in there if t.direction == "upper" and not t.augmented]
    some = _smallest(instance, [t for t in upper if not t.expected])
    drawn = _smallest(instance, upper)
    lower = max(every, fixed, key=lambda each: each[0])
    return Known(
        instance,
        Enclosure(lower[0], some[0], lower[1], some[1]),
        Enclosure(every[0], drawn[0], every[1], drawn[1]),
    )


def _largest(instance: Instance, theorems: list[Theorem]) -> tuple[Value, str]:
    least: tuple[Value, str] = (Fraction(1), DEFINITION)
    return max((least, *((t.bound(instance), t.id) for t in theorems)), key=lambda each: each[0])


def _smallest(instance: Instance, theorems: list[Theorem]) -> tuple[Value, str]:
    most: tuple[Value, str] = (math.inf, "nothing")
    return min((most, *((t.bound(instance), t.id) for t in theorems)), key=lambda each: each[0])
