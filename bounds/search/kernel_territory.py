"""The territory of a policy with a kernel: small, fast, and up to symmetry."""

from __future__ import annotations

import numpy as np

from bounds.exact.game import MOST_PAGES, MOST_SLOTS
from bounds.exact.product import KINDS, LED_BY_LEVELS, KernelGraph
from bounds.exact.ratio import real_pages
from bounds.search.problem import Problem
from bounds.search.territory import Territory, Walk
from paging.model import Page


def has_kernel(problem: Problem) -> bool:
    """Whether the policy has a kernel beside this optimum, and the instance fits into its labels."""
    instance, kind = problem.instance, KINDS.get(problem.policy)
    if kind is None or (kind in LED_BY_LEVELS and problem.slots != instance.cache):
        return False
    return instance.pages <= MOST_PAGES and instance.cache <= MOST_SLOTS


class KernelTerritory(Territory):
    """Of a policy with a kernel: up to symmetry."""

    def __init__(self, problem: Problem, most: int) -> None:
        from bounds.exact.kernels import policies
        from bounds.search.kernels import walks

        super().__init__(problem, most)
        instance = problem.instance
        self._kind = getattr(policies, KINDS[problem.policy])
        self._shape = instance.layers, instance.experts, instance.cache, problem.slots
        self._words = np.empty((most, 3), np.int64)
        self._table = np.full(1 << (4 * most).bit_length(), -1, np.int32)
        walks.begin(
            instance.layers,
            instance.experts,
            problem.slots,
            self._words,
            self._table,
            self.price[: self.experts],
        )

    def walk(self, walk: Walk, rng: np.random.Generator) -> None:
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
            walk.start,
            walk.request,
            walk.rule,
            walk.noise,
            walk.curiosity,
            walk.steps,
            rng,
        )

    def graph(self) -> KernelGraph:
        """As a graph whose requests that were not made lead nowhere."""
        first, cost, to = self.arrays()
        page = np.tile(np.arange(self.experts, dtype=np.int32), self.count)
        problem = self.problem
        return KernelGraph(problem.instance, first, cost, page, to, problem.slots, KINDS[problem.policy])

    def pages(
        self, path: tuple[int, ...], loop: tuple[int, ...]
    ) -> tuple[tuple[Page, ...], tuple[Page, ...]]:
        """The loop is repeated until the pages recur, not only their symmetry class."""
        return real_pages(self.graph(), path, loop)
