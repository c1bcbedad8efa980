"""Forged randomized-upper: distributions that are clean, and plans that move mass for free or earn by what leaves the cache.

In a plan one cache could have many texts, by tags on pages outside the cache or by further marks there: each text receives the
whole share of that cache, so that all mass may arrive in one cache and the next distribution holds another one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations, islice, product
from math import lcm

import networkx as nx

from tests.proofs.forgers.board import Board, Claim, Document, ordered
from tests.proofs.forgers.offsets import (
    Entry,
    Plan,
    aged,
    alike,
    caches,
    document,
    full_caches,
    loads,
    marked,
    offsets,
    potentials,
)

Masses = dict[Board, Fraction]
Cost = Callable[[Board, Board], int]
Texts = Callable[[Board], Iterator[Board]]
SAMPLES = 150


def alone(cache: Board) -> Iterator[Board]:
    """The cache under its only text."""
    yield cache


def tags(cache: Board) -> Iterator[Board]:
    """The cache, and its further texts with 4, 8, ... on a page outside, not the marked one."""
    yield cache
    for tag in range(4, 100, 4):
        for i, (level, token) in enumerate(cache.labels):
            if token == 0:
                yield ordered(cache.claim, [*cache.labels[:i], (level, tag), *cache.labels[i + 1 :]])


def marks(cache: Board) -> Iterator[Board]:
    """The cache, and its further texts with marks on pages outside."""
    outside = [i for i, (_, token) in enumerate(cache.labels) if token == 0]
    for count in range(len(outside) + 1):
        for chosen in combinations(outside, count):
            yield ordered(
                cache.claim, [(level, 2 if i in chosen else t) for i, (level, t) in enumerate(cache.labels)]
            )


def earning(begin: Board, end: Board) -> int:
    """Loads, less the pages that leave those groups of pages alike of which the end holds some."""
    n = begin.claim.experts
    had, has = (
        Counter((i // n, level, token & ~1) for i, (level, token) in enumerate(cache.labels) if token & 1)
        for cache in (begin, end)
    )
    return sum(count - had[group] for group, count in has.items())


def transport(supply: Masses, demand: Masses, cost: Cost) -> tuple[Plan, Fraction]:
    """The cheapest plan, and its cost."""
    unit = lcm(*(mass.denominator for mass in (*supply.values(), *demand.values())))
    graph: nx.DiGraph[tuple[str, Board]] = nx.DiGraph()
    for begin, mass in supply.items():
        graph.add_node(("begin", begin), demand=-int(mass * unit))
        for end in demand:
            graph.add_edge(("begin", begin), ("end", end), weight=cost(begin, end))
    for end, mass in demand.items():
        graph.add_node(("end", end), demand=int(mass * unit))
    total, flow = nx.network_simplex(graph)
    plan = [
        [begin.text, end.text, str(Fraction(part, unit))]
        for begin in supply
        for (_, end), part in flow["begin", begin].items()
        if part
    ]
    return plan, Fraction(total, unit)


def supply_of(masses: Masses, level: int) -> Masses:
    """The caches with the requested page, any of this level, marked."""
    result: Masses = {}
    for cache, mass in masses.items():
        found = marked(cache, level)
        for begin, count in found.items():
            result[begin] = result.get(begin, Fraction(0)) + mass * Fraction(count, sum(found.values()))
    return result


def ends(board: Board, level: int, goal: Masses) -> dict[Board, Fraction]:
    """The marked caches that are those of the next state after the request, and the share of each."""
    found = {end for cache in full_caches(board) for end in marked(cache, level) if (level, 3) in end.labels}
    return {
        end: goal[aged(end)] * Fraction(alike(end), alike(aged(end))) for end in found if aged(end) in goal
    }


def arrivals(shares: Masses, texts: Texts) -> Iterator[Masses]:
    """What may arrive: every share once; or one end alone, under as many texts as make up everything."""
    yield shares
    for end, share in shares.items():
        total, result = Fraction(0), Masses()
        for text in texts(end):
            part = share * Fraction(alike(text), alike(end))
            if total + part <= 1 and text not in result:
                total, result[text] = total + part, part
        if total == 1:
            yield result


def moved(claim: Claim, texts: Texts, cost: Cost) -> Document | None:
    """In each state one class of optimal caches, or two with equal probabilities: all ways until the claim is reached."""
    states = offsets(claim)
    choices = []
    for found in map(caches, states):
        several = [(cache,) for cache in found] + list(combinations(found, 2))
        choices.append([dict.fromkeys(some, Fraction(1, len(some))) for some in several])
    for chosen in islice(product(*choices), SAMPLES):
        spread = dict(zip(states, chosen, strict=True))
        entries: dict[Board, Entry] = {}
        costs: dict[tuple[Board, int], Fraction] = {}
        for board, nexts in states.items():
            plans: dict[str, Plan] = {}
            for i, after in nexts.items():
                level = board.labels[i][0]
                supply, shares = supply_of(spread[board], level), ends(board, level, spread[after])
                ways = [
                    transport(supply, demand, cost)
                    for demand in arrivals(shares, texts)
                    if sum(demand.values()) == 1
                ]
                if not ways:
                    break
                plans[str(i)], costs[board, i] = min(ways, key=lambda way: way[1])
            entries[board] = {cache.text: str(mass) for cache, mass in spread[board].items()}, plans
        if len(costs) == sum(map(len, states.values())):
            values = potentials(states, costs, Fraction(claim.ratio))
            if values:
                return document(claim, entries, values)
    return None


def unclean_plans(claim: Claim) -> Iterator[Document]:
    """Those that come out."""
    for texts, cost in ((tags, loads), (marks, loads), (alone, earning)):
        if found := moved(claim, texts, cost):
            yield found
