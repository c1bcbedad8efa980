"""LRU and FIFO on real pages, from their definitions: a list of the cached pages, the one to leave first in front."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from tests.proofs.judge.optimum import Optimum, Problem
from tests.proofs.judge.ratio import largest_ratio

State = tuple[int, int, tuple[int, ...]]


@cache
def exact(name: str, layers: int, experts: int, slots: int, best: int | None = None) -> Fraction | None:
    """The ratio of "lru" or "fifo". ``best``: slots of the optimum, if not the policy's."""
    problem = Problem(layers, experts, slots if best is None else best)
    optimum = Optimum(problem)

    def moves(state: State) -> Iterator[tuple[int, int, State]]:
        turn, function, queue = state
        for page in problem.turn(turn):
            after, growth = optimum.request(function, page)
            if page not in queue:
                line = (*queue[len(queue) == slots :], page)
            elif name == "lru":
                line = (*(q for q in queue if q != page), page)
            else:
                line = queue
            yield int(page not in queue), growth, (problem.next(turn), after, line)

    assert name in ("lru", "fifo")
    start: State = 0, 0, ()
    return largest_ratio(start, moves)
