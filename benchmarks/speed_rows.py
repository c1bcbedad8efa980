"""What benchmarks.speed compares, and on which traces."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from paging.fast import misses_of
from paging.kernels import distances
from paging.model import Instance, Requests
from paging.offline.belady import belady, optimal_misses
from paging.offline.next_use import next_uses
from paging.policies.registry import POLICIES
from paging.stoppable import stoppable
from paging.traces.synthetic import synthetic

Work = Callable[[Instance, Requests], int]


def replayed(name: str) -> Work:
    return lambda instance, requests: misses_of(POLICIES[name], instance, requests)


def schedule(instance: Instance, requests: Requests) -> int:
    return int(np.count_nonzero(~belady(instance, requests)))


def lru_curve(instance: Instance, requests: Requests) -> int:
    counts = distances.lru(requests.stream, 1, instance.pages)
    return int(counts[0] + counts[instance.cache + 1 :].sum())


def opt_curve(instance: Instance, requests: Requests) -> int:
    counts = stoppable(distances.opt_single, requests.stream, next_uses(requests), instance.pages)
    return int(counts[0] + counts[instance.cache + 1 :].sum())


@dataclass(frozen=True)
class Row:
    """``aim``: at least so many times the peer's requests per second; None: just reported. ``same``: equal misses."""

    label: str
    work: Work
    peer: str
    aim: float | None
    same: bool
    small: bool = False
    """The aim is for traces with few pages."""


ROWS = (
    Row("LRU", replayed("lru"), "LRU", 5, True),
    Row("FIFO", replayed("fifo"), "FIFO", 5, True),
    Row("OPT", optimal_misses, "Belady", 3, True),
    Row("OPT with its schedule", schedule, "Belady", None, True),
    Row("LFU", replayed("lfu"), "LFU", 1, False),
    Row("LLRU", replayed("llru"), "LFU", 1, False),
    Row("guided-lfu", replayed("guided-lfu"), "LFU", 1, False),
    Row("guided-far", replayed("guided-far"), "LFU", None, False),
    Row("guided-llru", replayed("guided-llru"), "LFU", None, False),
    Row("guided-random", replayed("guided-random"), "LFU", None, False),
    Row("LRU at every cache size", lru_curve, "LRU", 1 / 4, True),
    Row("OPT at every cache size", opt_curve, "Belady", 1 / 10, True, small=True),
)
PYTHON_ROWS = (
    Row("LRU", replayed("lru"), "LRUCache", None, True),
    Row("FIFO", replayed("fifo"), "FIFOCache", None, True),
    Row("LFU", replayed("lfu"), "LFUCache", None, False),
)


@dataclass(frozen=True)
class Trace:
    """``zipf`` 0 is uniform."""

    name: str
    instance: Instance
    zipf: float
    width: int

    def requests(self, count: int) -> Requests:
        layers, experts = self.instance.layers, self.instance.experts
        tokens = max(1, count // layers // self.width)
        rng = np.random.default_rng(0)
        return synthetic(layers, experts, tokens, zipf=self.zipf, width=self.width, rng=rng).requests(
            semantics="sequential"
        )


TRACES = (
    Trace("32 x 8, Zipf 1.0, k = 64", Instance(32, 8, 64), 1.0, 1),
    Trace("32 x 8, uniform, k = 64", Instance(32, 8, 64), 0.0, 1),
    Trace("48 x 128, width 8, Zipf 1.0, k = 576", Instance(48, 128, 576), 1.0, 8),
)


def timed(row: Row, instance: Instance, requests: Requests) -> tuple[float, int]:
    begin = time.perf_counter()
    misses = row.work(instance, requests)
    return time.perf_counter() - begin, misses
