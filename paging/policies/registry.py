"""All policies by their ids; the command line, the tables and the tests iterate over this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from paging.policies.fifo import FIFO
from paging.policies.flush_when_full import FlushWhenFull
from paging.policies.guided import Guided
from paging.policies.lfu import LFU
from paging.policies.llru import LLRU
from paging.policies.lru import LRU
from paging.policies.marker import Marker
from paging.policies.mru import MRU
from paging.policies.named import MakePolicy, NamedPolicy
from paging.policies.partitioned import Partitioned
from paging.policies.priorities import (
    FarPriority,
    KeepPriority,
    LFUPriority,
    LLRUPriority,
    LRUPriority,
    Priority,
    RandomPriority,
    SpreadPriority,
)
from paging.policies.random_eviction import RandomEviction


def _entries(made: Mapping[str, MakePolicy]) -> Mapping[str, NamedPolicy]:
    return {name: NamedPolicy(name, make) for name, make in made.items()}


def _guided(priority: Callable[[], Priority]) -> Guided:
    return Guided(priority())


GUIDED: Mapping[str, NamedPolicy] = _entries(
    {
        "guided-random": partial(_guided, RandomPriority),
        "guided-spread": partial(_guided, SpreadPriority),
        "guided-far": partial(_guided, FarPriority),
        "guided-keep": partial(_guided, KeepPriority),
        "guided-lfu": partial(_guided, LFUPriority),
        "guided-lru": partial(_guided, LRUPriority),
        "guided-llru": partial(_guided, LLRUPriority),
    }
)

SHARED: Mapping[str, NamedPolicy] = {
    **_entries(
        {
            "lru": LRU,
            "fifo": FIFO,
            "lfu": LFU,
            "mru": MRU,
            "random": RandomEviction,
            "marker": Marker,
            "flush-when-full": FlushWhenFull,
            "llru": LLRU,
        }
    ),
    **GUIDED,
}

DIVIDED: Mapping[str, NamedPolicy] = _entries(
    {f"{name}-dist": partial(Partitioned, policy) for name, policy in SHARED.items()}
)

POLICIES: Mapping[str, NamedPolicy] = {**SHARED, **DIVIDED}
