"""LRU: evict the page whose last request is longest ago (classical)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Set

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy


class LRU(Policy):
    """Least recently used. k-competitive (Sleator & Tarjan 1985); O(1) per request."""

    marking = True
    conservative = True
    stack = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self._order: dict[Page, None] = {}  # cached pages, least recently requested first

    def request(self, page: Page, hit: bool) -> None:
        """Move the page to the recent end."""
        self._order.pop(page, None)
        self._order[page] = None

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The candidate at the old end."""
        oldest = next(q for q in self._order if q in candidates)
        del self._order[oldest]
        return oldest

    def marks(self, cache: Set[Page]) -> Mapping[Page, int]:
        """Rank by last request, 0 the most recent."""
        return {page: rank for rank, page in enumerate(reversed(self._order))}

    def canonical_state(self, cache: Set[Page]) -> Hashable:
        """The cached pages in order of their last requests."""
        return tuple(self._order)
