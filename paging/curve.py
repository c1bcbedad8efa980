"""Exact misses of LRU and of OPT for every cache size, in one pass each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from paging.model import Requests
from paging.stoppable import stoppable

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """``cache``: all sizes from one batch (the width if atomic, else 1) to all pages; ``lru`` and ``opt``: misses at each."""

    requests: int
    cache: NDArray[np.int64]
    lru: NDArray[np.int64]
    opt: NDArray[np.int64]

    def at(self, size: int) -> tuple[int, int]:
        """Misses of LRU and OPT with so many slots; more slots than pages change nothing."""
        index = min(size, int(self.cache[-1])) - int(self.cache[0])
        return int(self.lru[index]), int(self.opt[index])

    @property
    def settles(self) -> int:
        """The least size from which on neither of the two changes any more."""
        open_ = (self.lru > self.lru[-1]) | (self.opt > self.opt[-1])
        return int(self.cache[np.count_nonzero(open_)])

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "requests": self.requests,
            "cache": self.cache.tolist(),
            "lru": self.lru.tolist(),
            "opt": self.opt.tolist(),
        }

    def to_polars(self) -> pl.DataFrame:
        """One row per cache size."""
        import polars as pl

        return pl.DataFrame({"cache": self.cache, "lru": self.lru, "opt": self.opt})


def curve(requests: Requests) -> Curve:
    """Misses of LRU and of OPT at every cache size, exactly, in one pass each.

    After a warm-up both are those of the counted requests; ``paging.offline.warm`` says what OPT is then.

    Both are stack algorithms: a request of stack distance d hits if and only if the cache has d slots or more.
    Sources: Mattson, Gecsei, Slutz & Traiger 1970; for OPT Belady's rule with any order among pages never requested again.
    """
    from paging.kernels import distances
    from paging.offline.next_use import next_uses
    from paging.offline.warm import shortened

    pages = requests.layers * requests.experts
    stream, batch = requests.stream, requests.batch
    sizes = np.arange(batch, pages + 1)
    lru = distances.lru(stream, batch, pages)
    if requests.warmup:  # a distance depends on the past alone
        lru -= distances.lru(stream[: requests.warmup], batch, pages)
    short = shortened(requests)
    asked, nexts, known = short.stream, next_uses(short), short.layers * short.experts
    opt = (
        stoppable(distances.opt_single, asked, nexts, known)
        if batch == 1
        else stoppable(distances.opt, asked, nexts, batch, known)
    )
    opt[0] -= short.warmup
    return Curve(requests.counted, sizes, _misses(lru, sizes), _misses(opt, sizes))


def _misses(counts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Requests of distance 0 (first ones), and those whose distance is larger than the size."""
    beyond: NDArray[np.int64] = counts[0] + counts[1:].sum() - np.cumsum(counts[1:])
    return beyond[sizes - 1]
