"""Admission: not every page that was missed may stay. What is not admitted is the first to leave."""

from __future__ import annotations

from collections.abc import Hashable, Set
from itertools import chain

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy
from paging.policies.history import History

ONE_IN = 8
INSERTS = 2


class Admission(Policy):
    """LRU of the pages that ``admits`` lets in.

    Engines compute an expert that is not admitted elsewhere (on the CPU, or in a buffer of its own). Here a requested page
    must be in the cache, so it is loaded as a *guest*: it is used, counts as in the cache while it is there, and the next miss
    evicts it, before any page that was admitted. If there is no guest to evict the admitted page requested
    longest ago makes room. So k slots are k - 1 of the engine's and its buffer. While there is room all are admitted.
    """

    one_size = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self._admitted: dict[Page, None] = {}  # least recently requested first
        self._guests: dict[Page, None] = {}

    def request(self, page: Page, hit: bool) -> None:
        """A hit renews what was admitted; a guest stays a guest."""
        if page not in self._guests:
            self._admitted.pop(page, None)
            self._admitted[page] = None

    def admits(self) -> bool:
        """Whether the page that was missed with a full cache may stay; asked once for each of these."""
        raise NotImplementedError(f"{type(self).__name__} does not implement admits")

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The first guest, else the oldest admitted page."""
        first = next(q for q in chain(self._guests, self._admitted) if q in candidates)
        self._guests.pop(first, None)
        self._admitted.pop(first, None)
        if not self.admits():
            del self._admitted[page]
            self._guests[page] = None
        return first

    def canonical_state(self, cache: Set[Page]) -> Hashable:
        """The admitted pages in order, and the guests."""
        return tuple(self._admitted), tuple(self._guests)


class Throttled(Admission):
    """With a full cache one in 8 misses is admitted, as GGML_CUDA_MOE_CACHE_THROTTLE of llama.cpp's expert cache says."""

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """Also the misses from anew."""
        super().start(instance, rng)
        self._misses = 0

    def admits(self) -> bool:
        """The 8th, 16th, ... miss."""
        self._misses = (self._misses + 1) % ONE_IN
        return self._misses == 0

    def canonical_state(self, cache: Set[Page]) -> Hashable:
        """Also the misses since the last page was admitted."""
        return super().canonical_state(cache), self._misses


class Capped(Admission):
    """At most 2 pages are admitted per visit of a layer, as llama.cpp's n_moe_cache_inserts says; at width 1 it is LRU."""

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """Also the visits from anew."""
        super().start(instance, rng)
        self._history = History(instance)
        self._visit = self._inserts = 0

    def request(self, page: Page, hit: bool) -> None:
        super().request(page, hit)
        self._history.request(page)

    def admits(self) -> bool:
        """The first and the second miss of a visit."""
        if self._history.visit != self._visit:
            self._visit, self._inserts = self._history.visit, 0
        self._inserts += 1
        return self._inserts <= INSERTS
