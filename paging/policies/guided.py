"""Guided policies: the cache is always one that an optimal offline algorithm could have.

The idea is classical (OnlineMin: Brodal, Moruz, Negoescu 2015); with any priority the ratio is at most k
(`guided-upper`, derived).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Set

import numpy as np

from paging.model import Instance, Page
from paging.offline.offset import OffsetFunction
from paging.policies.base import Policy
from paging.policies.history import as_array
from paging.policies.priorities import Priority


class Guided(Policy):
    """Keep the offset function of the past; on a miss evict, among the pages that are *safe*, as the priority says.

    With c_i the number of cached pages of level <= i, the missed page included, let i* be the largest i with c_i = i.
    The pages of level above i* are safe: without one of them all c_i >= i still hold. O(n*l + k) per request.

    For atomic sets the offset function is that of the pages one after another; where no candidate is safe
    (it may be asked of at the same time), the priority decides among all candidates.
    """

    one_size = True

    def __init__(self, priority: Priority) -> None:
        self.priority = priority
        self.deterministic = priority.deterministic
        self.marking = priority.marking
        self.conservative = priority.conservative
        self.stack = priority.stack

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """No requests, an empty cache."""
        self._offset = OffsetFunction(instance)
        self._cached = np.zeros(instance.pages, np.bool_)
        self.priority.start(instance, rng)

    def request(self, page: Page, hit: bool) -> None:
        """Update the sets, then the priority's memory; a missed page will be loaded."""
        entered = self._offset.request(page)
        self.priority.request(page, entered)
        self._cached[page] = True

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The priority's choice among the safe candidates."""
        level = self._offset.level
        pages = as_array(candidates)
        safe = pages[level[pages] > self._tight()]
        chosen = self.priority.choose(safe if len(safe) else pages)
        self._cached[chosen] = False
        return chosen

    def _tight(self) -> int:
        """i*: the i lowest levels in the cache, and no others, are at most i."""
        levels = self._offset.level[: self._offset.pages][self._cached].tolist()
        levels.sort()
        levels.append(self._offset.outside + 1)
        tight = min(self._offset.slots, len(levels) - 1)
        while not levels[tight - 1] <= tight < levels[tight]:
            tight -= 1
        return tight

    def marks(self, cache: Set[Page]) -> Mapping[Page, int] | None:
        """What the priority remembers of the cached pages."""
        return self.priority.marks(as_array(cache))

    def canonical_state(self, cache: Set[Page]) -> Hashable | None:
        """The offset function up to a constant, and the marks."""
        marks = super().canonical_state(cache)
        return None if marks is None else (self._offset.key(), marks)
