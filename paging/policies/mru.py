"""MRU: evict the page whose last request is most recent (classical)."""

from __future__ import annotations

from collections.abc import Set

from paging.model import Page
from paging.policies.lru import LRU


class MRU(LRU):
    """Most recently used: LRU's bookkeeping, read from the other end. Good on one long loop, else unbounded."""

    marking = False
    conservative = False

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The candidate at the recent end."""
        newest = next(q for q in reversed(self._order) if q in candidates)
        del self._order[newest]
        return newest

    marks = LRU.marks
