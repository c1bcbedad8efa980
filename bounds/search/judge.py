"""What a cycle is worth: proven on a recurrence, or measured on a window."""

from __future__ import annotations

import math
from collections.abc import Hashable
from fractions import Fraction

import numpy as np

from bounds.search.expected import GLANCES, expected, second_halves
from bounds.search.found import Candidate
from bounds.search.played import Cycle, growth_of, misses_of, requests_of
from bounds.search.problem import Problem
from paging.course import Course
from paging.exact import Value

MOST_REPETITIONS = 64
"""Of a cycle, until policy and offset function recur."""

WINDOW = 4096
"""Requests, at least, of each half of a window."""

WARM_UP = 4
"""Repetitions before those that ``glance`` counts, and how many it counts."""


def value(misses: int, growth: int) -> Value | None:
    """Misses over growth; without growth infinite, and None for 0/0."""
    if growth == 0:
        return math.inf if misses else None
    return Fraction(misses, growth)


def judge(problem: Problem, prefix: Cycle, cycle: Cycle, rng: np.random.Generator) -> Candidate | None:
    """Proven if it can be, else measured; of a randomized policy estimated. None for a cycle that costs nothing."""
    if not problem.deterministic:
        return expected(problem, prefix, cycle, rng)
    if problem.finite:
        proven = prove(problem, prefix, cycle)
        if proven is not None:
            return proven
    return measure(problem, prefix, cycle)


def better(one: Candidate | None, other: Candidate | None) -> bool:
    """Whether ``one`` says more: what is proven comes first, then the larger ratio."""
    if one is None or other is None:
        return one is not None
    return (one.proven, one.ratio) > (other.proven, other.ratio)


def prove(problem: Problem, prefix: Cycle, cycle: Cycle) -> Candidate | None:
    """Repeat ``cycle`` until policy and offset function are as they were after an earlier repetition.

    None if that does not happen within MOST_REPETITIONS, or nothing is paid. The cycle must end at the layer where it begins.
    """
    course = Course(problem.policy, problem.instance, slots=problem.slots)
    for page in prefix:
        course.request(page)
    seen: dict[Hashable, int] = {}
    costs: list[tuple[int, int]] = []
    for repetition in range(MOST_REPETITIONS + 1):
        now = course.situation()
        start = repetition if now is None else seen.setdefault(now, repetition)
        costs.append((course.misses, course.optimum))
        if start < repetition:
            paid = course.misses - costs[start][0]
            growth = course.optimum - costs[start][1]
            ratio = value(paid, growth)
            if ratio is None:
                return None
            return Candidate(ratio, True, prefix + cycle * start, cycle * (repetition - start), paid, growth)
        for page in cycle if repetition < MOST_REPETITIONS else ():
            course.request(page)
    return None


def measure(problem: Problem, prefix: Cycle, cycle: Cycle) -> Candidate | None:
    """The additive-constant form: costs of R repetitions of the cycle, after R repetitions; WINDOW requests or more."""
    repetitions = max(1, -(-WINDOW // len(cycle)))
    misses, growth = _second_half(problem, prefix, cycle, repetitions)
    ratio = value(misses, growth)
    if ratio is None:
        return None
    return Candidate(ratio, False, prefix, cycle, misses, growth, repetitions)


def glance(problem: Problem, prefix: Cycle, cycle: Cycle, rng: np.random.Generator) -> Value:
    """A quick estimate, to choose among cycles: 0 for one that costs nothing."""
    if problem.deterministic:
        misses, growth = _second_half(problem, prefix, cycle, WARM_UP)
    else:
        drawn, growth = second_halves(problem, prefix, cycle, WARM_UP, GLANCES, rng)
        misses, growth = int(drawn.sum()), growth * GLANCES
    ratio = value(misses, growth)
    return Fraction(0) if ratio is None else ratio


def _second_half(problem: Problem, prefix: Cycle, cycle: Cycle, repetitions: int) -> tuple[int, int]:
    requests = requests_of(problem, prefix + cycle * (2 * repetitions))
    begin = len(prefix) + len(cycle) * repetitions
    missed = misses_of(problem, requests, np.random.default_rng(0))
    grows = growth_of(problem, requests)
    return int(np.count_nonzero(missed[begin:])), int(np.count_nonzero(grows[begin:]))
