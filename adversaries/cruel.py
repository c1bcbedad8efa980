"""The cruel adversary: always a page that is not there, if the layer has one (classical, Sleator & Tarjan 1985)."""

from __future__ import annotations

from collections.abc import Hashable, Set

from adversaries.base import ALWAYS, AdaptiveAdversary
from paging.model import Instance, Page


class Cruel(AdaptiveAdversary):
    """Request a missing page of the layer whenever there is one, oldest first; otherwise the oldest page.

    Oldest: the last request is longest ago; pages never requested come first, in order of their numbers.
    """

    precondition = ALWAYS

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._turn = -1
        self._order = [list(instance.layer_pages(layer)) for layer in range(instance.layers)]

    def next_page(self, cache: Set[Page]) -> Page:
        """The oldest missing page of the layer."""
        self._turn = (self._turn + 1) % self.instance.layers
        order = self._order[self._turn]
        page = next((p for p in order if p not in cache), order[0])
        order.remove(page)
        order.append(page)
        return page

    def state(self) -> Hashable:
        """Whose turn it was, and the order of the last requests in each layer."""
        return self._turn, tuple(map(tuple, self._order))
