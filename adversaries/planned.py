"""Adversaries that know their victim's rule: they write whole phases from memory and look at no cache."""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence, Set

import numpy as np

from adversaries.base import AdaptiveAdversary
from paging.model import Instance, Page, Pages


class Walk:
    """A stretch of requests in the making; ``turn`` is the layer whose turn it is after it."""

    def __init__(self, instance: Instance, turn: int) -> None:
        self._instance = instance
        self.turn = turn
        self.requests: list[Page] = []

    def ask(self, page: Page) -> None:
        """Request a page of the layer whose turn it is."""
        self.requests.append(page)
        self.turn = (self.turn + 1) % self._instance.layers

    def wait(self, layer: int, filler: Callable[[int], Page]) -> None:
        """Until it is the turn of ``layer`` request ``filler(layer)`` in the layers that come."""
        while self.turn != layer:
            self.ask(filler(self.turn))

    def visit(self, pages: Iterable[Page], filler: Callable[[int], Page]) -> None:
        """Request pages in this order, each as soon as its layer comes, and wait with fillers."""
        for page in pages:
            self.wait(self._instance.layer(page), filler)
            self.ask(page)


class Planned(AdaptiveAdversary):
    """Writes a phase at a time. Its memory: whose turn it is, what is written, and the pages that its next phase is made of.

    ``played`` is where phases are written: the instance, or a smaller one in its first layers; the layers beyond ask for
    expert 0 for ever.
    """

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self.played = instance
        self._turn = -1
        self._written: deque[Page] = deque()
        self._pages: Sequence[Page] = ()

    @abstractmethod
    def phase(self, pages: Sequence[Page], walk: Walk) -> Sequence[Page]:
        """Write the next phase into ``walk``. ``pages``: what this method returned last, at first nothing."""

    def next_page(self, cache: Set[Page]) -> Page:
        """The next request that is written."""
        self._turn = (self._turn + 1) % self.instance.layers
        if self._turn >= self.played.layers:
            return self.instance.page(self._turn, 0)
        while not self._written:
            walk = Walk(self.played, self._turn)
            self._pages = self.phase(self._pages, walk)
            self._written.extend(walk.requests)
        return self._written.popleft()

    def ahead(self, requests: int) -> Pages:
        """The next so many requests, whatever the cache will be; shape (requests,)."""
        return np.array([self.next_page(frozenset()) for _ in range(requests)], np.int32)

    def state(self) -> Hashable:
        """Whose turn it was, what is written, the pages of the next phase."""
        return self._turn, tuple(self._written), tuple(self._pages)


def spread(instance: Instance, least: Sequence[int], most: Sequence[int], total: int) -> list[Page]:
    """``total`` pages, between ``least[j]`` and ``most[j]`` of them in layer j, as even as that allows; first experts first."""
    counts = list(least)
    while sum(counts) < total:
        smallest = min((j for j in range(len(counts)) if counts[j] < most[j]), key=lambda j: counts[j])
        counts[smallest] += 1
    return round_robin(instance.layer_pages(layer)[:count] for layer, count in enumerate(counts))


def round_robin(layers: Iterable[Sequence[Page]]) -> list[Page]:
    """The first page of each layer, then the second of each that has one, and so on."""
    columns = [list(pages) for pages in layers]
    most = max(map(len, columns), default=0)
    return [pages[i] for i in range(most) for pages in columns if i < len(pages)]
