"""The declared properties of policies, judged on runs; every function names the request that breaks the property."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from paging.model import Instance, Page, Requests
from paging.policies.base import Policy
from paging.replay import Run, replay


def contents(run: Run) -> list[frozenset[Page]]:
    """The cache after each request."""
    there: set[Page] = set()
    leaving: dict[int, list[Page]] = {}
    for page, at in zip(run.evicted.tolist(), run.evicted_at.tolist(), strict=True):
        leaving.setdefault(at, []).append(page)
    result = []
    for time, page in enumerate(run.requests.stream.tolist()):
        there.difference_update(leaving.get(time, ()))
        there.add(page)
        result.append(frozenset(there))
    return result


def breaks_marking(run: Run) -> int | None:
    """Index of the first request for which a page was evicted that the current phase had requested."""
    evicted: dict[int, list[Page]] = {}
    for page, at in zip(run.evicted.tolist(), run.evicted_at.tolist(), strict=True):
        evicted.setdefault(at, []).append(page)
    marked: set[Page] = set()
    for time, page in enumerate(run.requests.stream.tolist()):
        if page not in marked and len(marked) == run.instance.cache:
            marked = set()
        if marked.intersection(evicted.get(time, ())):
            return time
        marked.add(page)
    return None


def breaks_conservative(run: Run) -> int | None:
    """Index of a request at which a stretch with at most k distinct pages has more than k misses."""
    stream = run.requests.stream.tolist()
    for start in range(len(stream)):
        distinct: set[Page] = set()
        misses = 0
        for time in range(start, len(stream)):
            distinct.add(stream[time])
            if len(distinct) > run.instance.cache:
                break
            misses += not run.hits[time]
            if misses > run.instance.cache:
                return time
    return None


def breaks_stack(make: Callable[[], Policy], instance: Instance, requests: Requests) -> int | None:
    """Index of the first request after which the cache is not a subset of the cache with one slot more."""
    larger = Instance(instance.layers, instance.experts, instance.cache + 1)
    small, large = (contents(replay(make(), one, requests)) for one in (instance, larger))
    return next((t for t, (a, b) in enumerate(zip(small, large, strict=True)) if not a <= b), None)


def breaks_determinism(make: Callable[[], Policy], instance: Instance, requests: Requests) -> int | None:
    """Index of the first request at which two generators lead to different evictions."""
    one, two = (contents(replay(make(), instance, requests, np.random.default_rng(s))) for s in (1, 2))
    return next((t for t, (a, b) in enumerate(zip(one, two, strict=True)) if a != b), None)


def breaks_monotony(make: Callable[[], Policy], instance: Instance, requests: Requests) -> int | None:
    """Index of the first request up to which one slot more means more misses (Belady's anomaly, 1969)."""
    larger = Instance(instance.layers, instance.experts, instance.cache + 1)
    small, large = (replay(make(), one, requests).costs() for one in (instance, larger))
    return next((t for t, (a, b) in enumerate(zip(small, large, strict=True)) if b > a), None)
