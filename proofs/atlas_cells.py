"""The cells of the atlas: what is computed at one instance, with the certificates that prove it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

from paging.exact import Value, exact
from paging.model import Instance
from proofs.certificates.document import Document, checksum

METHOD = 1
"""Cells of another method are computed again."""

POLICY_COLUMNS = ("lru", "fifo", "llru", "guided-far", "guided-keep", "guided-lru")
COLUMNS = (*POLICY_COLUMNS, "guided", "deterministic", "randomized")

PAGES = {"fifo": 8, "llru": 10, "randomized": 8}
"""The columns that end at instances with so many pages: beyond, they take too long."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``certified``: states up to which certificates with something on every state are made; ``computed``: states up to which
    there is a value at all, so that refusals do not depend on the machine."""

    certified: int
    computed: int


POLICY_LIMITS = Limits(100_000, 25_000_000)
GAME_LIMITS = Limits(150_000, 4_000_000)

MEMORIES = (0, 2)
"""Of the random adversary; the second one is tried where the first leaves a gap and the instance has few pages."""

FEW_PAGES = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """``lower`` and ``upper`` bound the ratio (equal where it is exact); ``documents`` holds a certificate for each side that
    has one. ``refused``: why there is no value."""

    lower: Value | None
    upper: Value | None
    states: int
    documents: dict[str, Document] = field(default_factory=dict)
    refused: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; of the certificates their checksums."""
        return {
            "method": METHOD,
            "lower": None if self.lower is None else exact(self.lower),
            "upper": None if self.upper is None else exact(self.upper),
            "states": self.states,
            "certificates": {side: checksum(c) for side, c in sorted(self.documents.items())},
            "refused": self.refused,
        }


def instances(pages: int) -> Iterator[Instance]:
    """All with l >= 1, n >= 2, l <= k < n*l <= pages, the small ones first."""
    for size in range(2, pages + 1):
        for layers in range(1, size // 2 + 1):
            if size % layers == 0:
                for cache in range(layers, size):
                    yield Instance(layers, size // layers, cache)


def columns(instance: Instance) -> tuple[str, ...]:
    """The columns that there are at an instance."""
    return tuple(column for column in COLUMNS if instance.pages <= PAGES.get(column, instance.pages))


def compute(instance: Instance, column: str) -> Cell:
    """One cell."""
    if column == "guided":
        return _guided(instance)
    if column == "deterministic":
        return _deterministic(instance)
    return _randomized(instance) if column == "randomized" else _policy(instance, column)


def _policy(instance: Instance, name: str) -> Cell:
    from bounds.exact.ratio import exact_ratio
    from paging.errors import UnsupportedProblem
    from proofs.certificates.policy import lower_certificate, upper_certificate

    try:
        found = exact_ratio(instance, name, most=POLICY_LIMITS.computed)
    except UnsupportedProblem as error:
        return Cell(None, None, 0, refused=str(error))
    documents = {"lower": lower_certificate(found)}
    if found.potential is not None and found.product.states <= POLICY_LIMITS.certified:
        documents["upper"] = upper_certificate(found)
    return Cell(found.ratio, found.ratio, found.product.states, documents)


def _guided(instance: Instance) -> Cell:
    from bounds.exact.deterministic import best_deterministic
    from paging.errors import UnsupportedProblem
    from proofs.certificates.deterministic import upper_certificate

    try:
        found = best_deterministic(instance, GAME_LIMITS.computed, guided=True)
    except UnsupportedProblem as error:
        return Cell(None, None, 0, refused=str(error))
    small = found.game.states <= GAME_LIMITS.certified
    documents = {"upper": upper_certificate(found)} if small else {}
    return Cell(found.ratio, found.ratio, found.game.states, documents)


def _deterministic(instance: Instance) -> Cell:
    """Where the game is too large: between the theorems and the best guided policy."""
    from bounds.exact.deterministic import best_deterministic
    from paging.errors import UnsupportedProblem
    from proofs.certificates.deterministic import lower_certificate, upper_certificate

    try:
        found = best_deterministic(instance, GAME_LIMITS.computed)
    except UnsupportedProblem as error:
        guided = _guided(instance)
        if guided.upper is None:
            return Cell(None, None, 0, refused=str(error))
        lower = proven_bounds(instance)["deterministic_lower"]
        return Cell(lower, guided.upper, guided.states, guided.documents)
    documents = {}
    if found.game.states <= GAME_LIMITS.certified:
        documents = {"lower": lower_certificate(found), "upper": upper_certificate(found)}
    return Cell(found.ratio, found.ratio, found.game.states, documents)


def _randomized(instance: Instance) -> Cell:
    from bounds.exact.randomized.lower import RandomizedLower, randomized_lower
    from bounds.exact.randomized.upper import randomized_upper
    from proofs.certificates.randomized import lower_certificate, upper_certificate

    upper = randomized_upper(instance)
    lower: RandomizedLower | None = None
    for memory in MEMORIES if instance.pages <= FEW_PAGES else MEMORIES[:1]:
        if lower is None or lower.ratio < upper.ratio:
            found = randomized_lower(instance, memory, upper.ratio)
            lower = found if lower is None or found.ratio > lower.ratio else lower
    assert lower is not None
    documents = {"lower": lower_certificate(lower), "upper": upper_certificate(upper)}
    return Cell(lower.ratio, upper.ratio, len(upper.graph.states), documents)


@cache
def proven_bounds(instance: Instance) -> dict[str, Fraction]:
    """The theorems' bounds: the largest lower and the smallest upper one, for deterministic and for randomized policies."""
    from bounds.theorems.registry import THEOREMS

    def best(direction: str, ids: tuple[str, ...]) -> Fraction:
        values = [
            THEOREMS[name].bound(instance) for name in ids if THEOREMS[name].precondition.holds(instance)
        ]
        chosen = max(values) if direction == "lower" else min(values)
        assert isinstance(chosen, Fraction)
        return chosen

    randomized = ("randomized-lower", "randomized-uniform-lower", "randomized-one-layer-lower")
    applicable = [name for name in randomized if THEOREMS[name].precondition.holds(instance)]
    return {
        "deterministic_lower": best("lower", ("deterministic-lower",)),
        "deterministic_upper": best("upper", ("guided-upper", "one-slot-partition-upper")),
        "randomized_lower": best("lower", tuple(applicable)) if applicable else Fraction(1),
        "randomized_upper": best("upper", ("randomized-upper",)),
    }
