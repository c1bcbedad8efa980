"""Transducers of certificates played on real pages: no symmetry, nothing shared with the verifier."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import networkx as nx

from tests.bounds.exact.naive_game import Sets, anonymous, update

Document = dict[str, Any]
Played = tuple[int, Sets, tuple[int, ...]]


def start(c: Document) -> Played:
    """Turn, sets, a token for each page."""
    slots, pages = c["cache"], c["layers"] * c["experts"]
    tokens = tuple(c.get("start", (0,) * pages))
    return 0, anonymous(tuple(frozenset({-1 - i}) for i in range(slots))), tokens


def order(c: Document, state: Played) -> tuple[str, list[int]]:
    """The state as text, and the real page at each position."""
    turn, sets, tokens = state
    n, layers, k = c["experts"], c["layers"], c["cache"]

    def label(page: int) -> tuple[int, int]:
        return next((i + 1 for i, s in enumerate(sets) if page in s), k + 1), tokens[page]

    rows = []
    for step in range(layers):
        layer = (turn + step) % layers
        rows.append(sorted(range(layer * n, (layer + 1) * n), key=label))
    text = "|".join(" ".join("{}.{}".format(*label(p)) for p in row) for row in rows)
    levels = [i + 1 for i, s in enumerate(sets) for p in sorted(s) if p < 0]
    # as many levels as slots; those of slots in use lie outside, at k + 1
    levels += [k + 1] * (k - len(levels))
    if any(e <= k for e in levels):
        text += "#" + " ".join(map(str, levels))
    return text, [p for row in rows for p in row]


def move(c: Document, state: Played, page: int) -> tuple[int, int, Played]:
    """Miss, growth and the state after; KeyError where the transducer has no answer."""
    turn, sets, tokens = state
    text, pages = order(c, state)
    labels = text.split("#")[0].replace("|", " ").split(" ")
    position = labels.index(
        labels[pages.index(page)]
    )  # of pages with equal labels the first one has an answer
    pages[pages.index(page)], pages[position] = pages[position], page
    victims, new = c["moves"][text][str(position)]
    after, growth = update(sets, page)
    full = sum(t & 1 for t in tokens) == c["cache"]
    miss = not tokens[page] & 1
    assert miss or not victims
    assert victims or not miss or not full
    assert all(tokens[pages[v]] & 1 for v in victims)
    fresh = list(tokens)
    for position, token in enumerate(new):
        fresh[pages[position]] = token
    cached = {p for p, t in enumerate(tokens) if t & 1} - {pages[v] for v in victims} | {page}
    assert {p for p, t in enumerate(fresh) if t & 1} == cached
    return int(miss), growth, ((turn + 1) % c["layers"], anonymous(after), tuple(fresh))


def at_most(c: Document, ratio: Fraction) -> bool:
    """Whether no cycle of real requests has a larger ratio."""
    graph: nx.DiGraph[Played] = nx.DiGraph()
    waiting = [start(c)]
    while waiting:
        state = waiting.pop()
        if graph.nodes.get(state, {}).get("done"):
            continue
        graph.add_node(state, done=True)
        turn = state[0]
        for page in range(turn * c["experts"], (turn + 1) * c["experts"]):
            miss, growth, after = move(c, state, page)
            weight = ratio.numerator * growth - ratio.denominator * miss
            if not graph.has_edge(state, after) or graph[state][after]["weight"] > weight:
                graph.add_edge(state, after, weight=weight)
            waiting.append(after)
    return not nx.negative_edge_cycle(graph)


def repeats(c: Document, times: int) -> Iterator[tuple[int, int]]:
    """Misses and growth of each repetition of the cycle, on real pages."""
    state = start(c)
    for part, count in (("prefix", 1), ("cycle", times)):
        for _ in range(count):
            misses = growths = 0
            for position in c[part]:
                _, pages = order(c, state)
                miss, growth, state = move(c, state, pages[position])
                misses, growths = misses + miss, growths + growth
            if part == "cycle":
                yield misses, growths


def numbers(c: Document) -> Iterator[tuple[Any, Any]]:
    """Every place (container, key) of a document."""
    waiting: list[Any] = [c]
    while waiting:
        here = waiting.pop()
        for key in here if isinstance(here, dict) else range(len(here)):
            yield here, key
            if isinstance(here[key], (dict, list)):
                waiting.append(here[key])
