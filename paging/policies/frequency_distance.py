"""Frequency times layer distance, the rule of MoE-Infinity's expert cache (Xue et al. 2024)."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy
from paging.policies.history import History, as_array


class FrequencyDistance(Policy):
    """Evict the page with the least c * (l - d): c its requests so far, d the visits until the next one of its layer.

    Xue, Fu, Lu, Mai, Marina, "MoE-Infinity" (2024) multiplies the share of its layer's requests that an expert had with a
    factor that falls with the layer. Our reading: counts of the whole past, since all layers are requested equally often;
    and layers as far as they are ahead, the current one as the furthest (d = l - 1), since they come in turn for ever. For
    l = 1 it is LFU. Ties go to the page requested longest ago. O(k) per miss; no finite state.
    """

    stack = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self._layers = instance.layers
        self._history = History(instance)

    def request(self, page: Page, hit: bool) -> None:
        self._history.request(page)

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The candidate with the least product."""
        pages = as_array(candidates)
        worth = self._history.count[pages] * (self._layers - self._history.distance(pages))
        return self._history.oldest_of_largest(pages, -worth)
