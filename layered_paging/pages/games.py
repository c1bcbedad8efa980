"""The games of small instances as data: every state, every move, where it leads, and which moves are perfect.

A state is [labels, empty, requests]; labels by position are [level, token], the token is odd for a cached page (see
bounds.exact.view). A request is [position, miss, growth, perfect, options]; an option is [positions that leave, next state,
order, perfect]: position i of the next state is position order[i] of this one. Of pages with equal labels the first one stands
for all. State 0 is the start.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bounds.exact.deterministic import BestDeterministic, best_deterministic
from bounds.exact.product import KernelGraph
from bounds.exact.ratio import exact_ratio
from bounds.exact.strategies import moved_labels
from bounds.exact.view import packed_labels
from paging.exact import readable
from paging.model import Instance
from paging.policies.named import PolicyLike

Labels = NDArray[np.int64]


def against_the_adversary(instance: Instance) -> dict[str, Any]:
    """The deterministic game; the cache is full at the start. A perfect eviction leads to the least potential, a perfect
    request has the largest value."""
    found = best_deterministic(instance)
    game = found.game
    states = []
    for state in range(game.states):
        labels = game.labels(state)
        requests, values = [], []
        for j in range(game.first[state], game.first[state + 1]):
            moves = range(game.option[j], game.option[j + 1])
            least = min(int(found.potential[game.to[e]]) for e in moves)
            options = []
            for e in moves:
                after = moved_labels(labels, int(game.page[j]), int(game.victim[e]), instance.cache)
                target = int(game.to[e])
                left = [int(game.victim[e])] if game.victim[e] >= 0 else []
                order = _order(instance, after, game.labels(target))
                options.append([left, target, order, int(found.potential[target] == least)])
            miss, growth = int(game.cost[j]) & 1, int(game.cost[j]) >> 1
            values.append(_value(found.ratio, miss, growth, least))
            requests.append([int(game.page[j]), miss, growth, 0, options])
        _mark(requests, values)
        states.append([packed_labels(labels), [], requests])
    return {"ratio": readable(found.ratio), "states": states, "adversary": _replies(found)}


def _replies(found: BestDeterministic) -> list[int]:
    """Per state which of its requests the optimal adversary makes."""
    return [int(j) - int(first) for j, first in zip(found.tau, found.game.first[:-1], strict=True)]


def against_a_policy(instance: Instance, policy: PolicyLike) -> dict[str, Any]:
    """The requests that can be made to a policy with a kernel, from the empty cache; its answer is the one option of each."""
    found = exact_ratio(instance, policy)
    graph, potential = found.product, found.potential
    assert isinstance(graph, KernelGraph)
    assert isinstance(found.ratio, Fraction)
    assert potential is not None
    states = []
    for state in range(graph.states):
        requests, values = [], []
        for j in range(graph.first[state], graph.first[state + 1]):
            target = int(graph.to[j])
            left, _ = graph.answer(state, j)
            order = _order(instance, graph.after(state, j), graph.packed(target))
            miss, growth = int(graph.cost[j]) & 1, int(graph.cost[j]) >> 1
            values.append(_value(found.ratio, miss, growth, int(potential[target])))
            requests.append([int(graph.page[j]), miss, growth, 0, [[left, target, order, 1]]])
        _mark(requests, values)
        states.append([graph.labels(state), list(graph.empty(state)), requests])
    return {"ratio": readable(found.ratio), "states": states}


def _value(ratio: Fraction, miss: int, growth: int, potential: int) -> int:
    """What a request is worth to the adversary."""
    return ratio.denominator * miss - ratio.numerator * growth + potential


def _mark(requests: list[list[Any]], values: list[int]) -> None:
    for request, value in zip(requests, values, strict=True):
        request[3] = int(value == max(values))


def _order(instance: Instance, after: Labels, target: Labels) -> list[int]:
    """The positions after the turn has passed on: the layers rotate, each is sorted by label. ``target``: the labels there."""
    n = instance.experts
    order: list[int] = []
    for layer in [*range(1, instance.layers), 0]:
        order += sorted(range(layer * n, (layer + 1) * n), key=lambda position: int(after[position]))
    assert np.array_equal(after[order], target), "the order of the positions is not that of the game"
    return order
