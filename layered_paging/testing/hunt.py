"""The hunt for a game that breaks a check: known games first, then Hypothesis, which also makes it small."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from hypothesis import Phase, Verbosity, find, settings
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy

from layered_paging.testing.checks import Check
from layered_paging.testing.fault import TIME_LIMIT, Fault
from layered_paging.testing.finding import Finding
from layered_paging.testing.guard import until
from layered_paging.testing.known_games import Game
from layered_paging.testing.shrink import shrink
from layered_paging.testing.strategies import games
from paging.errors import InvalidPartition, OutOfSeconds, UnsupportedProblem
from paging.model import Instance, Requests
from paging.policies.named import MakePolicy

MOST_HUNG = 2


class _Over(BaseException):
    """No Exception: Hypothesis would take one for a finding, and play it again."""


@dataclass(slots=True)
class Hunt:
    """One check, tried on game after game; the smallest finding is kept.

    ``played``: games that were judged. ``fault``: what kept the policy from playing the last game to its end. After MOST_HUNG
    decisions that do not end, or one that is not what the check is about, nothing more is tried: each costs the time limit.
    ``announce`` is told every game before it is played.
    """

    make: MakePolicy
    check: Check
    deadline: float
    announce: Callable[[Instance, Requests], None] = lambda _instance, _requests: None
    smallest: Finding | None = None
    played: int = 0
    fault: Fault | None = None
    _hung: int = field(default=0)

    @property
    def over(self) -> bool:
        """Whether nothing more is to be tried."""
        return time.monotonic() > self.deadline or self._hung >= MOST_HUNG

    def breaks(self, instance: Instance, requests: Requests) -> bool:
        """Whether the check finds something at this game; False also where the policy cannot play it, or time is over."""
        if self.over:
            return False
        self.announce(instance, requests)
        try:
            with until(self.deadline):
                found = self.check(self.make, instance, requests)
        except (InvalidPartition, UnsupportedProblem, OutOfSeconds):
            return False
        except Fault as fault:
            self.fault = fault
            if fault.name == TIME_LIMIT:
                self._hung = MOST_HUNG
            return False
        self.played += 1
        if found is None:
            return False
        self._hung += found.name == TIME_LIMIT
        if self.smallest is None or found.size < self.smallest.size:
            self.smallest = found
        return True


def hunt(
    make: MakePolicy,
    check: Check,
    *,
    examples: int = 100,
    seconds: float = 60,
    known: Iterable[Game] = (),
    tries: SearchStrategy[Game] | None = None,
    seed: int = 0,
    announce: Callable[[Instance, Requests], None] = lambda _instance, _requests: None,
) -> Hunt:
    """Try ``known`` games, then ``examples`` drawn from ``tries`` (default: ``games()``); equal seeds try the same.

    ``make`` builds a policy under guard.
    """
    state = Hunt(make, check, time.monotonic() + seconds, announce)
    for instance, requests in known:
        if state.breaks(instance, requests):
            shrink(instance, requests, state.breaks)
            return state
    options = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        verbosity=Verbosity.quiet,
    )

    def breaks(game: Game) -> bool:
        if state.over:
            raise _Over  # to draw more games takes time
        return state.breaks(*game)

    # nothing found; or the policy, or the clock, would not repeat what was found; or time is over
    with suppress(HypothesisException, _Over):
        find(games() if tries is None else tries, breaks, settings=options, random=Random(seed))
    return state
