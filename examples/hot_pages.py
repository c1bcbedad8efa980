"""A policy that does well on skewed traces, and has no finite competitive ratio."""

from __future__ import annotations

from collections.abc import Hashable, Set

import numpy as np

from layered_paging import Instance, Policy

HOT = 3


class HotPages(Policy):
    """Pages are rated by their hits since they were loaded, up to HOT; of the lowest rating the least recently used leaves.

    What is hot stays: on a Zipf trace that is right. But nothing ever cools down, and once all slots but one are hot, two other
    pages drive each other out for ever.
    """

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """Nothing is rated."""
        self._rating: dict[int, int] = {}  # of the cached pages, least recently used first

    def request(self, page: int, hit: bool) -> None:
        """A hit raises the rating."""
        rating = self._rating.pop(page, -1)
        self._rating[page] = min(rating + 1, HOT)

    def victim(self, page: int, candidates: Set[int]) -> int:
        """The least recently used of the lowest rating; min takes the first of several."""
        coldest = min((q for q in self._rating if q in candidates), key=self._rating.__getitem__)
        del self._rating[coldest]
        return coldest

    def canonical_state(self, cache: Set[int]) -> Hashable:
        """The ratings, in order of the last requests."""
        return tuple(self._rating.items())
