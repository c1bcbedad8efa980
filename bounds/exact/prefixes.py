"""The least additive constant of an upper bound: the largest ALG - r OPT over all request sequences, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from bounds.exact.product import ProductGraph
from bounds.exact.ratio import real_pages
from paging.model import Page
from paging.stoppable import stoppable


@dataclass(frozen=True, slots=True)
class WorstPrefix:
    """``excess``: the largest ALG - r OPT over all sequences of at least one request; ``pages``: one that attains it.

    So ALG <= r OPT + c holds at every prefix exactly if c >= max(0, excess); the empty prefix needs the 0.
    """

    excess: Fraction
    pages: tuple[Page, ...]

    @property
    def constant(self) -> Fraction:
        """The least c."""
        return max(Fraction(0), self.excess)


def worst_prefix(graph: ProductGraph, ratio: Fraction) -> WorstPrefix:
    """``ratio`` r must not be below the largest ratio of the graph's cycles (without growth of OPT: no misses either)."""
    from bounds.exact.kernels.prefixes import farthest

    p, q = ratio.numerator, ratio.denominator
    cost = graph.cost.astype(np.int64)
    best, came = stoppable(farthest, graph.first, graph.to, q * (cost & 1) - p * (cost >> 1))
    end = 1 + int(np.argmax(best[1:]))  # nothing leads back to state 0, the empty cache
    path: list[int] = []
    x = end
    while x:
        path.append(int(came[x]))
        x = int(np.searchsorted(graph.first, came[x], "right")) - 1
    pages, _ = real_pages(graph, tuple(reversed(path)), ())
    return WorstPrefix(Fraction(int(best[end]), q), pages)
