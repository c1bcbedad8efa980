"""What the practical rules remember of the past: when each page was requested, and how often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paging.model import Instance, Page


class History:
    """Per page: ``last``, the index of its last request, -1 for none; ``count``, its requests so far. ``visit``: how many
    visits there were, the present one included.

    Ages for the layered rules count *visits* of layers: the pages that one token asks of a layer (width m > 1) belong
    to one visit. With a single layer each request counts as a visit, which orders the pages in the same way. Where a
    token lacks layers, the visits that it lacks have passed too: from layer i to layer j pass (j - i) mod l. Two requests
    of one layer in a row cannot be told from one visit (l > 1), and count as one.
    """

    def __init__(self, instance: Instance) -> None:
        self._layers = instance.layers
        self._experts = instance.experts
        self.last: NDArray[np.int64] = np.full(instance.pages, -1, np.int64)
        self.count: NDArray[np.int64] = np.zeros(instance.pages, np.int64)
        self._seen: NDArray[np.int64] = np.zeros(instance.pages, np.int64)  # visit of the last request
        self._requests = 0
        self.visit = 0
        self.layer = -1

    @property
    def round(self) -> int:
        """The number of the present round, from 0."""
        return (self.visit - 1) // self._layers

    def request(self, page: Page) -> None:
        """Note one request."""
        layer = page // self._experts
        if layer != self.layer or self._layers == 1:
            self.visit += (layer - self.layer - 1) % self._layers + 1
            self.layer = layer
        self.last[page] = self._requests
        self.count[page] += 1
        self._seen[page] = self.visit
        self._requests += 1

    def visits_ago(self, pages: NDArray[np.int32]) -> NDArray[np.int64]:
        """How many visits of layers ago each page was last requested; l for the last visit of the present layer."""
        return self.visit - self._seen[pages]

    def missed_rounds(self, pages: NDArray[np.int32]) -> NDArray[np.int64]:
        """m(p) = floor(a(p) / l): how many whole rounds ago each page was last requested."""
        return self.visits_ago(pages) // self._layers

    def distance(self, pages: NDArray[np.int32]) -> NDArray[np.int64]:
        """d(p): visits between now and the next of the page's layer; the current layer is the furthest, l - 1."""
        return (pages.astype(np.int64) // self._experts - self.layer - 1) % self._layers

    def oldest(self, pages: NDArray[np.int32]) -> Page:
        """The page requested longest ago; last requests never tie."""
        return int(pages[self.last[pages].argmin()])

    def newest(self, pages: NDArray[np.int32]) -> Page:
        """The page requested last."""
        return int(pages[self.last[pages].argmax()])

    def oldest_of_largest(self, pages: NDArray[np.int32], key: NDArray[np.int64]) -> Page:
        """Of the pages with the largest key, the one requested longest ago."""
        return self.oldest(pages[key == key[key.argmax()]])

    def ranks(self, pages: NDArray[np.int32]) -> dict[Page, int]:
        """The rank of each page by last request, 0 the most recent."""
        newest_first = pages[np.argsort(-self.last[pages])]
        return {page: rank for rank, page in enumerate(newest_first.tolist())}

    def layered_ranks(self, pages: NDArray[np.int32]) -> dict[Page, int]:
        """The rank of each page among those of its layer."""
        layers = pages // self._experts
        return {
            page: rank
            for layer in np.unique(layers)
            for page, rank in self.ranks(pages[layers == layer]).items()
        }

    def shortened_ages(self, pages: NDArray[np.int32]) -> dict[Page, int]:
        """The missed rounds of each page after whole rounds between pages next to each other in age are cut to one (width 1).

        Merely capping ages would create ties that do not exist. Where two ages differ by a round or more, the older page has
        more missed rounds at all times, however many rounds it is; a shorter gap stays, as then the layers' turn decides.
        """
        ages = self.visits_ago(pages)
        order = np.argsort(ages)
        gaps = np.diff(ages[order], prepend=0)
        cut = np.cumsum(np.where(gaps < self._layers, gaps, self._layers + gaps % self._layers))
        return dict(zip(pages[order].tolist(), (cut // self._layers).tolist(), strict=True))


def as_array(pages: object) -> NDArray[np.int32]:
    """Any collection of pages as an array."""
    return np.fromiter(pages, np.int32)  # type: ignore[call-overload, no-any-return]
