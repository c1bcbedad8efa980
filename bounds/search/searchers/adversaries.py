"""The instances of the theorems, layer cycles of all sizes, and cycles handed in, as the first cycles of a search."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from adversaries.base import AdaptiveAdversary, ObliviousAdversary
from adversaries.duel import duel
from adversaries.registry import ADVERSARIES
from bounds.checker.lower import make_adversary
from bounds.checker.recurrence import play_until_recurrence
from bounds.search.found import Candidate
from bounds.search.judge import better, judge
from bounds.search.played import Cycle
from bounds.search.problem import Problem
from bounds.search.searchers.base import Harvest, Order
from paging.errors import InvalidPartition, PreconditionNotMet
from paging.model import Instance
from paging.policies.lru import LRU

PLAY_REQUESTS = 131_072
"""Of a play against an adversary, until something recurs."""

WINDOW_REQUESTS = 16_384
"""The same where nothing can recur, for want of a canonical state."""

PHASES = (1, 2, 3, 4, 6, 8)
"""So many growths of OPT at the end of a play are tried as a cycle: it may be as bad as the recurrence, which is long."""

OBLIVIOUS_ROUNDS = 64
"""Of a sequence that is repeated, where the policy or the adversary draws."""


class Adversaries:
    """One unit for each of ADVERSARIES, each layer cycle, each cycle handed in."""

    def units(self, problem: Problem) -> int | None:
        """As many as there are ideas."""
        return len(_ideas(problem))

    def work(self, problem: Problem, order: Order) -> Harvest:
        """Play one of them."""
        best: Candidate | None = None
        played = 0
        try:
            for prefix, cycle in _ideas(problem)[order.number](problem, order.rng):
                played += len(prefix) + len(cycle)
                new = judge(problem, prefix, cycle, order.rng)
                best = new if better(new, best) else best
        except (PreconditionNotMet, InvalidPartition):
            pass  # this adversary does not exist here
        return Harvest(best, 1, played)


Idea = Callable[[Problem, np.random.Generator], Iterator[tuple[Cycle, Cycle]]]


def _ideas(problem: Problem) -> list[Idea]:
    ideas: list[Idea] = [_Given(seed) for seed in problem.seeds]
    ideas += [_Attack(name) for name in ADVERSARIES]
    experts, layers = problem.instance.experts, problem.instance.layers
    ideas += [_Layers(pages) for pages in range(2, experts + 1)]
    if problem.instance.cache < problem.instance.pages and (problem.instance.cache + 1) % layers:
        ideas.append(_Uneven())
    return ideas


class _Given:
    """A cycle handed in, cut to whole rounds by repeating it."""

    def __init__(self, cycle: Cycle) -> None:
        self._cycle = cycle

    def __call__(self, problem: Problem, rng: np.random.Generator) -> Iterator[tuple[Cycle, Cycle]]:
        yield (), self._cycle


class _Attack:
    """An adversary of the registry."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, problem: Problem, rng: np.random.Generator) -> Iterator[tuple[Cycle, Cycle]]:
        instance = problem.instance
        policy = problem.policy()
        policy.start(instance, rng)
        adversary = make_adversary(self._name, instance, policy)
        if isinstance(adversary, ObliviousAdversary):
            rounds = adversary.period or OBLIVIOUS_ROUNDS * instance.layers
            yield (), tuple(adversary.sequence(-(-rounds // instance.layers), rng).tolist())
        elif problem.deterministic:
            yield from _play(problem, adversary, rng)
        else:  # an oblivious sequence: what the adversary asks of LRU
            run = duel(LRU(), adversary, OBLIVIOUS_ROUNDS, rng)
            yield (), tuple(run.requests.stream.tolist())


def _play(
    problem: Problem, adversary: AdaptiveAdversary, rng: np.random.Generator
) -> Iterator[tuple[Cycle, Cycle]]:
    layers = problem.instance.layers
    most = PLAY_REQUESTS if problem.finite else WINDOW_REQUESTS
    rounds = max(2, most // layers // 2 * 2)
    play = play_until_recurrence(problem.policy(), adversary, rounds, rng)
    start = play.rounds // 2 if play.start is None else play.start
    grown = [r for r in range(play.rounds) if play.optima[r + 1] > play.optima[r]]
    for phases in PHASES:
        if len(grown) > phases:  # short cycles first: a longer one must be worse for the policy
            yield (), play.pages[grown[-1 - phases] * layers : grown[-1] * layers]
    yield (), play.pages[start * layers :]
    yield play.pages[: start * layers], play.pages[start * layers :]


class _Layers:
    """Round and round the same number of experts in each layer."""

    def __init__(self, pages: int) -> None:
        self._pages = pages

    def __call__(self, problem: Problem, rng: np.random.Generator) -> Iterator[tuple[Cycle, Cycle]]:
        yield (), _round_and_round(problem.instance, [self._pages] * problem.instance.layers)


class _Uneven:
    """Round and round k+1 pages in all, divided as evenly as it goes."""

    def __call__(self, problem: Problem, rng: np.random.Generator) -> Iterator[tuple[Cycle, Cycle]]:
        instance = problem.instance
        share, rest = divmod(instance.cache + 1, instance.layers)
        yield (
            (),
            _round_and_round(instance, [max(1, share + (layer < rest)) for layer in range(instance.layers)]),
        )


def _round_and_round(instance: Instance, counts: list[int]) -> Cycle:
    rounds = int(np.lcm.reduce(counts))
    return tuple(
        instance.page(layer, number % count) for number in range(rounds) for layer, count in enumerate(counts)
    )
