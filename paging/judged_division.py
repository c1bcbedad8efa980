"""A division of the cache that is found on one part of a trace and judged on the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from paging.cache import even_shares
from paging.division import (
    Divided,
    Division,
    best_division,
    division_misses,
    shared_misses,
)
from paging.errors import InvalidArgument
from paging.model import Requests, Semantics
from paging.traces.trace import Phase, Trace


@dataclass(frozen=True, slots=True)
class Judged:
    """Misses of ``policy`` in both parts, (found on, judged on): with the best ``division`` of the first part, with even shares
    (None: too few slots), with one shared cache. ``hindsight``: the best division of the second part, which nobody knows
    beforehand."""

    policy: Divided
    division: Division
    divided: tuple[int, int]
    even: tuple[int, int] | None
    shared: tuple[int, int]
    hindsight: Division

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "policy": self.policy,
            "slots": list(self.division.slots),
            "misses": dict(zip(PARTS, self.divided, strict=True)),
            "even": None if self.even is None else dict(zip(PARTS, self.even, strict=True)),
            "shared": dict(zip(PARTS, self.shared, strict=True)),
            "hindsight": self.hindsight.to_dict(),
        }


PARTS = ("trained", "judged")


def parts(
    trace: Trace, split: Fraction, phase: Phase = "decode", *, atomic: bool = False
) -> tuple[Requests, Requests]:
    """The requests of the first tokens, so large a share of them, and those of all tokens, of which only the others count: the
    first ones warm the cache. Raises InvalidArgument unless both parts have a token, InvalidTrace as ``Trace.requests``."""
    tokens = int(np.count_nonzero(trace.of_phase(phase)))
    first = int(split * tokens)
    if not 0 < first < tokens:
        raise InvalidArgument(
            f"split: expected a share that leaves tokens on both sides, got {float(split):g} of {tokens} tokens"
        )
    semantics: Semantics = "atomic" if atomic else "sequential"
    return trace.requests(phase, semantics, tokens=first), trace.requests(phase, semantics, warmup=first)


def judged_division(
    trained: Requests,
    judged: Requests,
    cache: int,
    policy: Divided = "lru",
    sizes: Sequence[int] | None = None,
) -> Judged:
    """``cache`` in slots or, with the ``sizes`` of an expert of each layer, in bytes. Raises as ``best_division``."""
    division = best_division(trained, cache, policy, sizes)
    both = (trained, judged)
    each = [1] * trained.layers if sizes is None else sizes
    equal = [share // size for share, size in zip(even_shares(cache, trained.layers), each, strict=True)]

    def misses(slots: Sequence[int]) -> tuple[int, int]:
        return division_misses(trained, slots, policy), division_misses(judged, slots, policy)

    one, other = (shared_misses(part, cache, policy, sizes) for part in both)
    return Judged(
        policy,
        division,
        misses(division.slots),
        misses(equal) if min(equal) >= trained.batch else None,
        (one, other),
        best_division(judged, cache, policy, sizes),
    )
