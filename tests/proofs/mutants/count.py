"""Mutants tried on the verifier, and the accepted ones judged."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.proofs.judge.verdict import decidable, judge
from tests.proofs.mutants.mutate import mutant

Verifier = Callable[[Any], str]


@dataclass
class Tally:
    """``counts``: by kind of the certificate that was changed, and what became of the mutant."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    """Accepted mutants with a claim that is false or undecided, and how others failed but by a rejection."""

    def of(self, what: str) -> int:
        return sum(count for (_, name), count in self.counts.items() if name == what)


def accepts(verify: Verifier, rejected: type[Exception], c: Any) -> bool:
    try:
        verify(c)
    except rejected:
        return False
    return True


def tally(
    verify: Verifier,
    rejected: type[Exception],
    bases: list[str],
    count: int,
    rng: random.Random,
    seen: set[int] | None = None,
) -> Tally:
    """``rejected``: what the verifier raises; anything else it raises is a fault.

    Each mutant can be decided, and differs from the ``bases``, from the others and from those ``seen`` before.
    """
    result = Tally()
    seen = set() if seen is None else seen
    seen |= {hash(json.dumps(json.loads(base), sort_keys=True)) for base in bases}
    kinds = [json.loads(base)["kind"] for base in bases]
    done = 0
    while done < count:
        which = rng.randrange(len(bases))
        c = mutant(rng, bases[which])
        text = json.dumps(c, sort_keys=True)
        if hash(text) in seen or not decidable(c):
            continue
        seen.add(hash(text))
        done += 1
        try:
            accepted = accepts(verify, rejected, c)
        except Exception as error:
            accepted, verdict = False, f"failed: {type(error).__name__}"
            result.wrong.append(f"{verdict} {text}")
        else:
            verdict = f"accepted, {judge(c)}" if accepted else "rejected"
        result.counts[kinds[which], verdict] += 1
        if accepted and verdict != "accepted, true":
            result.wrong.append(text)
    return result
