"""The two strategies of the randomized game for real sequences."""

from __future__ import annotations

from collections.abc import Sequence, Set
from fractions import Fraction
from math import lcm
from typing import TypeVar

import numpy as np

from adversaries.base import PAGES_TO_SPARE, ObliviousAdversary
from bounds.exact.randomized.labels import LabelledPages
from bounds.exact.randomized.lower import RandomizedLower
from bounds.exact.randomized.orbits import Counts
from bounds.exact.randomized.upper import RandomizedUpper
from paging.errors import PreconditionNotMet
from paging.model import Instance, Page, Pages
from paging.policies.base import Policy

T = TypeVar("T")


def draw(choices: Sequence[tuple[T, Fraction]], rng: np.random.Generator) -> T:
    """One of them with probability proportional to its mass, exactly (up to the generator)."""
    unit = lcm(*(mass.denominator for _, mass in choices))
    parts = [int(mass * unit) for _, mass in choices]
    at = int.from_bytes(rng.bytes((sum(parts).bit_length() + 71) // 8), "big") % sum(parts)
    for (choice, _), part in zip(choices, parts, strict=True):
        at -= part
        if at < 0:
            return choice
    raise AssertionError("the parts add up to their sum")


class OptimalRandomizedPolicy(Policy):
    """Moves a virtual cache, full from the start, along the transport plans, with the probabilities of the solution.

    The real cache evicts a page that the virtual one does not hold; there always is one, as the virtual cache holds the page
    just requested. So it misses at most k times more often than the virtual one loads. Raises PreconditionNotMet when
    started on another instance than that of the solution.
    """

    deterministic = False

    def __init__(self, solution: RandomizedUpper) -> None:
        self._solution = solution
        self._requests = {(r.source, r.group): i for i, r in enumerate(solution.graph.requests)}
        self._states = {state: i for i, state in enumerate(solution.graph.states)}

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """The first state's distribution: the cache of known pages alone, where OPT has as many slots."""
        if instance != self._solution.graph.instance:
            raise PreconditionNotMet(
                f"OptimalRandomizedPolicy of {self._solution.graph.instance}: started at {instance}"
            )
        self._pages = LabelledPages(instance, 0, self._solution.graph.slots)
        self._rng = rng
        counts = draw(list(self._solution.caches[0].items()), rng)
        members = zip(self._members(), counts, strict=True)
        self._cache = {page for pages, count in members for page in self._some(pages, count)}

    def request(self, page: Page, hit: bool) -> None:
        """Move the virtual cache."""
        state = self._states[self._pages.state()]
        groups = self._members()
        own = next(i for i, members in enumerate(groups) if page in members)
        groups[own].remove(page)
        groups.append([page])
        before: Counts = tuple(sum(q in self._cache for q in members) for members in groups)
        plan = self._solution.plans[self._requests[state, own]]
        after = draw([(end, mass) for start, end, mass in plan if start == before], self._rng)
        for members, old, new in zip(groups, before, after, strict=True):
            inside = [q for q in members if q in self._cache]
            outside = [q for q in members if q not in self._cache]
            self._cache.difference_update(self._some(inside, old - new))
            self._cache.update(self._some(outside, new - old))
        self._pages.request(page)

    def _members(self) -> list[list[Page]]:
        """Real pages by group, in the order of the groups."""
        result = []
        for row in self._pages.rows():
            by_label: dict[tuple[int, int], list[Page]] = {}
            for page in row:
                by_label.setdefault(self._pages.labels[page], []).append(page)
            result += [by_label[label] for label in sorted(by_label)]
        return result

    def _some(self, pages: list[Page], count: int) -> list[Page]:
        """So many of the pages, uniformly at random."""
        if count <= 0:
            return []
        if count == len(pages):
            return pages
        return [pages[i] for i in self._rng.choice(len(pages), count, replace=False).tolist()]

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The first candidate that the virtual cache does not hold."""
        return min(q for q in candidates if q not in self._cache)


class YaoAdversary(ObliviousAdversary):
    """Samples the requests of a chain that no policy can answer with a smaller ratio than the proven one."""

    precondition = PAGES_TO_SPARE

    def __init__(self, solution: RandomizedLower) -> None:
        graph = solution.nodes.graph
        self.instance = graph.instance
        self._memory = graph.memory
        self._slots = graph.slots
        self._states = {state: i for i, state in enumerate(graph.states)}
        self._choices: list[list[tuple[tuple[int, int], Fraction]]] = [[] for _ in graph.states]
        for request, weight in zip(graph.requests, solution.weights, strict=True):
            if weight:
                label = graph.groups[request.source][request.group].label
                self._choices[request.source].append((label, Fraction(weight)))

    def sequence(self, rounds: int, rng: np.random.Generator) -> Pages:
        """Pages with equal labels are asked for with equal probability."""
        pages = LabelledPages(self.instance, self._memory, self._slots)
        result = np.empty(rounds * self.instance.layers, np.int32)
        for time in range(len(result)):
            label = draw(self._choices[self._states[pages.state()]], rng)
            row = self.instance.layer_pages(pages.turn)
            result[time] = rng.choice([page for page in row if pages.labels[page] == label])
            pages.request(int(result[time]))
        return result
