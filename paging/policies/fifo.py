"""FIFO: evict the page that was loaded first (classical)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Set

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy


class FIFO(Policy):
    """First in, first out. k-competitive (Sleator & Tarjan 1985); not a stack policy: Belady's anomaly."""

    conservative = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self._order: dict[Page, None] = {}  # cached pages, first loaded first

    def request(self, page: Page, hit: bool) -> None:
        """A miss will load the page: it joins at the end."""
        if not hit:
            self._order[page] = None

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The candidate loaded first."""
        first = next(q for q in self._order if q in candidates)
        del self._order[first]
        return first

    def marks(self, cache: Set[Page]) -> Mapping[Page, int]:
        """Rank by loading, 0 the newest."""
        return {page: rank for rank, page in enumerate(reversed(self._order))}

    def canonical_state(self, cache: Set[Page]) -> Hashable:
        """The cached pages in order of loading."""
        return tuple(self._order)
