"""The report card of a policy."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from layered_paging.report.conduct import Conduct, conduct
from layered_paging.report.ratios import Ratio, ratios, worst_of
from layered_paging.report.traces import Behaviour, behaviours
from layered_paging.testing.fault import TIME_LIMIT
from layered_paging.testing.guard import CANONICAL_STATE, SECONDS, guarded, under_guard
from layered_paging.testing.worst import Worst
from paging.errors import InvalidArgument
from paging.model import Requests
from paging.policies.named import PolicyLike, named

CONDUCT, RATIOS = 0.4, 0.9
"""Shares of the time after which the conduct and the ratios should be done."""

LEAST_FOR_TRACES = 5.0
"""Seconds, even if the time is over."""

GAMES = 7
"""Tried per check and second; so the findings depend on the seed, and on the clock only where that is not enough time."""

FEWEST, MOST = 20, 300
"""Games per check."""


@dataclass(frozen=True, slots=True)
class Card:
    """``worst``: the worst sequence found, None where nothing is known."""

    policy: str
    conduct: Conduct
    ratios: tuple[Ratio, ...]
    behaviours: tuple[Behaviour, ...]
    worst: Worst | None

    @property
    def sound(self) -> bool:
        """Nothing is wrong with the policy, and no declared property was refuted."""
        return not self.conduct.findings and not any(one.broken for one in self.conduct.properties)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; exact ratios as strings."""
        return {
            "policy": self.policy,
            "legal": self.conduct.legal,
            "sound": self.sound,
            "findings": [found.to_dict() for found in self.conduct.findings],
            "properties": {one.name: one.to_dict() for one in self.conduct.properties},
            "ratios": [one.to_dict() for one in self.ratios],
            "traces": [one.to_dict() for one in self.behaviours],
            "worst": None if self.worst is None else self.worst.to_dict(),
        }


def check(
    policy: PolicyLike,
    *,
    seconds: float = 40.0,
    limit: float = SECONDS,
    seed: int = 0,
    given: Sequence[tuple[str, Requests, int]] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Card:
    """Write the card of a policy in about ``seconds``, a little more where a single step takes long.

    ``limit``: seconds for one decision. ``given``: traces to try
    beside the synthetic ones, as (name, requests, cache size). Raises InvalidArgument for times that are not positive.
    """
    for what, value in (("seconds", seconds), ("limit", limit)):
        if not 0 < value < float("inf"):
            raise InvalidArgument(f"--{what}: expected a positive number, got {value:g}")
    policy, begin = named(policy), time.monotonic()
    progress("conduct")
    examples = max(FEWEST, min(MOST, round(GAMES * seconds)))
    found = conduct(guarded(policy, limit), CONDUCT * seconds, seed, examples)
    rows = ratios(
        under_guard(policy, limit, _withdrawn(found)),
        max(1.0, RATIOS * seconds - (time.monotonic() - begin)),
        seed=seed,
        refused=_no_ratio(found),
        progress=progress,
    )
    all_ratios = tuple(rows)
    deadline = max(begin + seconds, time.monotonic() + LEAST_FOR_TRACES)
    seen = behaviours(under_guard(policy, limit), given, deadline, seed=seed, progress=progress)
    return Card(policy.id, found, all_ratios, tuple(seen), worst_of(all_ratios))


def _no_ratio(found: Conduct) -> str | None:
    """Why nothing can be said of the policy's ratio."""
    if found.hangs:
        return TIME_LIMIT
    names = {one.name for one in found.findings}
    if "unseeded-randomness" in names:
        return "not reproducible"
    if "shared-state" in names:
        return "its instances share state"
    return None


def _withdrawn(found: Conduct) -> frozenset[str]:
    """What the policy says of itself and was refuted; a ratio must not rest on it."""
    names = {one.name for one in found.findings if one.name == CANONICAL_STATE}
    return frozenset(names | {one.name for one in found.properties if one.broken})
