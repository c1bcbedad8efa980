"""All policies by their ids; the command line, the tables and the tests iterate over this."""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from paging.policies.admission import Capped, Throttled
from paging.policies.arc import ARC
from paging.policies.entry import MakePolicy, NamedPolicy
from paging.policies.fifo import FIFO
from paging.policies.flush_when_full import FlushWhenFull
from paging.policies.frequency_distance import FrequencyDistance
from paging.policies.guided import Guided
from paging.policies.heat import Heat
from paging.policies.least_stale import LeastStale
from paging.policies.lfru import LFRU
from paging.policies.lfu import LFU
from paging.policies.llru import LLRU
from paging.policies.lru import LRU
from paging.policies.lru_k import LRUK
from paging.policies.marker import Marker
from paging.policies.mru import MRU
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
from paging.policies.s3_fifo import S3FIFO
from paging.policies.sieve import SIEVE
from paging.policies.slru import SLRU
from paging.policies.static import Static


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

PRACTICAL: Mapping[str, NamedPolicy] = _entries(
    {
        "slru": SLRU,
        "lru-2": LRUK,
        "arc": ARC,
        "s3-fifo": S3FIFO,
        "sieve": SIEVE,
        "heat": Heat,
        "lfru": LFRU,
        "least-stale": LeastStale,
        "frequency-distance": FrequencyDistance,
        "static": Static,
        "throttled": Throttled,
        "capped": Capped,
    }
)
"""What engines and general caches use. No theorem speaks of one of them by name, and they have no ``-dist`` variant of their
own: a user builds it, ``Partitioned(SIEVE)``."""

POLICIES: Mapping[str, NamedPolicy] = {**SHARED, **DIVIDED, **PRACTICAL}


def registered(policy: NamedPolicy) -> bool:
    """Whether it is the registry's own."""
    return POLICIES.get(policy.id) is policy


def entry(name: str) -> NamedPolicy:
    """The policy with this id."""
    return POLICIES[name]


def _by_id(policy: NamedPolicy) -> tuple[Callable[..., NamedPolicy], tuple[Any, ...]]:
    return (entry, (policy.id,)) if registered(policy) else (NamedPolicy, (policy.id, policy.make))


copyreg.pickle(NamedPolicy, _by_id)  # in another process it is the entry of the registry there
