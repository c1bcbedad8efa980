"""LFU: evict the page that was requested least often in the whole past (classical)."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy


class LFU(Policy):
    """Least frequently used, counts kept for evicted pages too; ties go to the page requested longest ago.

    O(k) per miss. No finite ratio, and no finite state: the counts grow without bound.
    """

    stack = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """Forget all counts."""
        self._count = [0] * instance.pages
        self._last = [-1] * instance.pages
        self._requests = 0

    def request(self, page: Page, hit: bool) -> None:
        """Count the request."""
        self._count[page] += 1
        self._last[page] = self._requests
        self._requests += 1

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The candidate with the least count."""
        return min(candidates, key=lambda q: (self._count[q], self._last[q]))
