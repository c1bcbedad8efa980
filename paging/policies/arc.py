"""ARC: the share of the cache that recency has against frequency adapts itself (Megiddo, Modha 2003)."""

from __future__ import annotations

from collections.abc import Hashable, Set
from itertools import chain

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy

Pages = dict[Page, None]
"""Least recently requested first."""


class ARC(Policy):
    """Megiddo, Modha, "ARC: A Self-Tuning, Low Overhead Replacement Cache" (FAST 2003), figure 4.

    T1 holds the cached pages that were requested once, T2 those requested again; B1 and B2 remember the pages that left
    them. A miss on a page of B1 says that T1 was too small, and raises its aim p; one of B2 lowers it. T1 gives up its oldest
    page where it is above its aim, T2 otherwise. p is a floating-point number, as in the authors' pseudo-code.
    """

    one_size = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """Four empty lists, p = 0."""
        self._slots = instance.cache
        self._t1: Pages = {}
        self._t2: Pages = {}
        self._b1: Pages = {}
        self._b2: Pages = {}
        self._aim = 0.0
        self._entering: Page | None = None

    def _enter(self) -> None:
        """The missed page joins when the one that leaves for it has left: T2 if it was remembered."""
        page = self._entering
        if page is None:
            return
        remembered = page in self._b1 or page in self._b2
        self._b1.pop(page, None)
        self._b2.pop(page, None)
        (self._t2 if remembered else self._t1)[page] = None
        self._entering = None

    def request(self, page: Page, hit: bool) -> None:
        """A hit goes to the recent end of T2; a remembered page moves the aim."""
        self._enter()
        if hit:
            self._t1.pop(page, None)
            self._t2.pop(page, None)
            self._t2[page] = None
            return
        self._entering = page
        if page in self._b1:
            self._aim = min(self._slots, self._aim + max(1.0, len(self._b2) / len(self._b1)))
        elif page in self._b2:
            self._aim = max(0.0, self._aim - max(1.0, len(self._b1) / len(self._b2)))

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The four cases of the paper, all with a full cache; a page that leaves T1 or T2 is remembered."""
        if page not in self._b1 and page not in self._b2:
            if len(self._t1) == self._slots:
                return self._leave(self._t1, self._t2, candidates)
            if len(self._t1) + len(self._b1) == self._slots:
                del self._b1[next(iter(self._b1))]
            elif self._slots + len(self._b1) + len(self._b2) == 2 * self._slots:
                del self._b2[next(iter(self._b2))]
        above = len(self._t1) > self._aim or (page in self._b2 and len(self._t1) == self._aim)
        if self._t1 and above:
            return self._leave(self._t1, self._t2, candidates, remember=True)
        return self._leave(self._t2, self._t1, candidates, remember=True)

    def _leave(self, pages: Pages, others: Pages, candidates: Set[Page], remember: bool = False) -> Page:
        """The oldest candidate of ``pages``; of ``others`` where all of these are needed at the same time."""
        oldest = next(q for q in chain(pages, others) if q in candidates)
        held, left = (self._t1, self._b1) if oldest in self._t1 else (self._t2, self._b2)
        del held[oldest]
        if remember:
            left[oldest] = None
        return oldest

    def canonical_state(self, cache: Set[Page]) -> Hashable:
        """The lists and the aim."""
        self._enter()
        return tuple(self._t1), tuple(self._t2), tuple(self._b1), tuple(self._b2), self._aim
