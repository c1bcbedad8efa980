"""Of which policies a theorem speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from paging.policies.base import Policy
from paging.policies.fifo import FIFO
from paging.policies.guided import Guided
from paging.policies.llru import LLRU
from paging.policies.lru import LRU
from paging.policies.marker import Marker
from paging.policies.partitioned import Partitioned
from paging.policies.priorities import FarPriority, KeepPriority, RandomPriority, SpreadPriority


@dataclass(frozen=True, slots=True)
class Scope:
    """In words, and as a predicate on a policy object (its class and declared properties)."""

    text: str
    covers: Callable[[Policy], bool]


EVERY = Scope("every policy", lambda _: True)
DETERMINISTIC = Scope("every deterministic policy", lambda policy: policy.deterministic)
DIVIDED = Scope("every policy with a fixed partition", lambda policy: isinstance(policy, Partitioned))
LRU_FIFO = Scope("LRU, FIFO", lambda policy: type(policy) in (LRU, FIFO))
ONLY_LRU = Scope("LRU", lambda policy: type(policy) is LRU)
ONLY_FIFO = Scope("FIFO", lambda policy: type(policy) is FIFO)
ONLY_LLRU = Scope("LLRU", lambda policy: type(policy) is LLRU)
CONSERVATIVE_OR_MARKING = Scope(
    "every conservative or marking policy", lambda policy: policy.conservative or policy.marking
)
GUIDED = Scope("every guided policy", lambda policy: isinstance(policy, Guided))
GUIDED_FAR = Scope(
    "guided-far", lambda policy: isinstance(policy, Guided) and isinstance(policy.priority, FarPriority)
)
GUIDED_KEEP = Scope(
    "guided-keep", lambda policy: isinstance(policy, Guided) and isinstance(policy.priority, KeepPriority)
)
GUIDED_SPREAD = Scope(
    "guided-spread", lambda policy: isinstance(policy, Guided) and isinstance(policy.priority, SpreadPriority)
)
LRU_OR_DIVIDED = Scope(
    "LRU, every policy with a fixed partition",
    lambda policy: type(policy) is LRU or isinstance(policy, Partitioned),
)
ONLY_MARKER = Scope("Marker", lambda policy: type(policy) is Marker)
ONLINE_MIN = Scope(
    "guided-random (OnlineMin)",
    lambda policy: isinstance(policy, Guided) and isinstance(policy.priority, RandomPriority),
)
