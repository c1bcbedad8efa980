"""S3-FIFO: three queues, the small one a filter for pages that are requested once (Yang et al. 2023)."""

from __future__ import annotations

from collections.abc import Hashable, Set

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy

MOST = 3
"""A page's hits are counted up to this: two bits."""

ENOUGH = 2
"""So many hits bring a page from the small queue into the main one."""


class S3FIFO(Policy):
    """Yang, Zhang, Qiu, Yue, Rashmi, "FIFO Queues are All You Need for Cache Eviction" (SOSP 2023).

    A missed page enters the small queue (a tenth of the slots, at least one), or the main one if it is a ghost: the ghosts
    are the pages that left the small queue last, as many as the main queue has slots. Unless the main queue holds more than
    its slots, the small one gives up a page: the oldest leaves and becomes a ghost, but those with 2 hits go over to the
    main queue. Otherwise, or if there was none to leave, the main queue does: the oldest leaves, but those with hits give
    up one of them and join again at the new end.

    What the paper leaves open is as in its authors' simulator (libCacheSim): exactly one page leaves; a page goes over
    without its hits; until the first eviction the main queue takes what the small one has no slot for. (The simulator
    rounds the number of ghosts down where 10 does not divide k.)
    """

    one_size = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """Empty queues."""
        self._small_slots = max(1, instance.cache // 10)
        self._main_slots = instance.cache - self._small_slots
        self._small: dict[Page, None] = {}  # first in first
        self._main: dict[Page, None] = {}
        self._ghosts: dict[Page, None] = {}
        self._hits: dict[Page, int] = {}  # of the cached pages
        self._filling = True
        self._entering: tuple[Page, dict[Page, None]] | None = None  # joins when another page has left for it

    def _enter(self) -> None:
        if self._entering is not None:
            page, queue = self._entering
            queue[page] = None
            self._hits[page] = 0
            self._entering = None

    def request(self, page: Page, hit: bool) -> None:
        """Count a hit; of a missed page it is decided where it will join."""
        self._enter()
        if hit:
            self._hits[page] = min(MOST, self._hits[page] + 1)
            return
        small_is_full = self._filling and len(self._small) >= self._small_slots
        self._entering = page, self._main if page in self._ghosts or small_is_full else self._small
        self._ghosts.pop(page, None)

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """From the small queue, unless the main one is too long."""
        if self._filling:  # the first eviction: there are no ghosts yet
            self._filling = False
            self._entering = page, self._small
        if len(self._main) <= self._main_slots or candidates.isdisjoint(self._main):
            for oldest in [q for q in self._small if q in candidates]:
                del self._small[oldest]
                if self._hits[oldest] < ENOUGH:
                    self._remember(oldest)
                    return oldest
                self._main[oldest] = None
                self._hits[oldest] = 0
        while True:
            oldest = next(q for q in self._main if q in candidates)
            del self._main[oldest]
            if not self._hits[oldest]:
                del self._hits[oldest]
                return oldest
            self._hits[oldest] -= 1
            self._main[oldest] = None

    def _remember(self, page: Page) -> None:
        """The page leaves as a ghost."""
        del self._hits[page]
        self._ghosts[page] = None
        if len(self._ghosts) > self._main_slots:
            del self._ghosts[next(iter(self._ghosts))]

    def canonical_state(self, cache: Set[Page]) -> Hashable:
        """The queues, with the hits."""
        self._enter()
        counted = (tuple((q, self._hits[q]) for q in queue) for queue in (self._small, self._main))
        return *counted, tuple(self._ghosts), self._filling
