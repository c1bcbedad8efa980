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
from bounds.search.judge import Cycle, judge
from bounds.search.problem import Problem
from bounds.search.searchers.base import Harvest, Order
from paging.errors import InvalidPartition, PreconditionNotMet
from paging.model import Instance
from paging.policies.lru import LRU

PLAY_REQUESTS = 16_384
"""Of a play against an adversary, until something recurs."""

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
                best = judge(problem, prefix, cycle, order.rng)
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
        policy = problem.make()
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
    rounds = max(2, PLAY_REQUESTS // layers // 2 * 2)
    play = play_until_recurrence(problem.make(), adversary, rounds, rng)
    start = play.rounds // 2 if play.start is None else play.start
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
        yield (), _round_and_round(
            instance, [max(1, share + (layer < rest)) for layer in range(instance.layers)]
        )


def _round_and_round(instance: Instance, counts: list[int]) -> Cycle:
    rounds = int(np.lcm.reduce(counts))
    return tuple(
        instance.page(layer, number % count) for number in range(rounds) for layer, count in enumerate(counts)
    )
