"""The competitive ratio of the best deterministic policy, exactly, with optimal strategies of both sides.

Policy iteration: the adversary's best answer to the policy is found exactly (largest ratio cycle, with potentials), then
the policy takes every choice that lowers the potential. It ends when no choice does. Then with weights q * miss - p * growth
at the ratio p/q the potentials h satisfy h(x) = max over requests, min over evictions, of weight + h(next): no play of the
policy gains more than h, and no play against the adversary gains less (Cochet-Terrasson & Gaubert 2006; Howard).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bounds.exact.game import Game, build_game
from bounds.exact.strategies import OptimalAdversary, OptimalPolicy
from bounds.exact.view import packed_labels, state_text
from paging.errors import SolverFailed
from paging.exact import exact
from paging.model import Instance
from paging.stoppable import stoppable

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True, eq=False)
class BestDeterministic:
    """``ratio`` p/q; ``sigma``: per request the option that the policy takes; ``tau``: per state the request of the adversary;
    ``potential`` per state at weights q * miss - p * growth. ``iterations``: improvements of the policy."""

    ratio: Fraction
    game: Game
    sigma: NDArray[np.int64]
    tau: NDArray[np.int64]
    potential: NDArray[np.int64]
    iterations: int

    def policy(self) -> OptimalPolicy:
        """The optimal policy, for sequences of any length."""
        return OptimalPolicy(self.game, self.sigma)

    def adversary(self) -> OptimalAdversary:
        """The optimal adversary, against any policy; PreconditionNotMet for the game of the guided ones."""
        return OptimalAdversary(self.game, self.tau)

    def graph(self) -> nx.MultiDiGraph[int]:
        """States, the optimal policy's answers to all requests, and, marked, the cycle into which the optimal adversary leads
        it, for networkx: see bounds.exact.export."""
        from bounds.exact.export import exported

        game = self.game
        source = np.repeat(np.arange(game.states), np.diff(game.first))
        texts = (state_text(packed_labels(game.labels(x)), game.instance.experts) for x in range(game.states))
        return exported(
            texts, zip(source, game.to[self.sigma], game.page, game.cost, strict=True), self._loop()
        )

    def _loop(self) -> list[int]:
        """The requests of the cycle that the strategies enter from the start."""
        entered: dict[int, int] = {}
        requests: list[int] = []
        x = 0
        while x not in entered:
            entered[x] = len(requests)
            requests.append(int(self.tau[x]))
            x = int(self.game.to[self.sigma[requests[-1]]])
        return requests[entered[x] :]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        value = exact(self.ratio)
        return {
            "ratio": value,
            "lower": value,
            "upper": value,
            "guided": self.game.guided,
            "optimum_slots": self.game.optimum,
            "states": self.game.states,
            "moves": self.game.moves,
        }


def best_deterministic(
    instance: Instance, most: int | None = None, guided: bool = False, optimum: int | None = None
) -> BestDeterministic:
    """Solve the game, with at most ``most`` states. Raises UnsupportedProblem for trivial instances and those that do not fit.

    ``guided``: find the best guided policy. Its ratio is an upper bound for the best deterministic one, at a fraction of the
    states; that they are equal is a conjecture. ``optimum``: slots of OPT, at most k (default: k).
    """
    from bounds.exact.kernels.iteration import improve, initial_adversary, one_player

    game = build_game(instance, most, guided, optimum)
    everywhere = np.ones(game.states, np.bool_)
    sigma = game.option[:-1].copy()
    improve(game.option, game.to, _levels_of_cached(game), everywhere, sigma)
    tau = initial_adversary(game.first, game.cost)
    potential = np.zeros(game.states, np.int64)
    p, q, iterations = 0, 0, 0
    while True:
        chosen = game.to[sigma]
        misses, growth, _, critical = stoppable(
            one_player, game.first, game.cost, chosen, tau, potential, p, q
        )
        if growth == 0:
            raise SolverFailed(f"{instance}: a policy that evicts the highest level has no finite ratio")
        divisor = gcd(misses, growth)
        p, q = misses // divisor, growth // divisor
        if not improve(game.option, game.to, potential, critical, sigma):
            break
        iterations += 1
    if not critical.all():
        raise SolverFailed(f"{instance}: some states have a smaller value than the start")
    return BestDeterministic(Fraction(p, q), game, sigma, tau, potential, iterations)


def _levels_of_cached(game: Game) -> NDArray[np.int64]:
    """Sum of the levels of the cached pages: to keep it small is to evict the highest level, a policy of finite ratio."""
    total = np.zeros(game.states, np.int64)
    for position in range(game.instance.pages):
        label = game.words[:, position // 8] >> (8 * (position % 8)) & 255
        total += (label & 1) * (label >> 4)
    return total
