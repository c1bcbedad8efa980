"""The course of a search: rounds of units, the worst cycle so far, and the figures of the work."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from fractions import Fraction
from zlib import crc32

import numpy as np

from bounds.search.expected import expected
from bounds.search.found import NOTHING, Candidate, Found
from bounds.search.judge import better
from bounds.search.problem import Problem
from bounds.search.searchers.base import Harvest, Order
from bounds.search.searchers.registry import SEARCHERS
from bounds.search.shrink import shrink

Task = tuple[str, int]
"""A searcher's id and the number of a unit."""

UNITS_PER_ROUND = 8
"""From the second round on; more processes than that do not help."""

SHRINKING = 400
"""Judgements that shrinking may take."""


def rounds(problem: Problem, searchers: Sequence[str]) -> Iterator[list[Task]]:
    """First one unit of each searcher without end and all of the others, then units of those without end in turn."""
    first: list[Task] = []
    endless = []
    for name in searchers:
        units = SEARCHERS[name].units(problem)
        if units is None:
            endless.append(name)
        first += [(name, number) for number in range(1 if units is None else units)]
    yield first
    number = 1
    while endless:
        tasks: list[Task] = []
        while len(tasks) < UNITS_PER_ROUND:
            tasks += [(name, number) for name in endless]
            number += 1
        yield tasks


def work(problem: Problem, name: str, order: Order) -> Harvest:
    """One unit, in whatever process."""
    if order.late:
        return Harvest(None, 0, 0)
    return SEARCHERS[name].work(problem, order)


class Hunt:
    """``keep`` is told of every improvement."""

    def __init__(
        self, problem: Problem, seed: int, keep: Callable[[Found], None], most_states: int | None
    ) -> None:
        self._problem = problem
        self._seed = seed
        self._keep = keep
        self._most_states = most_states
        self._best: Candidate | None = None
        self._reported: Candidate | None = None
        self._searcher = NOTHING
        self._evaluations = self._visited = self._reports = 0
        self._complete = False
        self.units = 0

    def round(self, tasks: Sequence[Task], deadline: float, executor: Executor | None) -> bool:
        """Do these units; whether it makes sense to go on."""
        for (name, _), harvest in zip(tasks, self._harvests(tasks, deadline, executor), strict=True):
            self.units += 1
            self._evaluations += harvest.evaluations
            self._visited += harvest.visited
            if better(harvest.best, self._best):
                assert harvest.best is not None
                self._best, self._searcher = harvest.best, name
                self._report(harvest.best)
            self._complete = self._complete or harvest.complete
            used_up = self._most_states is not None and self._visited >= self._most_states
            if self._settled() or used_up or time.time() >= deadline:
                return False
        return True

    def result(self, deadline: float) -> Found:
        """The worst cycle, shrunk; for a randomized policy with fresh draws, once more, now that the choice is made."""
        if self._best is not None:
            if self._problem.deterministic:
                self._best = shrink(self._problem, self._best, SHRINKING, lambda: time.time() >= deadline)
            self._report(self._best)
        return self._found()

    def _harvests(
        self, tasks: Sequence[Task], deadline: float, executor: Executor | None
    ) -> Iterator[Harvest]:
        share = None
        if self._most_states is not None:
            share = max(1, (self._most_states - self._visited) // max(1, len(tasks)))
        orders = [
            Order(number, self._best, share, deadline, self._rng(name, number)) for name, number in tasks
        ]
        here = len(tasks) if executor is None else (1 if self.units == 0 else 0)
        # the first unit of all is done in this process, so that something is found however long others take to begin
        ahead = zip(tasks[here:], orders[here:], strict=True)
        futures = (
            [] if executor is None else [executor.submit(work, self._problem, t[0], o) for t, o in ahead]
        )
        for (name, _), order in zip(tasks[:here], orders[:here], strict=True):
            yield work(self._problem, name, order)
        try:
            for future in futures:
                try:
                    yield future.result(max(0.0, deadline - time.time()))
                except TimeoutError:
                    yield Harvest(None, 0, 0)
        finally:
            for future in futures:
                future.cancel()

    def _settled(self) -> bool:
        """Whether nothing worse can be found: infinite is the worst, and exact values and proven bounds end the search."""
        best = self._best
        if best is None or not self._problem.deterministic:
            return False
        if best.proven:
            return (
                self._complete or best.ratio >= self._problem.upper
            )  # there is always one, if only infinity
        return best.ratio == math.inf and not self._problem.finite

    def _rng(self, name: str, number: int) -> np.random.Generator:
        return np.random.default_rng([self._seed, crc32(name.encode()), number])

    def _report(self, candidate: Candidate) -> None:
        self._reported = candidate
        if not self._problem.deterministic:
            self._reports += 1
            rng = self._rng("fresh draws for a figure", self._reports)
            self._reported = expected(self._problem, candidate.prefix, candidate.cycle, rng)
        self._keep(self._found())

    def _found(self) -> Found:
        best = self._reported or Candidate(Fraction(0), False, (), (), 0, 0)
        return Found(
            self._problem.policy,
            self._problem.instance,
            self._problem.slots,
            best.ratio,
            best.proven,
            best.prefix,
            best.cycle,
            best.misses,
            best.growth,
            best.repetitions,
            best.interval,
            best.draws,
            self._searcher,
            self._evaluations,
            self._visited,
            self.units,
            best.proven and self._settled(),
        )
