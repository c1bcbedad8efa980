"""OPT with a warm-up: the first requests are served and not counted."""

from __future__ import annotations

import numpy as np

from paging.model import Requests


def shortened(requests: Requests) -> Requests:
    """A sequence with a shorter warm-up and the same OPT, whose warm-up every schedule misses whole (derived).

    OPT with a warm-up is the least number of *counted* misses of any schedule that serves the whole sequence from an empty
    cache. What it misses in the warm-up is free, so it may come out of it with the pages that will be needed. Every policy's
    run is such a schedule, so none misses less. (Two other numbers would mislead. A schedule that is optimal for the whole
    may pay a counted miss to save one in the warm-up. And OPT from the cache that a policy holds at that moment is another
    number for every policy, and blames none of them for what it holds.)

    Where the counting begins, exactly these caches can be held: the last batch, of m pages, and up to k - m others of those
    requested so far. Hold each of the others from its last request on; a batch on its way finds m more slots, whatever it
    contains. This depends on the pages requested and on the last batch, not on the order or the number of requests. So
    the warm-up may ask for each page once, the last batch last; other rows are filled up with pages that exist for this
    alone. Its requests are all first ones: every schedule misses them, and OPT of the whole less their number is OPT with
    the warm-up, by whatever algorithm. With bypass the last batch need not stay either; the rest holds unchanged.

    The result has one layer, since OPT does not look at layers; pages keep their numbers. Not for pages of different
    sizes: there a batch on its way may need more room than the last one leaves.
    """
    if not requests.warmup:
        return requests
    batch = requests.batch
    last = requests.stream[requests.warmup - batch : requests.warmup]
    others = np.setdiff1d(requests.stream[: requests.warmup], last)
    pages = requests.layers * requests.experts
    spare = -len(others) % batch
    filled = np.concatenate([others, np.arange(pages, pages + spare, dtype=np.int32), last])
    stream = np.concatenate([filled, requests.stream[requests.warmup :]])
    result = Requests.of(1, pages + spare, stream.reshape(-1, batch), requests.semantics)
    return result.warmed(len(filled))
