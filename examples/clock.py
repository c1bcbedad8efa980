"""CLOCK, or second chance: FIFO that passes over pages which were requested since the hand was last there (Corbató 1968)."""

from __future__ import annotations

from collections.abc import Hashable, Set

import numpy as np

from layered_paging import Instance, Policy


class Clock(Policy):
    """The pages stand in a ring; the hand clears marks until it meets a page without one, which leaves."""

    conservative = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """An empty ring."""
        self._ring: list[int] = []  # begins at the hand
        self._marked: set[int] = set()

    def request(self, page: int, hit: bool) -> None:
        """A page that comes in stands right behind the hand, marked."""
        self._marked.add(page)
        if not hit:
            self._ring.append(page)

    def victim(self, page: int, candidates: Set[int]) -> int:
        """The first page at the hand that is not marked (and may leave)."""
        self._ring.pop()  # the page itself, which comes in behind the hand's last stop
        while True:
            first = self._ring.pop(0)
            if first in candidates and first not in self._marked:
                break
            self._marked.discard(first)
            self._ring.append(first)
        self._ring.append(page)
        return first

    def canonical_state(self, cache: Set[int]) -> Hashable:
        """The ring from the hand on, with its marks."""
        return tuple((page, page in self._marked) for page in self._ring)
