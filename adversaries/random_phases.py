"""Random adversaries on k+1 pages (derived): a phase ends when every page has been requested, in an order drawn as it goes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from adversaries.base import PAGES_TO_SPARE, ObliviousAdversary, Precondition
from adversaries.planned import Walk, round_robin
from paging.model import Instance, Page, Pages


class RandomPhases(ObliviousAdversary):
    """k+1 pages in all, so that one of them is always missing. A phase begins with a page y of some layer s.

    First round: a uniform page of each of the other layers. Then, until all pages are marked (requested in the phase): a
    *pass*, whole rounds of marked pages that request each of them, and a *draw* of an unmarked page, which is requested when
    its layer comes; marked pages fill the time. The first draw of a phase prefers some layers (``chances``), the others are
    uniform. The page that is drawn last begins the next phase.
    """

    @abstractmethod
    def sizes(self) -> Sequence[int]:
        """How many pages of each layer are used, k+1 in all."""

    def chances(self, start: int, unmarked: Sequence[Sequence[Page]]) -> list[float]:
        """Of the layers at the first draw of a phase that began in layer ``start``; by default as at the draws after it."""
        return [float(len(pages)) for pages in unmarked]

    def sequence(self, rounds: int, rng: np.random.Generator) -> Pages:
        """At first all pages in order."""
        instance = self.instance
        columns = [list(instance.layer_pages(j)[:size]) for j, size in enumerate(self.sizes())]
        walk = Walk(instance, 0)
        walk.visit(round_robin(columns), lambda layer: columns[layer][0])
        length = rounds * instance.layers
        while len(walk.requests) < length:
            self._phase(columns, walk, rng)
        return np.array(walk.requests[:length], np.int32)

    def _phase(self, columns: Sequence[Sequence[Page]], walk: Walk, rng: np.random.Generator) -> None:
        """From just after the request y that begins a phase up to the one that begins the next."""
        layers = self.instance.layers
        first = walk.requests[-1]
        start = self.instance.layer(first)
        marked: list[list[Page]] = [[] for _ in range(layers)]
        marked[start].append(first)
        for _ in range(layers - 1):
            page = _one_of(columns[walk.turn], rng)
            marked[walk.turn].append(page)
            walk.ask(page)
        unmarked = [
            [page for page in column if page not in seen]
            for column, seen in zip(columns, marked, strict=True)
        ]
        weights = self.chances(start, unmarked)
        while any(unmarked):
            for turn in range(max(map(len, marked))):
                for _ in range(layers):
                    walk.ask(marked[walk.turn][turn % len(marked[walk.turn])])
            total = sum(weights)
            layer = int(rng.choice(layers, p=[weight / total for weight in weights]))
            page = _one_of(unmarked[layer], rng)
            walk.visit([page], lambda j: marked[j][0])
            unmarked[layer].remove(page)
            marked[layer].append(page)
            weights = [float(len(pages)) for pages in unmarked]


def _one_of(pages: Sequence[Page], rng: np.random.Generator) -> Page:
    """A uniform one."""
    return pages[int(rng.integers(len(pages)))]


def even_sizes(instance: Instance) -> list[int]:
    """k+1 pages, as even as possible, the first layers with one more."""
    share, rest = divmod(instance.cache + 1, instance.layers)
    return [share + (layer < rest) for layer in range(instance.layers)]


class SpreadPhases(RandomPhases):
    """All draws uniform: at least H_{k-l+1} misses in a phase."""

    precondition = PAGES_TO_SPARE

    def sizes(self) -> Sequence[int]:
        """As even as possible."""
        return even_sizes(self.instance)


class EvenPhases(RandomPhases):
    """Equally many pages m in each layer: the first draw returns to the layer s where the phase began with probability
    1/l + (l-1)(m-1)/(ml), more than its share; so it is useless to hide the missing page there in the first round."""

    precondition = Precondition(
        "l divides k+1, 2l <= k+1 <= n*l",
        lambda instance: (
            (instance.cache + 1) % instance.layers == 0
            and 2 * instance.layers <= instance.cache + 1 <= instance.pages
        ),
    )

    def sizes(self) -> Sequence[int]:
        """(k+1)/l in each layer."""
        return even_sizes(self.instance)

    def chances(self, start: int, unmarked: Sequence[Sequence[Page]]) -> list[float]:
        """pi_s = 1/(k+1-l) + (l-1)/(k+1) for each page of layer s; pi_j = 1/((k+1)(m-1)) for each other one."""
        layers, pages = self.instance.layers, self.instance.cache + 1
        own = 1 / (pages - layers) + (layers - 1) / pages
        other = 1 / (pages * (pages // layers - 1))
        return [len(there) * (own if j == start else other) for j, there in enumerate(unmarked)]


class TwoLayerPhases(RandomPhases):
    """Two layers; with an even k they have b+2 and b+1 pages, b = (k-2)/2, and the chances depend on where the phase began."""

    precondition = Precondition(
        "l = 2 and 3 <= k < 2n",
        lambda instance: instance.layers == 2 and 3 <= instance.cache < instance.pages,
    )

    def sizes(self) -> Sequence[int]:
        """One more in layer 0, if k is even."""
        return even_sizes(self.instance)

    def chances(self, start: int, unmarked: Sequence[Sequence[Page]]) -> list[float]:
        """A page of the layer where the phase began has 1 over the size of the other layer more than one of the other."""
        sizes = self.sizes()
        mine, other = len(unmarked[start]), len(unmarked[1 - start])
        least = (1 - mine / sizes[1 - start]) / (mine + other)
        found = [least * other] * 2
        found[start] = (least + 1 / sizes[1 - start]) * mine
        return found
