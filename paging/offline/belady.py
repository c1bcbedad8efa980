"""Belady's rule: evict the page whose next request is furthest (classical: Belady 1966)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paging.model import Instance, Requests
from paging.offline.next_use import next_uses
from paging.offline.warm import shortened


def belady(
    instance: Instance, requests: Requests, *, bypass: bool = False, slots: int | None = None
) -> NDArray[np.bool_]:
    """Hits of an optimal schedule for unit costs and sizes, shape (counted requests,), by a kernel; O(log n*l) per request.

    ``slots``: instead of those of the instance. A batch of atomic pages is loaded whole, then
    the other pages whose next use is furthest leave. With bypass the k pages of cache and batch whose next use is nearest stay.
    """
    from paging.kernels.belady import belady as kernel

    slots = instance.cache if slots is None else slots
    if not bypass:
        requests.fits(Instance(instance.layers, instance.experts, slots))
    short = shortened(requests)
    pages = short.layers * short.experts
    hits = np.empty(len(short), np.bool_)
    kernel(short.stream, next_uses(short), short.batch, pages, min(slots, pages), None, bypass, hits)
    return hits[short.warmup :]


def optimal_misses(instance: Instance, requests: Requests) -> int:
    """Misses of OPT for unit costs and sizes; for sequential requests without a look ahead, almost O(1) per request."""
    if requests.batch > 1:
        return int(np.count_nonzero(~belady(instance, requests)))
    from paging.kernels.marks import growth

    requests.fits(instance)
    short = shortened(requests)
    return int(np.count_nonzero(growth(short.stream, instance.pages, instance.cache))) - short.warmup
