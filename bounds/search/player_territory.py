"""The territory of any policy with a canonical state, at any instance: the policy object plays, in real pages."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from bounds.search.problem import Problem
from bounds.search.territory import Territory, Walk
from paging.course import Course
from paging.model import Page

REQUESTS_PER_STATE = 3
"""Requests that a unit without a kernel serves, as a multiple of the states allowed."""


class PlayerTerritory(Territory):
    """Of any policy with a canonical state, in real pages; a state is reached again by replaying the way to it."""

    def __init__(self, problem: Problem, most: int) -> None:
        super().__init__(problem, most)
        self._served = 0
        self._known: dict[Hashable, int] = {}
        self._begin()
        self._prices(0)

    @property
    def tired(self) -> bool:
        """To replay is slow: the requests served count, too."""
        return self.full or self._served >= REQUESTS_PER_STATE * self.most

    def walk(self, walk: Walk, rng: np.random.Generator) -> None:
        """By the policy object."""
        self._begin()
        for entry in self.path(walk.start):
            self._play(entry % self.experts)
        x, stale = walk.start, 0
        for step in range(walk.steps):
            along = step == 0 and walk.request >= 0
            expert = walk.request % self.experts if along else self._choose(x, walk, rng)
            entry = x * self.experts + expert
            if self.made[entry]:
                stale += 1
                if stale > 3 * self.problem.instance.pages:
                    break
                self._play(expert)
                x = int(self.to[entry])
                continue
            if self.full:
                break
            paid = self._play(expert)
            y = self._known.setdefault(self._course.situation(), self.count)
            if y == self.count:
                self.count += 1
                self.came[y] = entry
                self._prices(y)
                stale = 0
            self.made[entry] = True
            self.cost[entry] = paid
            self.to[entry] = y
            x = y

    def pages(
        self, path: tuple[int, ...], loop: tuple[int, ...]
    ) -> tuple[tuple[Page, ...], tuple[Page, ...]]:
        """Entries name experts."""
        instance = self.problem.instance
        both = [
            instance.page(t % instance.layers, entry % self.experts) for t, entry in enumerate((*path, *loop))
        ]
        return tuple(both[: len(path)]), tuple(both[len(path) :])

    def _begin(self) -> None:
        self._course = Course(self.problem.policy, self.problem.instance, slots=self.problem.slots)

    def _play(self, expert: int) -> int:
        missed, grows = self._course.request(self.problem.instance.page(self._course.turn, expert))
        self._served += 1
        return missed + 2 * grows

    def _prices(self, state: int) -> None:
        pages = self.problem.instance.layer_pages(self._course.turn)
        for entry, page in enumerate(pages, state * self.experts):
            self.price[entry] = (page not in self._course.player.cache) + 2 * self._course.offset.grows_at(
                page
            )

    def _choose(self, state: int, walk: Walk, rng: np.random.Generator) -> int:
        from bounds.search.kernels.walks import preference

        entries = range(state * self.experts, (state + 1) * self.experts)
        curious = rng.random() < walk.curiosity and not all(self.made[j] for j in entries)
        blind = rng.random() < walk.noise
        levels = self._course.offset.level[: self.problem.instance.pages]
        free = any(
            int(q) not in self._course.player.cache
            for q in np.flatnonzero(levels < self._course.offset.outside)
        )
        first = self.problem.instance.page(self._course.turn, 0)
        liked = {}
        for e, j in enumerate(entries):
            if not (curious and self.made[j]):
                draw = rng.random()
                level = int(levels[first + e])
                liked[e] = draw if blind else preference(int(self.price[j]), level, free, walk.rule, rng)
        return max(liked, key=liked.__getitem__)
