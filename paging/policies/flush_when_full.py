"""FlushWhenFull: on a miss with a full cache, evict everything (classical)."""

from __future__ import annotations

from collections.abc import Mapping, Set

from paging.model import Page
from paging.policies.base import Policy


class FlushWhenFull(Policy):
    """The simplest marking policy (Karlin, Manasse, Rudolph, Sleator 1988): each phase begins with an empty cache.

    It is the one policy here that gives up more than it must.
    """

    marking = True

    def victim(self, page: Page, candidates: Set[Page]) -> Set[Page]:
        """All candidates."""
        return frozenset(candidates)

    def marks(self, cache: Set[Page]) -> Mapping[Page, int]:
        """Nothing but the cache itself."""
        return dict.fromkeys(cache, 0)
