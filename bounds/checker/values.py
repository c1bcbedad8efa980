"""What is known exactly at one instance, computed when it is asked for: the values that theorems are compared with."""

from __future__ import annotations

from fractions import Fraction

from bounds.exact.deterministic import best_deterministic
from bounds.exact.played import python_graph
from bounds.exact.product import KINDS, ProductGraph, kernel_graph
from bounds.exact.ratio import worst_cycle
from paging.errors import SolverFailed, UnsupportedProblem
from paging.exact import Value
from paging.model import Instance, Page
from paging.policies.named import NamedPolicy

MOST_STATES = 100_000
"""Of a policy with a kernel, and of the game: about half a second."""

MOST_PLAIN_STATES, MOST_PLAIN_PAGES = 500, 4
"""Of a policy without a kernel: without symmetry, and a thousand times as slow."""

MOST_RANDOMIZED_PAGES = 6
"""For the interval of the best randomized policy: about a quarter of a second."""


class ExactValues:
    """One instance. Everything is None where it is out of reach, and 0 where all pages fit: then no miss is paid for ever."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._graphs: dict[tuple[NamedPolicy, int], ProductGraph | None] = {}
        self._cycles: dict[tuple[NamedPolicy, int], tuple[Value, tuple[Page, ...], tuple[Page, ...]]] = {}
        self._deterministic: list[Fraction | None] = []
        self._randomized: list[tuple[Fraction, Fraction] | None] = []

    def graph(self, policy: NamedPolicy, slots: int) -> ProductGraph | None:
        """All that requests can do to the policy, beside an optimum with ``slots`` slots."""
        if (policy, slots) not in self._graphs:
            try:
                self._graphs[policy, slots] = self._explore(policy, slots)
            except UnsupportedProblem:
                self._graphs[policy, slots] = None
        return self._graphs[policy, slots]

    def _explore(self, policy: NamedPolicy, slots: int) -> ProductGraph:
        kind = KINDS.get(policy)
        if kind:
            return kernel_graph(self.instance, kind, MOST_STATES, slots)
        if self.instance.pages > MOST_PLAIN_PAGES:
            raise UnsupportedProblem(f"{self.instance}: expected at most {MOST_PLAIN_PAGES} pages")
        return python_graph(self.instance, policy, MOST_PLAIN_STATES, slots)

    def cycle(
        self, policy: NamedPolicy, slots: int
    ) -> tuple[Value, tuple[Page, ...], tuple[Page, ...]] | None:
        """The policy's exact ratio, a way to a cycle that has it, and the cycle."""
        graph = self.graph(policy, slots)
        if graph is None:
            return None
        if (policy, slots) not in self._cycles:
            try:
                self._cycles[policy, slots] = worst_cycle(graph)
            except SolverFailed:  # no cycle costs anything
                self._cycles[policy, slots] = Fraction(0), (), ()
        return self._cycles[policy, slots]

    def deterministic(self) -> Fraction | None:
        """The ratio of the best deterministic policy: the value of the game."""
        if not self._deterministic:
            self._deterministic.append(self._game())
        return self._deterministic[0]

    def _game(self) -> Fraction | None:
        if self.instance.trivial:
            return Fraction(0)
        try:
            return best_deterministic(self.instance, MOST_STATES).ratio
        except UnsupportedProblem:
            return None

    def randomized(self) -> tuple[Fraction, Fraction] | None:
        """Certified ends of an interval that holds the ratio of the best randomized policy."""
        if not self._randomized:
            self._randomized.append(self._interval())
        return self._randomized[0]

    def _interval(self) -> tuple[Fraction, Fraction] | None:
        from bounds.exact.randomized.lower import uniform_chain
        from bounds.exact.randomized.upper import randomized_upper

        if self.instance.trivial:
            return Fraction(0), Fraction(0)
        if self.instance.pages > MOST_RANDOMIZED_PAGES:
            return None
        try:
            return uniform_chain(self.instance).ratio, randomized_upper(self.instance).ratio
        except SolverFailed:
            return None
