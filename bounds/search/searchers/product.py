"""Best-first search in the product graph of policy state and offset function, guided by the best cycle so far as potential."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from bounds.search.found import Candidate
from bounds.search.judge import judge, value
from bounds.search.kernel_territory import KernelTerritory, has_kernel
from bounds.search.player_territory import PlayerTerritory
from bounds.search.problem import Problem
from bounds.search.searchers.base import Harvest, Order
from bounds.search.territory import Territory, Walk

FIRST_RULES = ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1), (2, 2, 2))
"""Walks from the beginning: greedy in different ways (see preference in bounds.search.kernels.walks)."""

STATES = 4096
DOUBLINGS = 6
"""A unit knows at most so many states: the first one STATES, later ones up to 2^DOUBLINGS times as many. Where
states are limited, each may be needed: no unit is spent on a part of a part."""

GROWTH = 1.05
"""The best cycle is computed anew when the number of states has grown by this factor."""

PATIENCE = 500
"""Walks in a row without a new state, after which a unit ends."""

IDLE = 20
"""Walks in a row without a new state, after which they begin at any request not made yet."""

BEST_FIRST = 0.5
"""The share of walks that begin at the most promising request; the others begin on the best cycle, or anywhere."""

NOISES, CURIOSITIES = (0.0, 0.05, 0.2), (0.0, 0.1, 0.5)


class Product:
    """Walks explore part of the graph; the worst cycle in that part is found exactly, in integers.

    With r = p/q the ratio of the best cycle, every way from it has a weight q * miss - p * growth; to come back to
    it with a positive one is to have a worse cycle. So the next walk begins at the request, not made yet, to which the
    heaviest way leads, and goes on greedily: a page that hurts the policy but not OPT, if there is one.
    """

    def units(self, problem: Problem) -> int | None:
        """Without end, given a canonical state."""
        return None if problem.finite else 0

    def work(self, problem: Problem, order: Order) -> Harvest:
        """Explore a part of the graph from the beginning; later units a larger one."""
        most = STATES << min(order.number, DOUBLINGS)
        if order.most_states is not None:
            most = min(order.most_states, STATES << DOUBLINGS)
        make = KernelTerritory if has_kernel(problem) else PlayerTerritory
        expedition = _Expedition(make(problem, most), order)
        expedition.go()
        return expedition.harvest()


class _Expedition:
    """One unit's work."""

    def __init__(self, territory: Territory, order: Order) -> None:
        self._territory = territory
        self._order = order
        self._walks = self._idle = 0
        self._best: tuple[int, int, int] | None = None
        self._on_cycle = np.zeros(1, np.int64)
        self._far: NDArray[np.int64] | None = None

    def go(self) -> None:
        """Walk until there is nothing more to find."""
        territory, order = self._territory, self._order
        look_at = 1
        while not territory.tired and not order.late and self._idle < PATIENCE:
            before = territory.count
            self._walk()
            self._walks += 1
            self._idle = 0 if territory.count > before else self._idle + 1
            if territory.count >= look_at or territory.full or self._idle % 50 == 49:
                self._look()
                look_at = int(territory.count * GROWTH) + 1
                if self._best and self._ratio() >= territory.problem.upper:
                    return
                if self._idle and territory.complete:
                    return
        self._look()

    def harvest(self) -> Harvest:
        """The best cycle in real pages, proven once more by playing it."""
        territory = self._territory
        candidate: Candidate | None = None
        if self._best is not None:
            on = self._best[2]
            prefix, cycle = territory.pages(territory.path(on), territory.loop(on))
            candidate = judge(territory.problem, prefix, cycle, self._order.rng)
        return Harvest(candidate, self._walks, territory.count, territory.complete)

    def _walk(self) -> None:
        territory, rng = self._territory, self._order.rng
        pages = territory.problem.instance.pages
        if self._walks < len(FIRST_RULES):
            rule = np.array(FIRST_RULES[self._walks], np.int64)
            territory.walk(Walk(0, rule, 50 * pages), rng)
            return
        rule = rng.integers(3, size=3)
        if self._best and self._far is not None and rng.random() < BEST_FIRST:
            misses, growth, _ = self._best
            entry = territory.frontier(self._far, misses, growth, float(rng.choice((0.0, 0.5))), rng)
            if entry >= 0:
                territory.walk(Walk(entry // territory.experts, rule, 1 + pages, entry), rng)
                return
        if self._idle > IDLE and len(left := territory.open_entries()):
            entry = int(rng.choice(left))
            territory.walk(Walk(entry // territory.experts, rule, 1 + pages, entry), rng)
            return
        anywhere = rng.integers(territory.count) if rng.random() < 0.4 else rng.choice(self._on_cycle)
        noise, curiosity = float(rng.choice(NOISES)), float(rng.choice(CURIOSITIES))
        territory.walk(Walk(int(anywhere), rule, 10 * pages, noise=noise, curiosity=curiosity), rng)

    def _look(self) -> None:
        best = self._territory.best_cycle()
        if best is not None:
            self._best = best
            loop = np.array(self._territory.loop(best[2]))
            self._on_cycle = loop // self._territory.experts
            misses, growth, on = best
            # now, while no cycle is heavier: the next walks may close one
            self._far = self._territory.distances(on, misses, growth) if growth else None

    def _ratio(self) -> Fraction | float:
        assert self._best is not None
        ratio = value(self._best[0], self._best[1])
        assert ratio is not None
        return ratio
