"""The part of the product graph of policy state and offset function that walks have seen, and the best cycle in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from math import gcd

import numpy as np
from numpy.typing import NDArray

from bounds.exact.product import KINDS, ProductGraph
from bounds.exact.ratio import real_pages
from bounds.search.problem import Problem
from paging.model import Page
from paging.offline.offset import OffsetFunction

REQUESTS_PER_STATE = 3
"""Requests that a unit without a kernel serves, as a multiple of the states allowed."""

Rule = NDArray[np.int64]
"""Preferences of a walk, see bounds.search.kernels.walks.preference."""


class Territory(ABC):
    """Arrays as in bounds.search.kernels.walks; state 0 is the beginning."""

    def __init__(self, problem: Problem, most: int) -> None:
        self.problem = problem
        self.experts = problem.instance.experts
        self.most = most
        self.count = 1
        entries = most * self.experts
        self.price = np.full(entries, -1, np.int8)
        self.cost = np.zeros(entries, np.int8)
        self.to = np.repeat(np.arange(most, dtype=np.int32), self.experts)
        self.made = np.zeros(entries, np.bool_)
        self.came = np.full(most, -1, np.int32)
        self._tau = np.empty(0, np.int64)

    @property
    def full(self) -> bool:
        """Whether no more states are allowed."""
        return self.count >= self.most

    @property
    def tired(self) -> bool:
        """Whether a unit of work should end here."""
        return self.full

    @abstractmethod
    def walk(
        self,
        start: int,
        request: int,
        rule: Rule,
        noise: float,
        curiosity: float,
        steps: int,
        rng: np.random.Generator,
    ) -> None:
        """Go on from a state, first along ``request`` unless it is -1."""

    @abstractmethod
    def pages(self, path: tuple[int, ...], loop: tuple[int, ...]) -> tuple[tuple[Page, ...], tuple[Page, ...]]:
        """Entries as real pages: prefix and cycle."""

    @property
    def complete(self) -> bool:
        """Whether every request of every reachable state was made."""
        known = self.price[: self.count * self.experts]
        return not self.full and bool(np.all(self.made[: len(known)] | (known == -1)))

    def best_cycle(self) -> tuple[int, int, int] | None:
        """Misses and growth (0: infinite) of the cycle with the largest ratio, and a state on it; in lowest terms."""
        from bounds.exact.kernels.iteration import initial_adversary, one_player

        first, cost, to = self._arrays()
        tau = initial_adversary(first, cost)
        tau[: len(self._tau)] = self._tau  # most of it is as it was
        misses, growth, on, _ = one_player(first, cost, to, tau, np.zeros(self.count, np.int64), 0, 0)
        self._tau = tau
        divisor = gcd(misses, growth)
        return None if on < 0 or misses == 0 else (misses // divisor, growth // divisor, on)

    def loop(self, on: int) -> tuple[int, ...]:
        """The entries of the cycle last found, from its state ``on``."""
        entries = [int(self._tau[on])]
        while (x := int(self.to[entries[-1]])) != on:
            entries.append(int(self._tau[x]))
        return tuple(entries)

    def distances(self, on: int, p: int, q: int) -> NDArray[np.int64]:
        """The heaviest way from state ``on`` to each state known now, by q * miss - p * growth; p/q must be the ratio of the best
        cycle of all that was walked."""
        from bounds.search.kernels import walks

        return walks.distances(self.experts, self.count, self.cost, self.to, self.made, on, p, q)  # type: ignore[no-any-return]

    def frontier(
        self, far: NDArray[np.int64], p: int, q: int, noise: float, rng: np.random.Generator
    ) -> int:
        """The entry, not made yet, that promises most by these distances; -1 if there is none."""
        from bounds.search.kernels import walks

        return int(walks.frontier(self.experts, self.price, self.made, far, p, q, noise, rng))

    def open_entries(self) -> NDArray[np.int64]:
        """The entries not made yet."""
        entries = self.count * self.experts
        return np.flatnonzero(~self.made[:entries] & (self.price[:entries] >= 0))

    def graph(self) -> ProductGraph:
        """As a graph whose requests that were not made lead nowhere."""
        first, cost, to = self._arrays()
        page = np.tile(np.arange(self.experts, dtype=np.int32), self.count)
        kind = KINDS.get(self.problem.name or "")
        return ProductGraph(self.problem.instance, first, cost, page, to, kind)

    def path(self, state: int) -> tuple[int, ...]:
        """The way by which a state was first reached, as entries."""
        entries: list[int] = []
        while state:
            entries.append(int(self.came[state]))
            state = entries[-1] // self.experts
        return tuple(reversed(entries))

    def _arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.int32]]:
        entries = self.count * self.experts
        first = np.arange(self.count + 1, dtype=np.int64) * self.experts
        return first, self.cost[:entries], self.to[:entries]


class KernelTerritory(Territory):
    """Of a policy with a kernel: up to symmetry."""

    def __init__(self, problem: Problem, most: int) -> None:
        from bounds.exact.kernels import policies
        from bounds.search.kernels import walks

        super().__init__(problem, most)
        instance = problem.instance
        assert problem.name is not None
        self._kind = getattr(policies, KINDS[problem.name])
        self._shape = instance.layers, instance.experts, instance.cache
        self._words = np.empty((most, 3), np.int64)
        self._table = np.full(1 << (4 * most).bit_length(), -1, np.int32)
        walks.begin(*self._shape, self._words, self._table, self.price[: self.experts])

    def walk(
        self,
        start: int,
        request: int,
        rule: Rule,
        noise: float,
        curiosity: float,
        steps: int,
        rng: np.random.Generator,
    ) -> None:
        """By the kernel."""
        from bounds.search.kernels import walks

        self.count = walks.walk(
            self._kind,
            *self._shape,
            self._words,
            self._table,
            self.price,
            self.cost,
            self.to,
            self.made,
            self.came,
            self.count,
            self.most,
            start,
            request,
            rule,
            noise,
            curiosity,
            steps,
            rng,
        )

    def pages(self, path: tuple[int, ...], loop: tuple[int, ...]) -> tuple[tuple[Page, ...], tuple[Page, ...]]:
        """The loop is repeated until the pages recur, not only their symmetry class."""
        return real_pages(self.graph(), path, loop)


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

    def walk(
        self,
        start: int,
        request: int,
        rule: Rule,
        noise: float,
        curiosity: float,
        steps: int,
        rng: np.random.Generator,
    ) -> None:
        """By the policy object."""
        self._begin()
        for entry in self.path(start):
            self._play(entry % self.experts)
        x, stale = start, 0
        for _ in range(steps):
            expert = request % self.experts if request >= 0 else self._choose(x, rule, noise, curiosity, rng)
            request = -1
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
            paid, key = self._serve(expert)
            y = self._known.setdefault(key, self.count)
            if y == self.count:
                self.count += 1
                self.came[y] = entry
                self._prices(y)
                stale = 0
            self.made[entry] = True
            self.cost[entry] = paid
            self.to[entry] = y
            x = y

    def pages(self, path: tuple[int, ...], loop: tuple[int, ...]) -> tuple[tuple[Page, ...], tuple[Page, ...]]:
        """Entries name experts."""
        instance = self.problem.instance
        both = [
            instance.page(t % instance.layers, entry % self.experts) for t, entry in enumerate((*path, *loop))
        ]
        return tuple(both[: len(path)]), tuple(both[len(path) :])

    def _begin(self) -> None:
        self._player = self.problem.player()
        self._offset = OffsetFunction(self.problem.instance)
        self._turn = 0

    def _play(self, expert: int) -> int:
        page = self.problem.instance.page(self._turn, expert)
        missed = not self._player.serve(page, frozenset((page,)))
        grows = self._offset.request(page)
        self._turn = (self._turn + 1) % self.problem.instance.layers
        self._served += 1
        return missed + 2 * grows

    def _serve(self, expert: int) -> tuple[int, Hashable]:
        paid = self._play(expert)
        state = self._player.policy.canonical_state(self._player.cache)
        return paid, (self._turn, state, frozenset(self._player.cache), self._offset.key())

    def _prices(self, state: int) -> None:
        pages = self.problem.instance.layer_pages(self._turn)
        for entry, page in enumerate(pages, state * self.experts):
            grows = self._offset.level[page] == self._offset.outside
            self.price[entry] = (page not in self._player.cache) + 2 * grows

    def _choose(
        self, state: int, rule: Rule, noise: float, curiosity: float, rng: np.random.Generator
    ) -> int:
        from bounds.search.kernels.walks import preference

        entries = range(state * self.experts, (state + 1) * self.experts)
        curious = rng.random() < curiosity and not all(self.made[j] for j in entries)
        blind = rng.random() < noise
        levels = self._offset.level[: self.problem.instance.pages]
        free = any(int(q) not in self._player.cache for q in np.flatnonzero(levels < self._offset.outside))
        first = self.problem.instance.page(self._turn, 0)
        liked = {}
        for e, j in enumerate(entries):
            if not (curious and self.made[j]):
                draw = rng.random()
                level = int(levels[first + e])
                liked[e] = draw if blind else preference(int(self.price[j]), level, free, rule, rng)
        return max(liked, key=liked.__getitem__)
