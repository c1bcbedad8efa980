"""The optimal strategies of the deterministic game as a policy and as an adversary for real sequences."""

from __future__ import annotations

from collections.abc import Hashable, Set

import numpy as np
from numpy.typing import NDArray

from adversaries.base import PAGES_TO_SPARE, AdaptiveAdversary
from bounds.exact.board import Board
from bounds.exact.game import Game, start_labels
from paging.errors import PreconditionNotMet
from paging.model import Instance, Page
from paging.policies.base import Policy


class OptimalPolicy(Policy):
    """Plays the game beside the real sequence, with a virtual cache that is full from the start.

    The virtual cache follows the optimal strategy. The real one evicts a page that the virtual one does not hold; there
    always is one, as the virtual cache holds the page just requested. So the real cache misses at most k times more often.
    Raises PreconditionNotMet when started on another instance than that of the solved game.
    """

    def __init__(self, game: Game, sigma: NDArray[np.int64]) -> None:
        self._game = game
        self._sigma = sigma

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """The start of the game."""
        if instance != self._game.instance:
            raise PreconditionNotMet(f"OptimalPolicy of {self._game.instance}: started at {instance}")
        self._board = Board(instance, start_labels(instance))

    def request(self, page: Page, hit: bool) -> None:
        """One move of the virtual game."""
        game, board = self._game, self._board
        order = board.order()
        labels = board.sorted_labels(order)
        state = game.state(labels)
        position = order.index(page)
        requests = range(game.first[state], game.first[state + 1])
        request = next(j for j in requests if labels[game.page[j]] == labels[position])
        victim = int(game.victim[self._sigma[request]])
        if (
            victim >= 0 and game.page[request] != position
        ):  # equal labels: the strategy's page and ours change places
            victim = {int(game.page[request]): position, position: int(game.page[request])}.get(
                victim, victim
            )
        board.move(order, moved_labels(labels, position, victim, game.instance.cache))

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The first candidate that the virtual cache does not hold."""
        return min(q for q in candidates if not self._board.labels[q] & 1)

    def canonical_state(self, cache: Set[Page]) -> Hashable:
        """The virtual game and the real cache."""
        return self._board.turn, self._board.labels.tobytes(), frozenset(cache)


class OptimalAdversary(AdaptiveAdversary):
    """Plays the optimal requests against any policy, whatever its cache.

    The real cache may be empty at first, or hold fewer pages than it could. Beside it the adversary keeps a virtual one that is
    full from the start and always contains the real one: where the virtual cache misses it gives up a page that the real one
    does not hold, of the highest level. Virtual misses are real misses, so the proven ratio holds for every policy.
    """

    precondition = PAGES_TO_SPARE

    def __init__(self, game: Game, tau: NDArray[np.int64]) -> None:
        if game.guided:
            raise PreconditionNotMet(
                f"OptimalAdversary of {game.instance}: expected the game of all policies, got that of the guided ones"
            )
        self.instance = game.instance
        self._game = game
        self._tau = tau
        self._board = Board(self.instance, start_labels(self.instance))
        self._last: tuple[list[Page], int] | None = None

    def next_page(self, cache: Set[Page]) -> Page:
        """The request that the strategy makes in the virtual game."""
        game, board = self._game, self._board
        self._settle(cache)
        order = board.order()
        state = game.state(board.sorted_labels(order))
        position = int(game.page[self._tau[state]])
        self._last = (order, position)
        return order[position]

    def _settle(self, cache: Set[Page]) -> None:
        """Finish the last move: now it is seen what the policy kept."""
        if self._last is None:
            return
        order, position = self._last
        labels = self._board.sorted_labels(order)
        victim = -1
        if not labels[position] & 1:
            free = [i for i, page in enumerate(order) if labels[i] & 1 and page not in cache]
            victim = max(free, key=lambda i: int(labels[i]))
        self._board.move(order, moved_labels(labels, position, victim, self.instance.cache))
        self._last = None

    def state(self) -> Hashable:
        """The virtual game, and the request that is not settled yet."""
        last = None if self._last is None else self._last[0][self._last[1]]
        return self._board.turn, self._board.labels.tobytes(), last


def moved_labels(labels: NDArray[np.int64], position: int, victim: int, slots: int) -> NDArray[np.int64]:
    """The labels after a request of the page at ``position`` and, unless -1, an eviction."""
    from bounds.exact.kernels.states import request_levels

    new = labels.copy()
    request_levels(new, len(new), position, slots)
    if victim >= 0:
        new[victim] -= 1
    new[position] |= 1
    return new
