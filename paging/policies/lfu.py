"""LFU: evict the page that was requested least often in the whole past (classical)."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy
from paging.policies.history import History, as_array


class LFU(Policy):
    """Least frequently used, counts kept for evicted pages too; ties go to the page requested longest ago.

    O(k) per miss. No finite ratio, and no finite state: the counts grow without bound.
    """

    stack = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """Forget all counts."""
        self._history = History(instance)

    def request(self, page: Page, hit: bool) -> None:
        """Count the request."""
        self._history.request(page)

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The candidate with the least count."""
        pages = as_array(candidates)
        return self._history.oldest_of_largest(pages, -self._history.count[pages])
