"""Play until policy state, adversary state and offset function recur: the cycle's ratio is a proven lower bound."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from adversaries.base import AdaptiveAdversary, ObliviousAdversary
from bounds.checker.check import ratio
from bounds.checker.upper import prefix_optima
from paging.course import Course
from paging.exact import Value
from paging.model import Instance, Page, Requests
from paging.policies.base import Policy


@dataclass(frozen=True, slots=True)
class Play:
    """A deterministic policy against an adversary without randomness.

    ``costs`` and ``optima``, one entry per round boundary from 0: misses and OPT so far. ``start``: the round at which
    the cycle begins that ends with the last round; None where nothing recurred within the rounds allowed.
    """

    instance: Instance
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

    def first(self, rounds: int) -> tuple[Page, ...] | None:
        """The requests of so many rounds, by repetition of the cycle; None where it ended before, without one."""
        if rounds > self.rounds and self.start is None:
            return None
        length, pages = rounds * self.instance.layers, list(self.pages)
        cycle = pages[(self.start or 0) * self.instance.layers :]
        while len(pages) < length:
            pages += cycle
        return tuple(pages[:length])


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
    costs = [0]
    start = None
    for number in range(rounds):
        for _ in range(instance.layers):
            if isinstance(adversary, AdaptiveAdversary):
                page = adversary.next_page(course.player.cache)
            else:
                assert fixed is not None
                page = fixed[len(pages)]
            pages.append(page)
            course.serve(page)
        costs.append(course.misses)
        situation = course.situation()
        if situation is None:
            continue
        if isinstance(adversary, AdaptiveAdversary):
            turn = adversary.state()
        else:
            turn = len(pages) % (adversary.period or len(pages) + 1)
        first = seen.setdefault((situation, turn), number + 1)
        if first <= number:
            start = first
            break
    requests = Requests.of(instance.layers, instance.experts, pages)
    optima = prefix_optima(requests, instance, instance.cache)[instance.layers - 1 :: instance.layers]
    return Play(instance, tuple(pages), tuple(costs), (0, *optima.tolist()), start)
