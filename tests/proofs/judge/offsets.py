"""Play on real pages from a full cache, for certificates of randomized ratios: turn, work function, levels.

Both sides begin with the pages x_1..x_k, x_i in L_i: the page that was requested i requests ago if requests went round the
layers and, in each layer, down the experts. What the ratios are does not depend on it (Lemma 4 of proofs/soundness.md).
"""

from __future__ import annotations

from typing import NamedTuple

from tests.proofs.judge.levels import raised, rows, written
from tests.proofs.judge.optimum import Optimum, Problem


class NotAStrategy(Exception):
    """A document does not say what to do, or something impossible."""


class Offset(NamedTuple):
    """The layer whose turn it is, the number of the work function, the level of each page."""

    turn: int
    function: int
    levels: tuple[int, ...]

    def text(self, problem: Problem, tokens: tuple[int, ...] | None = None) -> str:
        """As the format writes it; without tokens: 0 everywhere."""
        tokens = tokens or (0,) * problem.pages
        return written(rows(problem, self.turn, self.levels, tokens), self.levels, tokens)


def first(problem: Problem, optimum: Optimum) -> tuple[Offset, int]:
    """Where play begins, and the cache, as bits."""
    levels, full = [problem.slots + 1] * problem.pages, 0
    for i in range(1, problem.slots + 1):
        page = -i % problem.layers * problem.experts + (i - 1) // problem.layers
        levels[page], full = i, full | 1 << page
    return Offset(0, optimum.begin(full), tuple(levels)), full


def request(problem: Problem, optimum: Optimum, state: Offset, page: int) -> tuple[Offset, int]:
    """What is after the request of a page, and the growth of the optimum: by the work function; the levels say the same."""
    function, growth = optimum.request(state.function, page)
    levels, told = raised(state.levels, page, problem.slots)
    assert growth == told
    return Offset(problem.next(state.turn), function, levels), growth
