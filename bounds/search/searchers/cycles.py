"""Local search on cycles: small changes that respect the order of the layers, kept when they do not make things better."""

from __future__ import annotations

import sys
from fractions import Fraction

from bounds.search.found import Candidate
from bounds.search.judge import better, glance, judge
from bounds.search.mutations import MUTATIONS, Rounds, flat, random_rounds, rounds_of
from bounds.search.played import Cycle
from bounds.search.problem import Problem
from bounds.search.searchers.base import Harvest, Order
from paging.exact import Value
from paging.fast import has_kernel

STEPS = 150
"""Cycles tried by a unit that has a kernel; a tenth of that where the policy object plays."""

MOST_REQUESTS = 4000
"""Of a cycle: longer ones are not taken up."""

TOLERANCE = 0.05
"""How often a cycle takes the place of the present one though it is less bad."""


class Cycles:
    """Hill climbing with a few steps back, from the worst cycle known (odd units) or from a random one (even units)."""

    def units(self, problem: Problem) -> int | None:
        """Without end."""
        return None

    def work(self, problem: Problem, order: Order) -> Harvest:
        """Change a cycle again and again; every cycle that looks worse than the worst one known is judged."""
        rng = order.rng
        prefix, now = _begin(problem, order)
        steps = STEPS if has_kernel(problem.policy) else STEPS // 10
        most = order.most_states or sys.maxsize
        best, found = order.best, None
        new, tried, visited = now, 0, 0
        here: Value = Fraction(0)
        while tried < steps and not order.late:
            cycle = flat(problem.instance, new)
            if cycle and len(cycle) <= MOST_REQUESTS:
                visited += len(prefix) + len(cycle)
                if visited > most:
                    break
                there = glance(problem, prefix, cycle, rng)
                if there > _ratio(best):
                    candidate = judge(problem, prefix, cycle, rng)
                    if candidate is not None and better(candidate, best):
                        best = found = candidate
                        if candidate.proven and candidate.ratio >= problem.upper:
                            break
                if there >= here or rng.random() < TOLERANCE:
                    now, here = new, there
            tried += 1
            new = MUTATIONS[int(rng.integers(len(MUTATIONS)))](problem.instance, now, rng)
        return Harvest(found, tried, min(visited, most))


def _begin(problem: Problem, order: Order) -> tuple[Cycle, Rounds]:
    best = order.best
    if best is not None and order.number % 2 and best.cycle and len(best.cycle) <= MOST_REQUESTS:
        layers = problem.instance.layers
        turn = (
            len(best.prefix) % layers
        )  # the cycle may begin in the middle of a round: begin with a whole one
        cut = -turn % layers
        prefix = best.prefix + best.cycle[:cut]
        cycle = best.cycle[cut:] + best.cycle[:cut]
        return prefix, rounds_of(problem.instance, cycle)
    return (), random_rounds(problem.instance, order.rng)


def _ratio(best: Candidate | None) -> Value:
    return Fraction(0) if best is None else best.ratio
