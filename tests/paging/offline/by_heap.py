"""Belady's rule once more, in plain Python."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from paging.model import Instance, Page, Requests
from paging.offline.next_use import next_uses
from paging.offline.warm import shortened


def belady_by_heap(instance: Instance, requests: Requests, *, bypass: bool = False) -> NDArray[np.bool_]:
    """Hits, shape (counted requests,).

    A batch of atomic pages is loaded whole, then the other pages whose next use is furthest leave. With bypass the
    k pages of cache and batch whose next use is nearest stay.
    """
    if not bypass:
        requests.fits(instance)
    requests = shortened(requests)
    hits = np.zeros(len(requests), np.bool_)
    due: dict[Page, int] = {}  # next use of every cached page
    heap: list[tuple[int, Page]] = []  # (-next use, page); stale where due says otherwise
    nexts = next_uses(requests).reshape(-1, requests.batch).tolist()
    time = 0
    for pages, uses in zip(requests.batches.tolist(), nexts, strict=True):
        batch = list(zip(pages, uses, strict=True))
        for page, use in batch:
            hits[time] = page in due
            time += 1
            due[page] = use
        if bypass:
            for page, use in batch:
                heappush(heap, (-use, page))
        while len(due) > instance.cache:
            use, page = heappop(heap)
            if due.get(page) == -use:
                del due[page]
        if not bypass:  # the batch itself could not leave
            for page, use in batch:
                heappush(heap, (-use, page))
    return hits[requests.warmup :]
