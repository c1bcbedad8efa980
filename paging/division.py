"""The best fixed division of a cache among the layers, for LRU and for OPT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from paging.curve import curve
from paging.errors import InvalidPartition
from paging.model import Requests

Divided: TypeAlias = Literal["lru", "opt"]
"""What plays in each layer: the two whose misses at every size are known from one pass."""


@dataclass(frozen=True, slots=True)
class Division:
    """``slots`` of each layer; ``misses`` of ``policy`` with them, ``shared``: of the policy with one cache of all slots."""

    policy: Divided
    slots: tuple[int, ...]
    misses: int
    shared: int

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "policy": self.policy,
            "slots": list(self.slots),
            "misses": self.misses,
            "shared": self.shared,
        }


def best_division(requests: Requests, cache: int, policy: Divided = "opt") -> Division:
    """The division with the fewest misses on these requests; of several, early layers get the fewest slots.

    Each layer gets from one batch (one slot unless atomic) to all its experts; slots beyond all pages are not given away.
    With slots of its own a layer is a paging problem of its own, so that the misses of a division are the sum of what the
    curves of the layers say. The least sum is found layer by layer, as in the knapsack problem: curves of LRU need not be
    convex, so that slots given one by one to whom they serve most may miss it. It is the best division for *these* requests:
    judge it on others with ``division_misses``. Raises InvalidPartition for fewer slots than one batch per layer.
    """
    least, most = requests.batch, requests.experts
    if cache < requests.layers * least:
        raise InvalidPartition(
            f"division: expected at least {least} slots for each of {requests.layers} layers, got k = {cache}"
        )
    curves = _curves(requests, policy)
    total = min(cache, requests.layers * most)
    cost = np.full(total + 1, np.iinfo(np.int64).max // 2)
    cost[0] = 0
    choices = []
    for misses in curves:
        best, choice = np.full_like(cost, np.iinfo(np.int64).max // 2), np.zeros_like(cost)
        for slots in range(least, min(most, total) + 1):
            tried = cost[: total + 1 - slots] + misses[slots - least]
            better = tried < best[slots:]
            best[slots:][better], choice[slots:][better] = tried[better], slots
        cost = best
        choices.append(choice)
    shares, left = [], total
    for choice in reversed(choices):
        shares.append(int(choice[left]))
        left -= shares[-1]
    found = tuple(reversed(shares))
    lru, opt = curve(requests).at(cache)
    return Division(policy, found, int(cost[total]), lru if policy == "lru" else opt)


def division_misses(requests: Requests, slots: Sequence[int], policy: Divided = "opt") -> int:
    """Misses of the policy when layer j has ``slots[j]`` slots of its own. Raises InvalidPartition if they do not fit."""
    if len(slots) != requests.layers or min(slots) < requests.batch:
        raise InvalidPartition(
            f"division: expected {requests.layers} numbers of at least {requests.batch} slots, got {tuple(slots)}"
        )
    curves = _curves(requests, policy)
    return sum(
        int(misses[min(mine, requests.experts) - requests.batch])
        for mine, misses in zip(slots, curves, strict=True)
    )


def _curves(requests: Requests, policy: Divided) -> list[NDArray[np.int64]]:
    """Of each layer alone: misses with one batch of slots up to all experts."""
    found = []
    for layer in range(requests.layers):
        visits = requests.visits_of(layer)
        warm = int(np.searchsorted(visits, requests.warmup // requests.width)) * requests.width
        if warm == len(visits) * requests.width:  # nothing of this layer is counted
            found.append(np.zeros(requests.experts + 1 - requests.batch, np.int64))
            continue
        pages = requests.pages[visits] - layer * requests.experts
        alone = curve(Requests.of(1, requests.experts, pages, requests.semantics).warmed(warm))
        found.append(alone.lru if policy == "lru" else alone.opt)
    return found
