"""Policies made of other things: cache objects, and plain functions."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, MutableMapping, Sequence, Set
from functools import partial
from typing import Any, overload

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy


class CachePolicy(Policy):
    """Any cache with the mapping interface of cachetools, as a policy.

    ``make(maxsize)`` builds the cache. A hit reads ``cache[page]``, a miss sets it, and ``popitem()`` says what leaves, as
    cachetools' own ``__setitem__`` does it. A ``make`` that takes ``choice`` (cachetools.RRCache) is given one that draws
    from the generator of ``start``, and the policy is then randomized. Where pages are protected (atomic sets) a copy of the
    cache is asked until it names one that is not. Caches that drop entries by themselves, by time for example, are no policies.
    """

    one_size = True

    def __init__(self, make: Callable[..., MutableMapping[Page, None]]) -> None:
        self._make = make
        self._draws = "choice" in inspect.signature(make).parameters
        self.deterministic = not self._draws

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """A new, empty cache."""
        self._room = instance.cache
        drawing = {"choice": Choice(rng)} if self._draws else {}
        self._cache = self._make(instance.cache, **drawing)

    def request(self, page: Page, hit: bool) -> None:
        """A hit is a look-up; a miss with room left an insertion."""
        if hit:
            self._cache[page]
        elif len(self._cache) < self._room:
            self._cache[page] = None

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """What the cache gives up; then the page is inserted."""
        if len(candidates) == len(self._cache):
            victim, _ = self._cache.popitem()
        else:
            victim = self._unprotected(candidates)
            del self._cache[victim]
        self._cache[page] = None
        return victim

    def _unprotected(self, candidates: Set[Page]) -> Page:
        trial = copy.deepcopy(self._cache)
        while True:
            victim, _ = trial.popitem()
            if victim in candidates:
                return victim


class Choice:
    """Draws uniformly from a sequence, as random.choice does, from a generator that was given."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def __call__(self, pages: Sequence[Page]) -> Page:
        """One of the pages."""
        return pages[int(self._rng.integers(len(pages)))]


class FunctionPolicy(Policy):
    """A function ``victim(candidates, history) -> page`` as a policy.

    ``candidates``: the pages that may be evicted; ``history``: all requests so far, the last of which is the page to be
    loaded. Both are read-only.
    """

    def __init__(self, victim: Callable[[Set[Page], Sequence[Page]], Page]) -> None:
        self._victim = victim

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self._requests: list[Page] = []

    def request(self, page: Page, hit: bool) -> None:
        self._requests.append(page)

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """What the function says."""
        return self._victim(candidates, Past(self._requests))


class Past(Sequence[Page]):
    """A read-only view of the requests so far."""

    __slots__ = ("_requests",)

    def __init__(self, requests: list[Page]) -> None:
        self._requests = requests

    @overload
    def __getitem__(self, index: int) -> Page: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Page, ...]: ...
    def __getitem__(self, index: int | slice) -> Page | tuple[Page, ...]:
        if isinstance(index, slice):
            return tuple(self._requests[index])
        return self._requests[index]

    def __len__(self) -> int:
        return len(self._requests)

    def __repr__(self) -> str:
        return f"Past({self._requests})"


def adapted(given: Any) -> Any:
    """What builds the policy: a cache class and a function of candidates and history are wrapped, all else is left as it is."""
    if inspect.isclass(given):
        return partial(CachePolicy, given) if issubclass(given, MutableMapping) else given
    if inspect.isfunction(given) and tuple(inspect.signature(given).parameters) == ("candidates", "history"):
        return partial(FunctionPolicy, given)
    return given
