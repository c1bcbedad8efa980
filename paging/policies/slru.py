"""SLRU: pages that were requested again are kept apart from those that were not (Karedla, Love, Wherry 1994)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Set
from itertools import chain

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy


class SLRU(Policy):
    """Karedla, Love, Wherry, "Caching Strategies to Improve Disk System Performance" (1994).

    Two LRU lists, the probationary and the protected one. A missed page enters the first; a hit brings a page to the recent
    end of the protected list, which holds at most half the slots: what it cannot hold goes back to the recent end of
    the probationary list. The oldest probationary page leaves; the oldest protected one if there is none.
    """

    one_size = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """Two empty lists."""
        self._most = instance.cache // 2
        self._probationary: dict[Page, None] = {}  # least recently requested first
        self._protected: dict[Page, None] = {}

    def request(self, page: Page, hit: bool) -> None:
        """A hit protects."""
        if not hit:
            self._probationary[page] = None
            return
        self._probationary.pop(page, None)
        self._protected.pop(page, None)
        self._protected[page] = None
        if len(self._protected) > self._most:
            oldest = next(iter(self._protected))
            del self._protected[oldest]
            self._probationary[oldest] = None

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The oldest candidate on probation, else the oldest protected one."""
        oldest = next(q for q in chain(self._probationary, self._protected) if q in candidates)
        self._probationary.pop(oldest, None)
        self._protected.pop(oldest, None)
        return oldest

    def marks(self, cache: Set[Page]) -> Mapping[Page, int]:
        """Twice the rank from the oldest on, probationary pages first, plus 1 for the protected."""
        ranked = enumerate(chain(self._probationary, self._protected))
        return {page: 2 * rank + (page in self._protected) for rank, page in ranked}

    def canonical_state(self, cache: Set[Page]) -> Hashable:
        """Both lists."""
        return tuple(self._probationary), tuple(self._protected)
