"""The best randomized ratio: by a theorem, or between two numbers that strategies on real pages show.

Nobody has a choice with one slot, nor the adversary with one expert: 1. One layer: H_k (McGeoch & Sleator 1991 from above, Fiat
et al. 1991 from below). One page missing, k = nl - 1, n > 1: H_{(n-1)l} + (l-1)/(nl) (derived for this project; H_k at l = 1).
Elsewhere the certificates of the atlas say which caches to draw and which requests; what this is worth is played out.
"""

from __future__ import annotations

import gzip
import json
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from tests.proofs.judge import chain, spread
from tests.proofs.judge.offsets import NotAStrategy
from tests.proofs.judge.optimum import Problem

Interval = tuple[Fraction, Fraction]
ATLAS = Path(__file__).parents[3] / "proofs" / "atlas"


def harmonic(m: int) -> Fraction:
    return sum((Fraction(1, i) for i in range(1, m + 1)), Fraction(0))


@cache
def value(layers: int, experts: int, slots: int) -> Interval:
    """Between which numbers the value is."""
    return theorem(layers, experts, slots) or played(layers, experts, slots)


def theorem(layers: int, experts: int, slots: int) -> Interval | None:
    """Where it is known."""
    if 1 in (slots, experts):
        exact = Fraction(1)
    elif layers == 1:
        exact = harmonic(slots)
    elif slots == experts * layers - 1:
        exact = harmonic((experts - 1) * layers) + Fraction(layers - 1, experts * layers)
    else:
        return None
    return exact, exact


def played(layers: int, experts: int, slots: int) -> Interval:
    """Between 1 and H_k, and between what the strategies of the atlas are worth."""
    found = {"lower": Fraction(1), "upper": harmonic(slots)}
    for side in found:
        path = ATLAS / f"{layers}-{experts}-{slots}-randomized-{side}.json.gz"
        if path.exists():
            c = json.loads(gzip.decompress(path.read_bytes()))
            ratio = Fraction(c["ratio"])
            assert shows(c, Problem(layers, experts, slots), ratio), path.name
            found[side] = (max if side == "lower" else min)(ratio, found[side])
    return found["lower"], found["upper"]


def shows(c: Any, problem: Problem, ratio: Fraction) -> bool:
    """Whether the strategy of a document is worth a ratio: its policy has no larger one, its adversary forces no less."""
    try:
        return (spread.keeps if c["kind"] == "randomized-upper" else chain.forces)(c, problem, ratio)
    except (NotAStrategy, KeyError):
        return False
