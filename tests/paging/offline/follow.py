"""An offline schedule as a policy, so that the model's own replay can judge it."""

from __future__ import annotations

from collections.abc import Set

import numpy as np
from numpy.typing import NDArray

from paging.model import Instance, Page, Requests
from paging.offline.next_use import reuses
from paging.policies.base import Policy


class Follow(Policy):
    """Evicts only pages whose next request need not be a hit; ``hits`` as an engine found them, for the same requests.

    Replayed on ``requests`` (sequential or atomic, no bypass) it misses no more often than the schedule says.
    """

    def __init__(self, requests: Requests, hits: NDArray[np.bool_]) -> None:
        first, again = reuses(requests)
        self._needed = np.zeros(len(requests), np.bool_)
        self._needed[first] = hits[again]

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """Back to the first request."""
        self._time = 0
        self._idle: dict[Page, None] = {}

    def request(self, page: Page, hit: bool) -> None:
        """Note whether the schedule needs the page again."""
        self._idle.pop(page, None)
        if not self._needed[self._time]:
            self._idle[page] = None
        self._time += 1

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """A page that is not needed."""
        idle = next(q for q in self._idle if q in candidates)
        del self._idle[idle]
        return idle
