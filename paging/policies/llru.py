"""LLRU, layered LRU: our reading of the paper's policy (its exact definition is not available to us)."""

from __future__ import annotations

from collections.abc import Mapping, Set

import numpy as np
from numpy.typing import NDArray

from paging.model import Instance, Page
from paging.policies.base import Policy
from paging.policies.history import History, as_array


def llru_key(history: History, pages: NDArray[np.int32], layers: int) -> NDArray[np.int64]:
    """(m, d) as one number, m * l + d: missed rounds first, then the distance to the layer's next visit."""
    return history.missed_rounds(pages) * layers + history.distance(pages)


class LLRU(Policy):
    """Evict the lexicographically largest (missed rounds m, distance d to the next visit of the page's layer).

    Within one round of age, LRU evicts the page that may be needed soonest; LLRU the one that can be needed latest.
    For l = 1 it is LRU. (m, d) never ties at width 1; above, ties go to the page requested earlier. O(k) per miss.
    """

    stack = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self._layers = instance.layers
        self._history = History(instance)

    def request(self, page: Page, hit: bool) -> None:
        self._history.request(page)

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The candidate with the largest (m, d)."""
        pages = as_array(candidates)
        return self._history.oldest_of_largest(pages, llru_key(self._history, pages, self._layers))

    def marks(self, cache: Set[Page]) -> Mapping[Page, int]:
        """Missed rounds with long gaps shortened (for width 1)."""
        return self._history.shortened_ages(as_array(cache))
