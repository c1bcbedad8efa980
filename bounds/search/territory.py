"""The part of the product graph of policy state and offset function that walks have seen, and the best cycle in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import gcd
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bounds.search.problem import Problem
from paging.model import Page
from paging.stoppable import stoppable

Rule = NDArray[np.int64]
"""Preferences of a walk, see bounds.search.kernels.walks.preference."""


class Walk(NamedTuple):
    """At most ``steps`` requests from state ``start``, the first one along the entry ``request`` unless it is -1.

    The others follow ``rule``, but for ``noise``: how often one is drawn blindly, and ``curiosity``: how often one that was not
    made before is taken.
    """

    start: int
    rule: Rule
    steps: int
    request: int = -1
    noise: float = 0.0
    curiosity: float = 0.0


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
    def walk(self, walk: Walk, rng: np.random.Generator) -> None:
        """Explore along it; it ends early where it has long met nothing new, or no more states are allowed."""

    @abstractmethod
    def pages(
        self, path: tuple[int, ...], loop: tuple[int, ...]
    ) -> tuple[tuple[Page, ...], tuple[Page, ...]]:
        """Entries as real pages: prefix and cycle."""

    @property
    def complete(self) -> bool:
        """Whether every request of every reachable state was made."""
        known = self.price[: self.count * self.experts]
        return not self.full and bool(np.all(self.made[: len(known)] | (known == -1)))

    def best_cycle(self) -> tuple[int, int, int] | None:
        """Misses and growth (0: infinite) of the cycle with the largest ratio, and a state on it; in lowest terms."""
        from bounds.exact.kernels.iteration import initial_adversary, one_player

        first, cost, to = self.arrays()
        tau = initial_adversary(first, cost)
        tau[: len(self._tau)] = self._tau  # most of it is as it was
        potential = np.zeros(self.count, np.int64)
        misses, growth, on, _ = stoppable(one_player, first, cost, to, tau, potential, 0, 0)
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
        """The heaviest way from state ``on`` to each state known now, by q * miss - p * growth; p/q must be the ratio of the
        best cycle of all that was walked."""
        from bounds.search.kernels import walks

        return walks.distances(self.experts, self.count, self.cost, self.to, self.made, on, p, q)

    def frontier(self, far: NDArray[np.int64], p: int, q: int, noise: float, rng: np.random.Generator) -> int:
        """The entry, not made yet, that promises most by these distances; -1 if there is none."""
        from bounds.search.kernels import walks

        return int(walks.frontier(self.experts, self.price, self.made, far, p, q, noise, rng))

    def open_entries(self) -> NDArray[np.int64]:
        """The entries not made yet."""
        entries = self.count * self.experts
        return np.flatnonzero(~self.made[:entries] & (self.price[:entries] >= 0))

    def path(self, state: int) -> tuple[int, ...]:
        """The way by which a state was first reached, as entries."""
        entries: list[int] = []
        while state:
            entries.append(int(self.came[state]))
            state = entries[-1] // self.experts
        return tuple(reversed(entries))

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.int32]]:
        """First entries of the states known, costs and ends, as in bounds.exact.kernels.iteration."""
        entries = self.count * self.experts
        first = np.arange(self.count + 1, dtype=np.int64) * self.experts
        return first, self.cost[:entries], self.to[:entries]
