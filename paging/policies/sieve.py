"""SIEVE: a queue, a bit per page, and a hand that keeps what was requested again (Zhang et al. 2024)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Set

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy


class SIEVE(Policy):
    """Zhang, Yang, Yue, Vigfusson, Rashmi, "SIEVE is Simpler than LRU" (NSDI 2024).

    The pages stand in a queue in the order of loading, and a hit sets a page's bit. On a miss the hand goes from where it
    stopped towards the newest page, then on with the oldest: it clears the bits that it finds, and the first page without
    one leaves. A page that may not leave (needed at the same time) is passed over as it is.
    """

    one_size = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """An empty queue, the hand at its old end."""
        self._queue: list[Page] = []  # first loaded first
        self._visited: set[Page] = set()
        self._hand = 0

    def request(self, page: Page, hit: bool) -> None:
        """A hit sets the bit; a missed page joins at the new end."""
        if hit:
            self._visited.add(page)
        else:
            self._queue.append(page)

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The first page from the hand on without a bit; the hand goes on behind it."""
        self._queue.pop()  # the missed page joins after the hand has moved
        while True:
            self._hand %= len(self._queue)
            found = self._queue[self._hand]
            if found in candidates:
                if found not in self._visited:
                    break
                self._visited.remove(found)
            self._hand += 1
        del self._queue[self._hand]
        self._hand = 0 if self._hand == len(self._queue) else self._hand
        self._queue.append(page)
        return found

    def marks(self, cache: Set[Page]) -> Mapping[Page, int]:
        """Four times the place in the queue, plus 2 for the pages before the hand, plus the bit."""
        return {
            page: 4 * place + 2 * (place < self._hand) + (page in self._visited)
            for place, page in enumerate(self._queue)
        }

    def canonical_state(self, cache: Set[Page]) -> Hashable:
        """The queue with its bits, and the hand."""
        return tuple((page, page in self._visited) for page in self._queue), self._hand
