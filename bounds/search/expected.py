"""Randomized policies: the expected cost of a fixed sequence, by independent runs."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from bounds.checker.interval import mean_intervals
from bounds.search.found import Candidate
from bounds.search.played import Cycle, growth_of, misses_of, requests_of
from bounds.search.problem import Problem
from paging.fast import has_kernel

WINDOW, DRAWS = 2048, 200
"""Requests, at least, of each half of a window, and runs, for the figure that is reported; a policy without a kernel, which
is hundreds of times slower, gets SLOW_WINDOW and SLOW_DRAWS."""

SLOW_WINDOW, SLOW_DRAWS = 256, 40

GLANCES = 8
"""Runs for an estimate that only serves to choose among cycles."""


def expected(problem: Problem, prefix: Cycle, cycle: Cycle, rng: np.random.Generator) -> Candidate | None:
    """E[ALG(2R) - ALG(R)] against OPT(2R) - OPT(R), with the interval of bounds.checker.interval around it.

    The sequence is fixed before the runs, which take fresh draws from ``rng``: the estimate is unbiased for this sequence,
    whatever led to its choice. None where nothing is paid; without growth of OPT infinite if the interval of the misses
    lies above 0.
    """
    window, draws = (WINDOW, DRAWS) if has_kernel(problem.policy) else (SLOW_WINDOW, SLOW_DRAWS)
    repetitions = max(1, -(-window // len(cycle)))
    misses, growth = second_halves(problem, prefix, cycle, repetitions, draws, rng)
    low, high = (float(end[0]) for end in mean_intervals(misses[:, None].astype(np.float64)))
    total = int(misses.sum())
    if growth == 0:
        if low <= 0:
            return None
        return Candidate(math.inf, False, prefix, cycle, total, 0, repetitions, None, draws)
    interval = max(0.0, low / growth), high / growth
    ratio = Fraction(total, draws * growth)
    return Candidate(ratio, False, prefix, cycle, total, growth, repetitions, interval, draws)


def second_halves(
    problem: Problem, prefix: Cycle, cycle: Cycle, repetitions: int, draws: int, rng: np.random.Generator
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], int]:
    """Misses of each run in the second half of the repetitions, and the growth of OPT there."""
    requests = requests_of(problem, prefix + cycle * (2 * repetitions))
    begin = len(prefix) + len(cycle) * repetitions
    growth = int(np.count_nonzero(growth_of(problem, requests)[begin:]))
    misses = [np.count_nonzero(misses_of(problem, requests, rng)[begin:]) for _ in range(draws)]
    return np.array(misses, np.int64), growth
