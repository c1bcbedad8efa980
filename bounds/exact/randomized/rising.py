"""The random adversary with more and more memory, until what it forces meets the bound from above, or the time is over.

A chain on fewer experts is one on more, and one that remembers less is one that may remember more: what was not finished in its
share of the time is gone on with. Where a chain has no better neighbours the next memory begins anew; when no memory is left to
add, random beginnings follow.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from itertools import count

import numpy as np

from bounds.exact.randomized.chains import inherited, normalized, remembering, shaken, uniform
from bounds.exact.randomized.labels import StateGraph, state_graph
from bounds.exact.randomized.linear import Floats
from bounds.exact.randomized.lower import MOST_NODES, Ascent, RandomizedLower, ascend, made_exact
from bounds.exact.randomized.response import Nodes, explore
from paging.errors import SolverFailed, UnsupportedProblem
from paging.model import Instance

FEWER_EXPERTS = 0.25
"""Of the time, for the instance with one expert less in each layer."""

LEAST_GAIN = 1e-6
"""A chain that forces so little more is not made exact."""


def rising_lower(
    instance: Instance,
    aim: Fraction,
    seconds: float,
    keep: Callable[[RandomizedLower], None] = lambda _: None,
    optimum: int | None = None,
) -> RandomizedLower:
    """The best chain found in so many seconds; ``aim``: an upper bound, where the search ends. ``keep`` sees each better one.
    ``optimum``: its slots (default: k).

    Equal arguments give equal results where the aim is reached before the time is over. Raises UnsupportedProblem where there
    are too many caches to answer even a chain without memory, SolverFailed if nothing was proven.
    """
    rise = _Rise(instance, optimum, aim, time.monotonic() + seconds, keep)
    rise.inherit()
    for seed in count():
        rise.climb_all(seed)
        if rise.over():
            break
    if rise.best is None:
        raise SolverFailed(f"{instance}: no chain was proven")
    return rise.best


class _Rise:
    """``best``: the chain that forces most so far; ``highest``: the memory beyond which there are too many states."""

    def __init__(
        self,
        instance: Instance,
        optimum: int | None,
        aim: Fraction,
        end: float,
        keep: Callable[[RandomizedLower], None],
    ) -> None:
        self._instance = instance
        self._optimum = optimum
        self._aim = aim
        self._end = end
        self._keep = keep
        self._nodes: list[Nodes] = []
        self.best: RandomizedLower | None = None
        self.highest = instance.cache

    def over(self) -> bool:
        """Whether nothing is left to gain, or no time."""
        return (self.best is not None and self.best.ratio == self._aim) or time.monotonic() >= self._end

    def inherit(self) -> None:
        """What one expert less in each layer forces."""
        if self._instance.experts == 1:
            return
        fewer = Instance(self._instance.layers, self._instance.experts - 1, self._instance.cache)
        if fewer.trivial:
            return
        try:
            share = FEWER_EXPERTS * (self._end - time.monotonic())
            found = rising_lower(fewer, self._aim, share, optimum=self._optimum)
        except SolverFailed:
            return
        graph = found.nodes.graph
        chain = normalized(graph, np.array(found.weights, np.float64))
        self._climb(found.memory, lambda larger: inherited(larger, chain, graph))

    def climb_all(self, seed: int) -> None:
        """All memories in turn, from uniform requests (seed 0) or random ones on."""
        rng = np.random.default_rng(seed)

        def first(graph: StateGraph) -> Floats:
            return shaken(graph, uniform(graph), rng) if seed else uniform(graph)

        found, memory = self._climb(0, first), 0
        while memory < self.highest and not self.over():
            memory += 1
            found = self._climb(memory, first if found is None or found[1].settled else _going_on(*found))

    def _climb(
        self, memory: int, beginning: Callable[[StateGraph], Floats]
    ) -> tuple[StateGraph, Ascent] | None:
        """Improve a chain for this memory's share of the time, and keep it if it is better than all before."""
        try:
            nodes = self._explored(memory)
        except UnsupportedProblem:
            if memory == 0:
                raise
            self.highest = memory - 1
            return None
        now = time.monotonic()
        end = now + (self._end - now) / (self.highest + 1 - memory)
        try:
            found = ascend(nodes, beginning(nodes.graph), self._aim, end=end)
            if self.best is None or found.response.ratio > float(self.best.ratio) + LEAST_GAIN:
                proven = made_exact(nodes, found, self._aim)
                if self.best is None or proven.ratio > self.best.ratio:
                    self.best = proven
                    self._keep(proven)
        except SolverFailed:  # of floating point: another beginning may fare better
            return None
        return nodes.graph, found

    def _explored(self, memory: int) -> Nodes:
        while len(self._nodes) <= memory:
            self._nodes.append(
                explore(state_graph(self._instance, len(self._nodes), self._optimum), MOST_NODES)
            )
        return self._nodes[memory]


def _going_on(before: StateGraph, ascent: Ascent) -> Callable[[StateGraph], Floats]:
    """The same chain where more is remembered."""
    return lambda graph: remembering(graph, ascent.chain, before)
