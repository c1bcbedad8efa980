"""Real pages and the states of the exact computations: which page stands where in the sorted labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from paging.model import Instance, Page


class Board:
    """A label for every real page, and the layer whose turn it is."""

    def __init__(self, instance: Instance, labels: NDArray[np.int64]) -> None:
        self.instance = instance
        self.labels = labels.copy()
        self.turn = 0

    def order(self) -> list[Page]:
        """The real pages by position: layers from the one whose turn it is, sorted labels in each."""
        pages: list[Page] = []
        for step in range(self.instance.layers):
            layer = (self.turn + step) % self.instance.layers
            pages += sorted(self.instance.layer_pages(layer), key=lambda page: int(self.labels[page]))
        return pages

    def sorted_labels(self, order: Sequence[Page]) -> NDArray[np.int64]:
        """The labels in that order."""
        labels: NDArray[np.int64] = self.labels[np.asarray(order)]
        return labels

    def move(self, order: Sequence[Page], labels: NDArray[np.int64]) -> None:
        """New labels for the pages of ``order``; then it is the next layer's turn."""
        self.labels[np.asarray(order)] = labels
        self.turn = (self.turn + 1) % self.instance.layers
