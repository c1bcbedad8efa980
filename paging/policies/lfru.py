"""LFRU: least frequently and recently used; requests per time since the last one."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy
from paging.policies.history import History, as_array


class LFRU(Policy):
    """Evict the page with the least requests / age, where age counts the requests since the page's last one, from 1 on.

    As tinyserve's expert cache computes it; counts are kept for evicted pages too, ties go to the page requested longest ago.
    (colibri gives the name to LFU with ties broken by recency, which is our ``lfu``; Bilal and Kang 2017 to a
    cache of two parts.) Quotients are floating-point numbers: those of different fractions differ up to 2^26 requests.
    O(k) per miss.
    """

    stack = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self._history = History(instance)
        self._now = 0

    def request(self, page: Page, hit: bool) -> None:
        self._history.request(page)
        self._now += 1

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The candidate with the least requests / age."""
        pages = as_array(candidates)
        rate = self._history.count[pages] / (self._now - self._history.last[pages])
        return self._history.oldest(pages[rate == rate.min()])
