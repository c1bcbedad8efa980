"""A policy with a subtle bug: alone it does what it says, on every trace. Can you see it?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Set

import numpy as np

from layered_paging import Instance, Policy


class Tallies(Policy):
    """The page with the smallest tally leaves, the smallest page number of several; every miss halves all tallies."""

    tally: Counter[int] = Counter()

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self.tally.clear()

    def request(self, page: int, hit: bool) -> None:
        """A request adds 8 to its page."""
        if not hit:
            for other in self.tally:
                self.tally[other] //= 2
        self.tally[page] += 8

    def victim(self, page: int, candidates: Set[int]) -> int:
        """The least tally."""
        return min(candidates, key=lambda q: (self.tally[q], q))
