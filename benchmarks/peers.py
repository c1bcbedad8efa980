"""Other people's caches, to compare with (extra ``bench``): libcachesim, whose core is C++, and cachetools, in Python."""

from __future__ import annotations

import time
from pathlib import Path

import cachetools
import libcachesim
import numpy as np

from paging.model import Requests
from paging.offline.next_use import next_uses

RECORD = np.dtype([("time", "<u4"), ("page", "<u8"), ("size", "<u4"), ("next", "<i8")])
"""A request in libcachesim's own binary format (oracleGeneral): page numbers from 1, -1: never requested again."""

NEVER = -1


class LibCacheSim:
    """Its policies on its own trace file, read once before the first run so that it comes from memory."""

    POLICIES = ("LRU", "FIFO", "LFU", "Belady")

    def __init__(self, requests: Requests, folder: Path) -> None:
        self._path = folder / "trace.oracleGeneral"
        self._requests = len(requests)
        nexts = next_uses(requests)
        records = np.zeros(len(requests), RECORD)
        records["time"] = np.arange(len(requests))
        records["page"] = requests.stream + 1
        records["size"] = 1
        records["next"] = np.where(nexts == len(requests), NEVER, nexts)
        records.tofile(self._path)
        self._path.read_bytes()

    def run(self, policy: str, slots: int) -> tuple[float, int]:
        """Seconds and misses; the reader and the cache are made before the clock starts."""
        reader = libcachesim.TraceReader(
            str(self._path),
            libcachesim.TraceType.ORACLE_GENERAL_TRACE,
            libcachesim.ReaderInitParam(ignore_obj_size=True),
        )
        cache = getattr(libcachesim, policy)(slots)
        begin = time.perf_counter()
        missed, _ = cache.process_trace(reader)
        return time.perf_counter() - begin, round(missed * self._requests)


class CacheTools:
    """Its caches in a plain loop over the pages, a list of Python integers."""

    POLICIES = ("LRUCache", "FIFOCache", "LFUCache")

    def __init__(self, requests: Requests) -> None:
        self._pages = requests.stream.tolist()

    def run(self, policy: str, slots: int) -> tuple[float, int]:
        """Seconds and misses."""
        cache = getattr(cachetools, policy)(slots)
        misses = 0
        begin = time.perf_counter()
        for page in self._pages:
            if cache.get(page) is None:
                misses += 1
                cache[page] = True
        return time.perf_counter() - begin, misses
