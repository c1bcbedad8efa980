"""Marker: evict a random page that was not requested in the current phase (classical)."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy


class Marker(Policy):
    """Fiat, Karp, Luby, McGeoch, Sleator, Young 1991; (2 H_k - 1)-competitive (Achlioptas, Chrobak, Noga 2000).

    A requested page is marked. A miss with all pages marked begins a new phase: all marks but the new page's go.
    """

    deterministic = False
    marking = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """Take the generator, without marks."""
        self._rng = rng
        self._marked: set[Page] = set()

    def request(self, page: Page, hit: bool) -> None:
        self._marked.add(page)

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """A uniform draw from the unmarked candidates."""
        unmarked = sorted(q for q in candidates if q not in self._marked)
        if not unmarked:
            self._marked = {page}
            unmarked = sorted(candidates)
        return unmarked[self._rng.integers(len(unmarked))]
