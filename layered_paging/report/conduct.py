"""How a policy conducts itself: every check of the kit, tried until something is found or time is over."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from layered_paging.testing.checks import CHECKS
from layered_paging.testing.declared import DECLARABLE, PROPERTIES
from layered_paging.testing.fault import FAULTS, TIME_LIMIT, Fault
from layered_paging.testing.finding import Finding
from layered_paging.testing.hunt import hunt
from layered_paging.testing.known_games import KNOWN, SMALL
from layered_paging.testing.soundness import unsound_state
from paging.policies.named import MakePolicy


@dataclass(frozen=True, slots=True)
class Property:
    """``counterexample``: None if none was found in ``games`` games, which proves nothing. ``declared``: None for what cannot
    be. ``skipped``: why it was not judged.
    """

    name: str
    declared: bool | None
    counterexample: Finding | None
    games: int
    skipped: str | None = None

    @property
    def broken(self) -> bool:
        """Declared, and refuted."""
        return bool(self.declared) and self.counterexample is not None

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; ``holds`` is null where nothing was judged."""
        return {
            "declared": self.declared,
            "holds": None if self.skipped else self.counterexample is None,
            "games": self.games,
            "counterexample": None if self.counterexample is None else self.counterexample.to_dict(),
            "skipped": self.skipped,
        }


@dataclass(frozen=True, slots=True)
class Conduct:
    """``findings``: what is wrong, one of each name. ``games``: tried for legality."""

    findings: tuple[Finding, ...]
    games: int
    properties: tuple[Property, ...]

    @property
    def legal(self) -> bool:
        """Whether the policy always played to the end."""
        return not any(found.name in FAULTS for found in self.findings)

    @property
    def hangs(self) -> bool:
        """Whether a decision did not end."""
        return any(found.name == TIME_LIMIT for found in self.findings)


def conduct(make: MakePolicy, seconds: float, seed: int = 0, examples: int = 100) -> Conduct:
    """Try all checks, then all properties, on ``examples`` games each, in at most about ``seconds``.

    ``make`` builds a policy under guard.
    """
    end = time.monotonic() + seconds
    share = seconds / (len(CHECKS) + len(PROPERTIES) + 1)
    findings: dict[str, Finding] = {}
    games = 0
    useless = None  # why no further check would say anything
    for name, check in CHECKS.items():
        known = SMALL if name == "legality" else ()
        tried = hunt(make, check, examples=examples, seconds=share, known=known, seed=seed)
        found = tried.smallest
        games = tried.played if name == "legality" else games
        if found is not None:
            findings.setdefault(found.name, found)
            if found.name == TIME_LIMIT:
                useless = "a decision does not end"
            elif name == "reproducibility":
                useless = "two equal runs differ"
        if useless is not None:
            break
    unsound = None if useless else _unsound(make, max(60, examples))
    if unsound is not None:
        findings.setdefault(unsound.name, unsound)
    judged = []
    for name in PROPERTIES:
        allowed = max(share, (end - time.monotonic()) / len(PROPERTIES))
        judged.append(_judge(make, name, useless, allowed, seed, examples))
    return Conduct(tuple(findings.values()), games, tuple(judged))


def _unsound(make: MakePolicy, pasts: int) -> Finding | None:
    try:
        return unsound_state(make, pasts=pasts, futures=5)
    except Fault:
        return None


def _judge(
    make: MakePolicy, name: str, skipped: str | None, seconds: float, seed: int, examples: int
) -> Property:
    try:
        policy = make()
    except Fault as fault:
        return Property(name, None, None, 0, str(fault))
    declared = bool(getattr(policy, name)) if name in DECLARABLE else None
    if skipped is not None:
        return Property(name, declared, None, 0, skipped)
    if name in ("stack", "monotone") and not policy.deterministic:
        return Property(name, declared, None, 0, "randomized: caches of two sizes have no common draws")
    tried = hunt(make, PROPERTIES[name], examples=examples, seconds=seconds, known=KNOWN.values(), seed=seed)
    if tried.smallest is None and not tried.played:
        skipped = "no game was played to its end" if tried.fault is None else str(tried.fault)
    return Property(name, declared, tried.smallest, tried.played, skipped)
