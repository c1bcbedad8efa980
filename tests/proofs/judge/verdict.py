"""Whether the claim of a certificate is true, decided without the verifier, on instances of at most six pages.

The claim is read as strictly as it can be: what is not a claim of the format says nothing, and to accept it would be false.
A claim of a randomized ratio that lies between what is known from both sides is as true as its own strategy makes it; against
an optimum with fewer slots nothing is known but that the best deterministic policy is one of the randomized ones.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Literal

from tests.proofs.judge import policies, randomized
from tests.proofs.judge.game import best_deterministic
from tests.proofs.judge.optimum import Problem
from tests.proofs.judge.transducer import NotAPolicy, Transducer, ratio

Verdict = Literal["true", "false", "undecided"]
PAGES = 6

DECIDED = [(l, n, k) for l in range(1, PAGES + 1) for n in range(1, PAGES // l + 1) for k in range(1, l * n)]
"""The instances, (layers, experts, slots)."""


def decidable(c: Any) -> bool:
    """Whether a document speaks of an instance that the judge can play out, or of none."""
    numbers = tuple(c.get(name) for name in ("layers", "experts", "cache"))
    if not all(type(number) is int for number in numbers):
        return True
    l, n, k = numbers
    if not (l > 0 and n > 0 and 0 < k < l * n):
        return True
    return bool(l * n <= PAGES)


def between(claim: Fraction, upper: bool, low: Fraction, high: Fraction) -> Verdict:
    """The claim that a number between ``low`` and ``high`` is at most, or at least, ``claim``."""
    if claim >= high if upper else claim <= low:
        return "true"
    return "false" if (claim < low if upper else claim > high) else "undecided"


def judge(c: Any) -> Verdict:
    """The verdict on a document. One without the fields of its kind says nothing."""
    try:
        return claimed(c)
    except (KeyError, TypeError):
        return "false"


def claimed(c: Any) -> Verdict:
    """The verdict on a document with a claim."""
    if (c["format"], c["version"]) != ("layered-paging certificate", 1) or type(c["version"]) is not int:
        return "false"
    numbers = c["layers"], c["experts"], c["cache"]
    if not decidable(c):
        return "undecided"
    if not all(type(number) is int for number in numbers) or numbers not in DECIDED:
        return "false"
    l, n, k = numbers
    h = c.get("opt_cache", k)
    if "opt_cache" in c and not (type(h) is int and 0 < h < k):
        return "false"
    kind, text = c["kind"], c["ratio"]
    whose, _, side = str(kind).partition("-")
    if whose not in ("policy", "deterministic", "randomized") or side not in ("lower", "upper"):
        return "false"
    readable = isinstance(text, str) and re.fullmatch("[0-9]+(/0*[1-9][0-9]*)?", text)
    if (kind, text) != ("policy-lower", "inf") and not readable:
        return "false"
    claim = None if text == "inf" else Fraction(text)
    if whose == "policy":
        return policy(c, Problem(l, n, h), k, claim)
    assert claim is not None
    if whose == "deterministic":
        value = best_deterministic(l, n, k, h)
        return between(claim, side == "upper", value, value)
    if h < k:
        return between(claim, side == "upper", Fraction(0), best_deterministic(l, n, k, h))
    verdict = between(claim, side == "upper", *randomized.value(*numbers))
    if verdict == "undecided":
        return "true" if randomized.shows(c, Problem(*numbers), claim) else "false"
    return verdict


def policy(c: Any, problem: Problem, cache: int, claim: Fraction | None) -> Verdict:
    """LRU and FIFO by their exact ratio. A table from above by its own; from below by what the cycle shows.

    ``cache``: slots of the policy; the problem has those of the optimum.
    """
    try:
        if not isinstance(c["policy"], str):
            return "false"
        if c["policy"] in ("lru", "fifo"):
            found = policies.exact(c["policy"], problem.layers, problem.experts, cache, problem.slots)
        elif c["kind"] == "policy-upper":
            found = ratio(problem, c["moves"], c.get("start"), cache)
        else:
            parts = c["prefix"], c["cycle"]
            if not all(isinstance(part, list) for part in parts):
                return "false"
            misses, growth = Transducer(problem, c["moves"], c.get("start"), cache).shown(*parts)
            if misses == 0:
                return "false"
            found = Fraction(misses, growth) if growth else None
    except NotAPolicy:
        return "false"
    except OverflowError:
        return "undecided"
    if claim is None or found is None:
        return "true" if found is None and c["kind"] == "policy-lower" else "false"
    return between(claim, c["kind"] == "policy-upper", found, found)
