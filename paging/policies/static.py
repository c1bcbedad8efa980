"""Static placement: the pages that were hot in a profile stay, whatever comes."""

from __future__ import annotations

from collections.abc import Hashable, Set

import numpy as np
from numpy.typing import NDArray

from paging.model import Instance, Page
from paging.policies.base import Policy
from paging.policies.history import as_array

PROFILE = 4096
"""Requests."""


class Static(Policy):
    """The first 4,096 requests are a profile, served as by LFU; then the counts are frozen, and the least one always leaves.

    So the k - 1 hottest pages stay once they are there, and one slot serves all others: engines place experts so by a recorded
    profile (llama.cpp forks: --moe-cache-profile). Ties go to the page requested longest ago in the profile; of pages
    that are not in it the lowest number goes first.
    """

    stack = True

    def __init__(self, profile: int = PROFILE) -> None:
        self._profile = profile

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """An empty profile."""
        self._count: NDArray[np.int64] = np.zeros(instance.pages, np.int64)
        self._last: NDArray[np.int64] = np.arange(instance.pages)  # without a request: the number of the page
        self._requests = 0

    def request(self, page: Page, hit: bool) -> None:
        """Count the request while the profile is taken."""
        if self._requests < self._profile:
            self._count[page] += 1
            self._last[page] = self._requests
            self._requests += 1

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The candidate with the least count."""
        pages = as_array(candidates)
        coldest = pages[self._count[pages] == self._count[pages].min()]
        return int(coldest[np.argmin(self._last[coldest])])

    def canonical_state(self, cache: Set[Page]) -> Hashable:
        """The profile, and the cache."""
        return self._requests, self._count.tobytes(), self._last.tobytes(), frozenset(cache)
