"""What a policy is: it sees the past, and names a page to evict. It does not own the cache."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Set

import numpy as np

from paging.model import Instance, Page


class Policy:
    """Base of all online policies. Subclasses override the three methods and declare their properties.

    ``deterministic``: the same requests lead to the same evictions, whatever the generator.
    ``marking``: never evicts a page requested in the current phase (Fiat et al. 1991; phases are maximal runs with
    k distinct pages, counted from the first request).
    ``conservative``: at most k misses on any run of requests with at most k distinct pages (Young 1994).
    ``stack``: the cache with k slots is always a subset of the cache with k+1 (Mattson et al. 1970).
    False means "not claimed". ``one_size``: the rule has no meaning with byte sizes or bypass.
    """

    deterministic: bool = True
    marking: bool = False
    conservative: bool = False
    stack: bool = False
    one_size: bool = False

    #: slots per layer, set by ``start`` of a policy that divides the cache; None: one shared cache
    partition: tuple[int, ...] | None = None

    def __init_subclass__(cls) -> None:
        """A class that decides, or speaks of its state, otherwise than its base does not inherit the base's marks."""
        if "marks" not in vars(cls) and vars(cls).keys() & {"start", "request", "victim", "canonical_state"}:
            cls.marks = Policy.marks  # type: ignore[method-assign]

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """Forget everything; called before the first request."""

    def request(self, page: Page, hit: bool) -> None:
        """Bookkeeping: called once for every request, in order, before ``victim``."""

    def victim(self, page: Page, candidates: Set[Page]) -> Page | Set[Page]:
        """On a miss with a full cache: the page to evict, one of ``candidates`` (read-only).

        A policy that gives up more than it must (FlushWhenFull) answers with a set of candidates. With byte sizes it is asked
        until there is room; with bypass ``page`` is a candidate too, and to name it is not to admit it.
        """
        raise NotImplementedError(f"{type(self).__name__} does not implement victim")

    def marks(self, cache: Set[Page]) -> Mapping[Page, int] | None:
        """After a request: a small number from 0 on for every page in the cache, all that the policy remembers.

        Equal marks and equal offset functions mean equal futures, whatever the experts of a layer are called and whichever
        layer comes first: so exact values are computed up to symmetry. None (the default): it cannot be told so.
        """
        return None

    def canonical_state(self, cache: Set[Page]) -> Hashable | None:
        """After a request: a value from a finite set; equal values at the turn of one layer mean equal futures.

        ``cache`` holds the pages in the cache. The default is the marks, for a policy that does not look at the offset function
        beside them; without marks None: no finite form is known.
        """
        marks = self.marks(cache)
        return None if marks is None else frozenset(marks.items())
