"""Random eviction: evict a page drawn uniformly from the cache (classical)."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy


class RandomEviction(Policy):
    """Each candidate with the same probability (Raghavan & Snir 1989: no better than k against any adversary)."""

    deterministic = False

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self._rng = rng

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """A uniform draw; sorted first, so that equal seeds draw equal pages."""
        pages = sorted(candidates)
        return pages[self._rng.integers(len(pages))]
