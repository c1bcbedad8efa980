"""Priorities for guided policies: which of the safe pages to evict. The only freedom a guided policy has."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from paging.model import Instance, Page
from paging.policies.history import History
from paging.policies.llru import llru_key


class Priority:
    """Base: notes the requests, chooses among safe pages, and describes what it remembers of the cached ones."""

    #: the properties of the guided policy with this priority, as in Policy
    deterministic = True
    marking = False
    conservative = False
    stack = False

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self.layers = instance.layers
        self.history = History(instance)

    def request(self, page: Page, entered: bool) -> None:
        """Note one request; ``entered``: the page comes into the sets (L_1..L_k) from outside."""
        self.history.request(page)

    def choose(self, safe: NDArray[np.int32]) -> Page:
        """The page to evict among ``safe``, which is not empty."""
        raise NotImplementedError(f"{type(self).__name__} does not implement choose")

    def marks(self, cached: NDArray[np.int32]) -> Mapping[Page, int] | None:
        """As Policy.marks: with the offset function they decide all later choices; None where none are known."""
        return None


class RandomPriority(Priority):
    """A number drawn afresh whenever a page enters the sets from outside; the lowest goes (OnlineMin)."""

    deterministic = False

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """No page has a number yet."""
        self._rng = rng
        self._draw = np.zeros(instance.pages)

    def request(self, page: Page, entered: bool) -> None:
        """Draw for a page that enters."""
        if entered:
            self._draw[page] = self._rng.random()

    def choose(self, safe: NDArray[np.int32]) -> Page:
        """The lowest number."""
        return int(safe[np.argmin(self._draw[safe])])


class SpreadPriority(Priority):
    """Spreads over the layers what cannot be known: when OPT grows, a uniform layer of those with safe pages and a uniform one
    of them; in the rest of a round after it, a uniform safe page of the current layer, if there is one; otherwise any of them.

    With k = n*l - 1 no randomized policy is better (`one-page-missing-upper`).
    """

    deterministic = False

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """OPT has not grown yet."""
        self._experts, self._layers = instance.experts, instance.layers
        self._rng = rng
        self._since = 0

    def request(self, page: Page, entered: bool) -> None:
        """Count the requests since OPT grew."""
        self._since = 0 if entered else self._since + 1
        self._layer = page // self._experts

    def choose(self, safe: NDArray[np.int32]) -> Page:
        """A layer first, where OPT has just grown."""
        layer = safe // self._experts
        chosen = self._layer
        if self._since == 0:
            chosen = self._rng.choice(np.unique(layer))
        among = safe[layer == chosen] if self._since < self._layers else safe
        return int(self._rng.choice(np.sort(among if len(among) else safe)))


class FarPriority(Priority):
    """The page whose layer is visited furthest in the future; ties go to the page requested longest ago."""

    def choose(self, safe: NDArray[np.int32]) -> Page:
        """The largest distance."""
        return self.history.oldest_of_largest(safe, self.history.distance(safe))

    def marks(self, cached: NDArray[np.int32]) -> Mapping[Page, int]:
        """Rank by last request within the layer."""
        return self.history.layered_ranks(cached)


class KeepPriority(Priority):
    """Of the pages that the last token asked of this layer the one requested last; where none is safe, the oldest page.

    So the page of this layer is replaced wherever an optimal algorithm could, and the last round stays cached (k >= l). The
    oldest candidate is always safe if any is: pages requested longer ago have no lower level.
    """

    def choose(self, safe: NDArray[np.int32]) -> Page:
        """A page of the layer's last visit, or the oldest."""
        again = safe[self.history.visits_ago(safe) == self.layers]
        return self.history.newest(again) if len(again) else self.history.oldest(safe)

    def marks(self, cached: NDArray[np.int32]) -> Mapping[Page, int]:
        """Rank by last request, with a gap after the pages of the last round (for width 1)."""
        recent = np.count_nonzero(self.history.visits_ago(cached) < self.layers)
        return {page: rank + int(rank >= recent) for page, rank in self.history.ranks(cached).items()}


class LFUPriority(Priority):
    """The page requested least often; ties go to the page requested longest ago."""

    def choose(self, safe: NDArray[np.int32]) -> Page:
        """The least count."""
        return self.history.oldest_of_largest(safe, -self.history.count[safe])


class LRUPriority(Priority):
    """The page requested longest ago: the guided policy is then LRU itself (derived).

    For the j-th most recently requested page has level <= j: a request to the r-th one raises the pages of level <= r
    by one, and they take rank j + 1 if j < r, else had j > r to spare. So LRU's cache is always an optimal one.
    """

    marking = True
    conservative = True
    stack = True

    def choose(self, safe: NDArray[np.int32]) -> Page:
        """The oldest."""
        return self.history.oldest(safe)

    def marks(self, cached: NDArray[np.int32]) -> Mapping[Page, int]:
        """Rank by last request."""
        return self.history.ranks(cached)


class LLRUPriority(Priority):
    """The page with the largest (missed rounds, distance), as LLRU."""

    def choose(self, safe: NDArray[np.int32]) -> Page:
        """The largest (m, d)."""
        return self.history.oldest_of_largest(safe, llru_key(self.history, safe, self.layers))

    def marks(self, cached: NDArray[np.int32]) -> Mapping[Page, int]:
        """As LLRU's."""
        return self.history.shortened_ages(cached)
