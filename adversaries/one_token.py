"""The instance of `one-token-lower` (derived): two pages in each layer, and a change every l-1 requests."""

from __future__ import annotations

from collections.abc import Hashable, Set

from adversaries.base import AdaptiveAdversary, Precondition
from paging.model import Instance, Page


class OneToken(AdaptiveAdversary):
    """To *repeat* is to ask a layer for its last page, to *change* for the other one of its two. P is the set of last pages.

    Repeat until the cache is P; then play a block. Its first request, at place 0, is a change and makes its layer the pivot. At
    the places i(l-1), i = 1..l-1: change if the cache is P, else end the block with a repetition. At the places i l: change
    the pivot. Elsewhere repeat; place l(l-1) is the last. The changes at i(l-1) are what OPT pays; with those of the pivot the
    policy misses 2l-1 times for each l of them, and twice for each in a block that ended early.
    """

    precondition = Precondition(
        "k = l and n >= 2", lambda instance: instance.cache == instance.layers and instance.experts >= 2
    )

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._turn = -1
        self._last = [-1] * instance.layers  # experts; -1 in round 0
        self._place = -1  # in the block; -1 between blocks

    def next_page(self, cache: Set[Page]) -> Page:
        """Repeat or change in the layer whose turn it is."""
        layers = self.instance.layers
        self._turn = (self._turn + 1) % layers
        if self._last[self._turn] < 0:
            self._last[self._turn] = 0
        elif self._changes(cache == {self.instance.page(*last) for last in enumerate(self._last)}):
            self._last[self._turn] ^= 1
        return self.instance.page(self._turn, self._last[self._turn])

    def _changes(self, kept: bool) -> bool:
        """Whether to change; ``kept``: whether the cache is P."""
        layers = self.instance.layers
        if self._place in (-1, layers * (layers - 1)):
            self._place = 0 if kept else -1
            return kept
        self._place += 1
        if self._place % layers == 0:
            return True
        if self._place % (layers - 1) == 0 and not kept:
            self._place = -1
        return self._place > 0 and self._place % (layers - 1) == 0

    def state(self) -> Hashable:
        """Whose turn it was, the place in the block, the last pages."""
        return self._turn, self._place, tuple(self._last)
