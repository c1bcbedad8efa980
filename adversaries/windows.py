"""The instance of `deterministic-lower` (paper*): k+1 pages, and one forced miss in every window of l requests."""

from __future__ import annotations

from collections.abc import Hashable, Set

from adversaries.base import PAGES_TO_SPARE, AdaptiveAdversary
from paging.model import Instance, Page


class Windows(AdaptiveAdversary):
    """Phases are maximal runs with k distinct pages; each is cut into windows of l requests from its first request.

    One page h in use is missing at the start of a window: request it when its layer comes. In the other layers request
    a page already requested in the phase (any page, in the first window). The (k+1)-th distinct page of a phase is
    requested only when it is missing, and opens the next phase with a miss. Every window costs the policy a miss, and a
    phase has at least k-l+1 windows; OPT pays 1 per phase.
    """

    precondition = PAGES_TO_SPARE

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        share, rest = divmod(instance.cache + 1, instance.layers)
        self._used = [
            instance.layer_pages(layer)[: share + (layer < rest)] for layer in range(instance.layers)
        ]
        self._turn = -1
        self._position = 0  # requests of the current window so far
        self._target: Page | None = None  # h; None once the window's miss is paid
        self._first_window = True
        self._seen: frozenset[Page] = frozenset()  # distinct pages of the phase

    def next_page(self, cache: Set[Page]) -> Page:
        """The target in its layer, otherwise a page that brings nothing new after the first window."""
        self._turn = (self._turn + 1) % self.instance.layers
        if self._position == self.instance.layers:
            self._position, self._first_window = 0, False
        if self._position == 0:
            self._target = next(p for used in self._used for p in used if p not in cache)
        pages = self._used[self._turn]
        if self._target is not None and self._target in pages:
            page, self._target = self._target, None
        elif self._first_window:
            page = pages[0]
        else:
            page = next(p for p in pages if p in self._seen)
        if page not in self._seen and len(self._seen) == self.instance.cache:
            self._seen, self._position, self._first_window = frozenset(), 0, True
            self._target = None  # the request that opens the phase is its first window's miss
        self._seen |= {page}
        self._position += 1
        return page

    def state(self) -> Hashable:
        """Turn, window and phase."""
        return self._turn, self._position, self._target, self._first_window, self._seen
