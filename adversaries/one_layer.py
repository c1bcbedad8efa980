"""The simpler instance of `deterministic-lower` where n >= k-l+2: classical paging inside one layer."""

from __future__ import annotations

from collections.abc import Hashable, Set

from adversaries.base import AdaptiveAdversary, Precondition
from paging.model import Instance, Page

ONE_LAYER = Precondition(
    "k >= l and n >= k-l+2",
    lambda instance: (
        instance.cache >= instance.layers and instance.experts >= instance.cache - instance.layers + 2
    ),
)


def varied_pages(instance: Instance) -> range:
    """The k-l+2 pages of layer 0 that the one-layer instances use; the other layers always ask for expert 0."""
    return range(instance.cache - instance.layers + 2)


class OneLayer(AdaptiveAdversary):
    """In layer 0 request a missing one of k-l+2 pages (the last one again, if none is missing), elsewhere expert 0.

    k+1 pages are in use, so every round costs the policy a miss; a phase has at least k-l+1 rounds and costs OPT 1.
    """

    precondition = ONE_LAYER

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._turn = -1
        self._last: Page = 0

    def next_page(self, cache: Set[Page]) -> Page:
        """A missing page in layer 0, the fixed page elsewhere."""
        self._turn = (self._turn + 1) % self.instance.layers
        if self._turn:
            return self.instance.page(self._turn, 0)
        missing = (page for page in varied_pages(self.instance) if page not in cache)
        self._last = next(missing, self._last)
        return self._last

    def state(self) -> Hashable:
        """Whose turn it was, and the last page of layer 0."""
        return self._turn, self._last
