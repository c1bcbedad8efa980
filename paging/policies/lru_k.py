"""LRU-K: evict the page whose K-th last request is longest ago (O'Neil, O'Neil, Weikum 1993)."""

from __future__ import annotations

from collections.abc import Hashable, Set

import numpy as np
from numpy.typing import NDArray

from paging.model import Instance, Page
from paging.policies.base import Policy
from paging.policies.history import as_array


class LRUK(Policy):
    """O'Neil, O'Neil, Weikum, "The LRU-K Page Replacement Algorithm" (SIGMOD 1993); K = 2 unless given.

    A page with fewer than K requests goes first; ties go to the page requested longest ago. The requests of pages that have
    left are remembered for ever, and no two requests are taken for correlated. O(k) per miss.
    """

    stack = True

    def __init__(self, last: int = 2) -> None:
        self._last = last

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self._times: NDArray[np.int64] = np.full((instance.pages, self._last), -1, np.int64)  # oldest first
        self._now = 0

    def request(self, page: Page, hit: bool) -> None:
        """The times move up by one."""
        self._times[page, :-1] = self._times[page, 1:]
        self._times[page, -1] = self._now
        self._now += 1

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The candidate with the oldest K-th last request, then with the oldest last one."""
        pages = as_array(candidates)
        oldest = pages[self._times[pages, 0] == self._times[pages, 0].min()]
        return int(oldest[np.argmin(self._times[oldest, -1])])

    def canonical_state(self, cache: Set[Page]) -> Hashable:
        """The order of the last K requests of all pages."""
        return np.unique(self._times, return_inverse=True)[1].tobytes(), frozenset(cache)
