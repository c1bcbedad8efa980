"""What the best offline algorithm pays, on real pages: its least cost for every cache that it may end with (the work function).

A cache is a set of at most k pages, as bits. At first a cache costs what has to be loaded: all its pages, if nobody has any.
On a request p a cache with p keeps its cost; one without p is reached from a cache with p, by dropping p or by loading another
page in its place. Nothing here knows the sets (L_1..L_k). Costs are kept relative to the least one, whose growth is what the
optimum pays.
"""

from __future__ import annotations

from dataclasses import dataclass

Costs = tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    """n pages in each of l layers, page = layer * n + expert; a cache of k of them."""

    layers: int
    experts: int
    slots: int

    @property
    def pages(self) -> int:
        return self.layers * self.experts

    def turn(self, layer: int) -> range:
        """The pages that may be requested."""
        return range(layer * self.experts, (layer + 1) * self.experts)

    def next(self, layer: int) -> int:
        return (layer + 1) % self.layers


class Optimum:
    """The reachable work functions of a problem, numbered; and what a request does to them."""

    def __init__(self, problem: Problem) -> None:
        self.caches = [c for c in range(1 << problem.pages) if c.bit_count() <= problem.slots]
        self.index = {c: i for i, c in enumerate(self.caches)}
        self.slots = problem.slots
        self.costs: list[Costs] = []
        self.numbers: dict[Costs, int] = {}
        self.known: dict[tuple[int, int], tuple[int, int]] = {}
        self.ways: dict[int, list[list[tuple[int, int]]]] = {}
        self.begin(0)

    def begin(self, cache: int) -> int:
        """The work function before the first request of one who has this cache; 0 is that of the empty one."""
        return self._number(tuple((c & ~cache).bit_count() for c in self.caches))

    def _number(self, costs: Costs) -> int:
        if costs not in self.numbers:
            self.numbers[costs] = len(self.costs)
            self.costs.append(costs)
        return self.numbers[costs]

    def _ways(self, page: int) -> list[list[tuple[int, int]]]:
        """For every cache: caches with the page from which it is reached after the request, and the loads."""
        bit = 1 << page
        result = []
        for c in self.caches:
            if c & bit:
                result.append([(self.index[c], 0)])
                continue
            found = [(self.index[c | bit], 0)] if c.bit_count() < self.slots else []
            found += [(self.index[c ^ q | bit], 1) for i in range(c.bit_length()) if (q := 1 << i) & c]
            result.append(found)
        return result

    def request(self, number: int, page: int) -> tuple[int, int]:
        """The work function after a request, and the growth of the optimum."""
        if (number, page) not in self.known:
            if page not in self.ways:
                self.ways[page] = self._ways(page)
            costs = self.costs[number]
            new = [min(costs[i] + loads for i, loads in found) for found in self.ways[page]]
            least = min(new)
            self.known[number, page] = self._number(tuple(cost - least for cost in new)), least
        return self.known[number, page]
