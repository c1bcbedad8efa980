"""Least-Stale: what the current token has not requested leaves first (Hoang et al. 2026)."""

from __future__ import annotations

from collections.abc import Hashable, Set

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy
from paging.policies.history import History


class LeastStale(Policy):
    """Hoang, Jaiswal, Samragh, Cho, "SpecMD" (2026), known to us through secondary accounts, so that this is our reading.

    Pages requested in the current round (forward pass) are fresh, all others stale. Stale pages leave before fresh ones, in
    either group the page that was loaded first. (Were it the page requested first, the policy would be LRU: every fresh page
    was requested after every stale one.) With one layer every request is a round.

    Conservative: take a run of requests to at most k distinct pages, p loaded in it, and q in the cache but not of the run.
    The last request of q, and its loading, were before p was loaded; so if p is stale q is, and q leaves before p. While a
    page of the run misses there is such a q. So p stays, and every page is loaded at most once.
    """

    conservative = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """No page is fresh."""
        self._history = History(instance)
        self._loaded: dict[Page, None] = {}  # cached pages, first loaded first
        self._fresh: set[Page] = set()
        self._round = 0

    def request(self, page: Page, hit: bool) -> None:
        """The page is fresh; those of the round before no longer are."""
        self._history.request(page)
        if self._history.round != self._round:
            self._fresh.clear()
            self._round = self._history.round
        self._fresh.add(page)
        if not hit:
            self._loaded.pop(page, None)
            self._loaded[page] = None

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The candidate loaded first of the stale ones, or of all."""
        there = [q for q in self._loaded if q in candidates]
        first = next((q for q in there if q not in self._fresh), there[0])
        del self._loaded[first]
        return first

    def canonical_state(self, cache: Set[Page]) -> Hashable:
        """The order of loading, who is fresh, and the layer (for width 1)."""
        return tuple((q, q in self._fresh) for q in self._loaded), self._history.layer
