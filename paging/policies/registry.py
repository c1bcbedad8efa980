"""All policies by their ids; the command line, the tables and the tests iterate over this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from paging.policies.base import Policy
from paging.policies.fifo import FIFO
from paging.policies.flush_when_full import FlushWhenFull
from paging.policies.guided import Guided
from paging.policies.lfu import LFU
from paging.policies.llru import LLRU
from paging.policies.lru import LRU
from paging.policies.marker import Marker
from paging.policies.mru import MRU
from paging.policies.partitioned import Partitioned
from paging.policies.priorities import (
    FarPriority,
    LFUPriority,
    LLRUPriority,
    LRUPriority,
    Priority,
    RandomPriority,
)
from paging.policies.random_eviction import RandomEviction

MakePolicy = Callable[[], Policy]


def _guided(priority: Callable[[], Priority]) -> Guided:
    return Guided(priority())


GUIDED: Mapping[str, MakePolicy] = {
    "guided-random": partial(_guided, RandomPriority),
    "guided-far": partial(_guided, FarPriority),
    "guided-lfu": partial(_guided, LFUPriority),
    "guided-lru": partial(_guided, LRUPriority),
    "guided-llru": partial(_guided, LLRUPriority),
}

SHARED: Mapping[str, MakePolicy] = {
    "lru": LRU,
    "fifo": FIFO,
    "lfu": LFU,
    "mru": MRU,
    "random": RandomEviction,
    "marker": Marker,
    "flush-when-full": FlushWhenFull,
    "llru": LLRU,
    **GUIDED,
}

DIVIDED: Mapping[str, MakePolicy] = {
    f"{name}-dist": partial(Partitioned, make) for name, make in SHARED.items()
}

POLICIES: Mapping[str, MakePolicy] = {**SHARED, **DIVIDED}
