"""Whether the randomized policy of a document has a ratio: its caches, drawn anew, on real pages.

In each state of the offset function the policy holds a full cache drawn with the probabilities of the document: a text of
labels (level, 1 if cached) has its mass, which the caches that look so share evenly. On a request it goes from its cache to one
of the next state at the least expected number of loads, which is a transport between two finite distributions: solved here, in
integers. Plans and potentials of the document are not looked at: whoever holds these caches pays no less. The ratio holds if no
cycle of requests costs more than the ratio times the growth of the optimum: then the longest paths, of weight cost - ratio *
growth, come to an end.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import combinations
from math import lcm
from typing import Any

import networkx as nx

from tests.proofs.judge.offsets import NotAStrategy, Offset, first, request
from tests.proofs.judge.optimum import Optimum, Problem

Spread = dict[int, Fraction]
"""Caches, as bits, and their probabilities."""


def spread(problem: Problem, state: Offset, states: Any) -> Spread:
    """The distribution of a state. Raises NotAStrategy if it is none."""
    entry = states.get(state.text(problem))
    if not (isinstance(entry, list) and len(entry) == 3 and isinstance(entry[1], dict)):
        raise NotAStrategy("a state without caches")
    masses = {}
    for text, mass in entry[1].items():
        if not (isinstance(mass, str) and re.fullmatch("[0-9]+(/[1-9][0-9]*)?", mass)):
            raise NotAStrategy("no probability")
        masses[text] = Fraction(mass)
    alike: dict[str, list[int]] = {}
    for chosen in combinations(range(problem.pages), problem.slots):
        tokens = tuple(int(page in chosen) for page in range(problem.pages))
        alike.setdefault(state.text(problem, tokens), []).append(sum(1 << page for page in chosen))
    if not set(masses) <= set(alike) or sum(masses.values()) != 1:
        raise NotAStrategy("no distribution of caches")
    return {cache: mass / len(alike[text]) for text, mass in masses.items() if mass for cache in alike[text]}


def least_loads(before: Spread, after: Spread) -> Fraction:
    """The expected number of loads of the best way from one distribution to another."""
    unit = lcm(*(mass.denominator for mass in (*before.values(), *after.values())))
    graph: nx.DiGraph[tuple[str, int]] = nx.DiGraph()
    for cache, mass in before.items():
        graph.add_node(("before", cache), demand=-int(mass * unit))
        for other in after:
            graph.add_edge(("before", cache), ("after", other), weight=(other & ~cache).bit_count())
    for cache, mass in after.items():
        graph.add_node(("after", cache), demand=int(mass * unit))
    return Fraction(nx.network_simplex(graph)[0], unit)


def keeps(c: Any, problem: Problem, ratio: Fraction) -> bool:
    """Whether the policy has at most this ratio. Raises NotAStrategy if there is no policy."""
    optimum, states = Optimum(problem), c["states"]
    if not isinstance(states, dict):
        raise NotAStrategy("no states")
    begin, _ = first(problem, optimum)
    waiting, spreads = [begin], {begin: spread(problem, begin, states)}
    edges: list[tuple[Offset, Fraction, Offset]] = []
    loads: dict[tuple[str, int], Fraction] = {}
    for state in waiting:
        for page in problem.turn(state.turn):
            after, growth = request(problem, optimum, state, page)
            if after not in spreads:
                spreads[after] = spread(problem, after, states)
                waiting.append(after)
            if not all(cache >> page & 1 for cache in spreads[after]):
                raise NotAStrategy("without the requested page")
            # states of one text differ by the names of pages alone
            key = state.text(problem), state.levels[page]
            if key not in loads:
                loads[key] = least_loads(spreads[state], spreads[after])
            edges.append((state, loads[key] - ratio * growth, after))
    unit = lcm(*(weight.denominator for _, weight, _ in edges))
    scaled = [(x, int(weight * unit), y) for x, weight, y in edges]
    longest = dict.fromkeys(spreads, 0)
    for _ in range(len(spreads) + 1):
        longer = False
        for x, weight, y in scaled:
            if longest[x] < weight + longest[y]:
                longest[x], longer = weight + longest[y], True
        if not longer:
            return True
    return False
