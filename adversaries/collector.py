"""The instance of `randomized-one-layer-lower` (classical, embedded): a coupon collector in one layer."""

from __future__ import annotations

import numpy as np

from adversaries.base import ObliviousAdversary
from adversaries.one_layer import ONE_LAYER, varied_pages
from paging.model import Pages


class OneLayerCollector(ObliviousAdversary):
    """Layer 0 draws uniformly from k-l+2 pages, the other layers always ask for expert 0 (Fiat et al. 1991)."""

    precondition = ONE_LAYER

    def sequence(self, rounds: int, rng: np.random.Generator) -> Pages:
        """Independent draws in layer 0."""
        layers, experts = self.instance.layers, self.instance.experts
        pages = np.tile(np.arange(layers, dtype=np.int32) * experts, (rounds, 1))
        pages[:, 0] = rng.integers(len(varied_pages(self.instance)), size=rounds, dtype=np.int32)
        return pages.reshape(-1)
