"""Offset functions: the optimum of every prefix, online, without look-ahead.

Koutsoupias & Papadimitriou (classical): the caches with which the past could have been served at least cost are
{ C : |C & (L_1 | ... | L_i)| >= i for i = 1..k } for disjoint page sets (L_1, ..., L_k).
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from paging.model import Instance, Page

Levels = TypeVar("Levels", int, NDArray[np.int32])


def risen(level: Levels, at: int, slots: int) -> Levels:
    """The update rule: the level of another page, or of many, after a request of a page of level ``at``.

    If that was in no set (at > slots), OPT grows, and L_1 joins L_2 (drops out if k = 1); else the sets up to its own move up
    by one, and what is left of its own joins the next. Then the page itself is L_1. Kernels say it on packed labels
    (bounds.exact.kernels.states) and, fast for whole sequences, on marks (paging.kernels.marks).
    """
    return level + (level == 1 if at > slots else level <= at)


class OffsetFunction:
    """The sets (L_1..L_k) after the requests so far, and ``optimum``, the least cost of serving them.

    ``level[q]`` is i for q in L_i and ``outside`` (slots + 1) for q in no set, for every page q; behind the pages stand
    the slots that were empty at the start, which count as pages that are never requested. With k >= n*l all
    pages fit, and n*l slots give the same costs. A request costs O(n*l + k) elementary array steps.
    """

    def __init__(self, instance: Instance) -> None:
        self.pages = instance.pages
        self.slots = min(instance.cache, instance.pages)
        self.outside = self.slots + 1
        self.level: NDArray[np.int32] = np.full(self.pages + self.slots, self.outside, np.int32)
        self.level[self.pages :] = np.arange(1, self.outside)
        self.optimum = 0

    def request(self, page: Page) -> bool:
        """Serve ``page``; return whether the optimum grew by 1."""
        grows = self.grows_at(page)
        self.level = risen(self.level, int(self.level[page]), self.slots)
        self.level[page] = 1
        self.optimum += grows
        return grows

    def grows_at(self, page: Page) -> bool:
        """Whether the optimum would grow at a request of ``page``."""
        return bool(self.level[page] == self.outside)

    def sets(self) -> tuple[frozenset[Page], ...]:
        """(L_1, ..., L_k) without the empty slots."""
        members: list[list[Page]] = [[] for _ in range(self.slots)]
        for page in np.flatnonzero(self.level[: self.pages] < self.outside):
            members[self.level[page] - 1].append(int(page))
        return tuple(frozenset(pages) for pages in members)

    def key(self) -> bytes:
        """Equal exactly when two offset functions of one instance are equal up to a constant.

        The empty slots are interchangeable, so only how many of them have which level counts.
        """
        empty = np.sort(self.level[self.pages :])
        return self.level[: self.pages].tobytes() + empty.tobytes()
