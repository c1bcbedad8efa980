"""How a policy conducts itself: every check of the kit, tried until something is found or time is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from layered_paging.testing.checks import CHECKS
from layered_paging.testing.declared import DECLARABLE, PROPERTIES
from layered_paging.testing.fault import FAULTS, TIME_LIMIT, Fault
from layered_paging.testing.finding import Finding
from layered_paging.testing.guard import until
from layered_paging.testing.hunt import hunt
from layered_paging.testing.known_games import KNOWN, SMALL
from layered_paging.testing.soundness import unsound_state
from paging.errors import OutOfSeconds
from paging.model import Instance, Requests
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


@dataclass(frozen=True, slots=True, eq=False)
class Playing:
    """The game that is to be played next, in case the policy does not come back from it."""

    instance: Instance
    requests: Requests


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


Told: TypeAlias = Finding | Property | Playing | int
"""What is known as the work goes on: a finding, a property, the next game, the number of games tried for legality."""


def conduct(
    make: MakePolicy,
    seconds: float,
    seed: int = 0,
    examples: int = 100,
    tell: Callable[[Told], None] = lambda _: None,
) -> Conduct:
    """Try all checks, then all properties, on ``examples`` games each; every one of them has its share of ``seconds``.

    ``make`` builds a policy under guard. ``tell`` hears of everything at once.
    """
    end = time.monotonic() + seconds
    parts = len(CHECKS) + len(PROPERTIES) + 1

    def share(done: int) -> float:
        return max(0.0, end - time.monotonic()) / (parts - done)

    findings: dict[str, Finding] = {}
    games = 0
    useless = None  # why no further check would say anything

    def announce(instance: Instance, requests: Requests) -> None:
        tell(Playing(instance, requests))

    def find(found: Finding) -> None:
        if found.name not in findings:
            findings[found.name] = found
            tell(found)

    for number, (name, check) in enumerate(CHECKS.items()):
        known = SMALL if name == "legality" else ()
        tried = hunt(
            make, check, examples=examples, seconds=share(number), known=known, seed=seed, announce=announce
        )
        found = tried.smallest
        if name == "legality":
            games = tried.played
            tell(games)
        if found is not None:
            find(found)
            if found.name == TIME_LIMIT:
                useless = "a decision does not end"
            elif name == "reproducibility":
                useless = "two equal runs differ"
        if useless is not None:
            break
    unsound = None if useless else _unsound(make, max(60, examples), share(len(CHECKS)))
    if unsound is not None:
        find(unsound)
    judged = []
    for number, name in enumerate(PROPERTIES):
        allowed = share(len(CHECKS) + 1 + number)
        judged.append(_judge(make, name, useless, allowed, seed, examples, announce))
        tell(judged[-1])
    return Conduct(tuple(findings.values()), games, tuple(judged))


def _unsound(make: MakePolicy, pasts: int, seconds: float) -> Finding | None:
    try:
        with until(time.monotonic() + seconds):
            return unsound_state(make, pasts=pasts, futures=5)
    except (Fault, OutOfSeconds):
        return None


def _judge(
    make: MakePolicy,
    name: str,
    skipped: str | None,
    seconds: float,
    seed: int,
    examples: int,
    announce: Callable[[Instance, Requests], None],
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
    tried = hunt(
        make,
        PROPERTIES[name],
        examples=examples,
        seconds=seconds,
        known=KNOWN.values(),
        seed=seed,
        announce=announce,
    )
    if tried.smallest is None and not tried.played:
        skipped = "out of time" if tried.fault is None else str(tried.fault)
    return Property(name, declared, tried.smallest, tried.played, skipped)
