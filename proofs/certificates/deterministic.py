"""Certificates for the best deterministic policy: the strategies of both sides with their potentials."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from bounds.exact.deterministic import BestDeterministic
from bounds.exact.view import packed_labels, state_text
from paging.errors import PreconditionNotMet
from proofs.certificates.document import Document, document


def upper_certificate(solution: BestDeterministic) -> Document:
    """The policy's victims and potentials on all states that it lets the adversary reach."""
    game, states = solution.game, {}
    seen, waiting = {0}, [0]
    while waiting:
        x = waiting.pop()
        victims = {}
        for j in range(game.first[x], game.first[x + 1]):
            option = solution.sigma[j]
            if game.victim[option] >= 0:
                victims[str(game.page[j])] = int(game.victim[option])
            _visit(int(game.to[option]), seen, waiting)
        states[state_text(packed_labels(game.labels(x)), game.instance.experts)] = [
            _potential(solution, x),
            victims,
        ]
    return document("deterministic-upper", game.instance, solution.ratio, game.optimum, states=states)


def lower_certificate(solution: BestDeterministic) -> Document:
    """The adversary's requests and potentials on all states to which a policy can lead it.

    Raises PreconditionNotMet for the game of the guided policies, in which the adversary proves nothing about the others.
    """
    game, states = solution.game, {}
    if game.guided:
        raise PreconditionNotMet(
            f"a certificate from below at {game.instance}: expected the game of all policies, got that of the guided ones"
        )
    request = tight_requests(solution)
    seen, waiting = {0}, [0]
    while waiting:
        x = waiting.pop()
        j = request[x]
        for option in range(game.option[j], game.option[j + 1]):
            _visit(int(game.to[option]), seen, waiting)
        states[state_text(packed_labels(game.labels(x)), game.instance.experts)] = [
            _potential(solution, x),
            int(game.page[j]),
        ]
    return document("deterministic-lower", game.instance, solution.ratio, game.optimum, states=states)


def tight_requests(solution: BestDeterministic) -> list[int]:
    """For each state a request that loses no potential and comes to a miss.

    Requests that miss come first (rank 0); else the one that leads, by hits, to such a state soonest. A hit has one
    successor, so the policy cannot interfere.
    """
    game = solution.game
    p, q = solution.ratio.numerator, solution.ratio.denominator
    weight = q * (game.cost & 1).astype(np.int64) - p * (game.cost >> 1).astype(np.int64)
    least = np.minimum.reduceat(solution.potential[game.to], game.option[:-1])
    source = np.repeat(np.arange(game.states), np.diff(game.first))
    tight = np.flatnonzero(weight + least == solution.potential[source])
    missing = (game.cost[tight] & 1) == 1
    request = np.full(game.states, -1, np.int64)
    rank = np.full(game.states, -1, np.int64)
    request[source[tight[missing]]] = tight[missing]
    rank[source[tight[missing]]] = 0
    hits = tight[~missing]
    after = game.to[game.option[hits]]
    steps = 0
    while (new := (rank[source[hits]] < 0) & (rank[after] == steps)).any():
        request[source[hits[new]]] = hits[new]
        rank[source[hits[new]]] = steps + 1
        steps += 1
    assert (rank >= 0).all(), "every state has a tight way to a miss"
    result: list[int] = request.tolist()
    return result


def _potential(solution: BestDeterministic, state: int) -> str:
    """In misses; the solution counts in units of 1 / denominator of the ratio."""
    return str(Fraction(int(solution.potential[state]), solution.ratio.denominator))


def _visit(state: int, seen: set[int], waiting: list[int]) -> None:
    if state not in seen:
        seen.add(state)
        waiting.append(state)
