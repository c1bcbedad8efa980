"""Play until policy state, adversary state and offset function recur: the cycle's ratio is a proven lower bound."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from adversaries.base import AdaptiveAdversary, ObliviousAdversary
from bounds.checker.check import ratio
from paging.course import Course
from paging.exact import Value
from paging.model import Page
from paging.policies.base import Policy


@dataclass(frozen=True, slots=True)
class Play:
    """A deterministic policy against an adversary without randomness.

    ``costs`` and ``optima``, one entry per round boundary from 0: misses and OPT so far. ``start``: the round at which
    the cycle begins that ends with the last round; None where nothing recurred within the rounds allowed.
    """

    pages: tuple[Page, ...]
    costs: tuple[int, ...]
    optima: tuple[int, ...]
    start: int | None

    @property
    def rounds(self) -> int:
        """Rounds played."""
        return len(self.costs) - 1

    def ratio(self, start: int) -> Value | None:
        """Misses over growth of OPT from round ``start`` to the end; None for 0/0."""
        return ratio(self.costs[-1] - self.costs[start], self.optima[-1] - self.optima[start])


def play_until_recurrence(
    policy: Policy,
    adversary: AdaptiveAdversary | ObliviousAdversary,
    rounds: int,
    rng: np.random.Generator,
) -> Play:
    """Play at most ``rounds`` rounds, fewer if the whole situation at a round boundary recurs.

    An oblivious adversary must be a fixed cycle (``period``); a policy without a canonical state never recurs.
    """
    instance = adversary.instance
    course = Course(policy, instance, rng)
    fixed: list[Page] | None = None
    if isinstance(adversary, ObliviousAdversary):
        fixed = adversary.sequence(rounds, rng).tolist()
    seen: dict[Hashable, int] = {}
    pages: list[Page] = []
    costs, optima = [0], [0]
    for number in range(rounds):
        for _ in range(instance.layers):
            if isinstance(adversary, AdaptiveAdversary):
                page = adversary.next_page(course.player.cache)
            else:
                assert fixed is not None
                page = fixed[len(pages)]
            pages.append(page)
            course.request(page)
        costs.append(course.misses)
        optima.append(course.optimum)
        situation = course.situation()
        if situation is None:
            continue
        if isinstance(adversary, AdaptiveAdversary):
            turn = adversary.state()
        else:
            turn = len(pages) % (adversary.period or len(pages) + 1)
        start = seen.setdefault((situation, turn), number + 1)
        if start <= number:
            return Play(tuple(pages), tuple(costs), tuple(optima), start)
    return Play(tuple(pages), tuple(costs), tuple(optima), None)
