"""The best fixed division of a cache among the layers, for LRU and for OPT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from paging.curve import curve
from paging.errors import InvalidArgument, InvalidPartition
from paging.fast import misses_of
from paging.model import Instance, Requests
from paging.offline.by_size import optimum_interval
from paging.policies.registry import SHARED
from paging.variant import Variant

Divided: TypeAlias = Literal["lru", "opt"]
"""What plays in each layer: the two whose misses at every size are known from one pass."""

MOST_UNITS = 2**22
"""Of the cache, a unit being what divides all sizes."""


@dataclass(frozen=True, slots=True)
class Division:
    """``slots`` of each layer; ``misses`` of ``policy`` with them."""

    policy: Divided
    slots: tuple[int, ...]
    misses: int

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {"policy": self.policy, "slots": list(self.slots), "misses": self.misses}


def best_division(
    requests: Requests, cache: int, policy: Divided = "opt", sizes: Sequence[int] | None = None
) -> Division:
    """The division with the fewest misses on these requests; what serves nobody goes to the last layers.

    ``sizes``: bytes of an expert of each layer; ``cache`` is then in bytes too. Each layer gets from one batch (one slot unless
    atomic) to all its experts; slots beyond all pages are not given away.

    With slots of its own a layer is a paging problem of its own, so that the misses of a division are the sum of what the
    curves of the layers say. The least sum is found layer by layer, as in the knapsack problem: curves of LRU need not be
    convex, so that slots given one by one to whom they serve most may miss it. It is the best division for *these* requests:
    judge it on others with ``division_misses``. Raises InvalidPartition for a cache without one batch per layer,
    InvalidArgument for sizes of so small a common unit that the cache has more than MOST_UNITS of them.
    """
    least, most = requests.batch, requests.experts
    each = [1] * requests.layers if sizes is None else list(sizes)
    if cache < sum(each) * least:
        what = f"k = {cache}" if sizes is None else f"{cache} bytes, of {sum(each) * least}"
        raise InvalidPartition(
            f"division: expected at least {least} slots for each of {requests.layers} layers, got {what}"
        )
    unit = gcd(*each)
    total = min(cache, sum(each) * most) // unit
    if total > MOST_UNITS:
        raise InvalidArgument(
            f"division: expected sizes with a common unit, at most {MOST_UNITS} of them in the cache; got units of "
            f"{unit} bytes"
        )
    cost = np.zeros(total + 1, np.int64)  # least misses of the layers so far, with so many units at most
    choices = []
    for misses, size in zip(layer_curves(requests, policy), each, strict=True):
        best, choice = np.full_like(cost, np.iinfo(np.int64).max // 2), np.zeros_like(cost)
        for slots in range(least, min(most, total * unit // size) + 1):
            taken = slots * size // unit
            tried = cost[: total + 1 - taken] + misses[slots - least]
            better = tried < best[taken:]
            best[taken:][better], choice[taken:][better] = tried[better], slots
        cost = best
        choices.append(choice)
    shares, left = [], total
    for choice, size in zip(reversed(choices), reversed(each), strict=True):
        shares.append(int(choice[left]))
        left -= shares[-1] * size // unit
    for place, size in enumerate(reversed(each)):  # the last layers first
        more = min(most - shares[place], left * unit // size)
        shares[place] += more
        left -= more * size // unit
    return Division(policy, tuple(reversed(shares)), int(cost[total]))


def division_misses(requests: Requests, slots: Sequence[int], policy: Divided = "opt") -> int:
    """Misses of the policy when layer j has ``slots[j]`` slots of its own. Raises InvalidPartition if they do not fit."""
    if len(slots) != requests.layers or min(slots) < requests.batch:
        raise InvalidPartition(
            f"division: expected {requests.layers} numbers of at least {requests.batch} slots, got {tuple(slots)}"
        )
    return sum(
        int(misses[min(mine, requests.experts) - requests.batch])
        for mine, misses in zip(slots, layer_curves(requests, policy), strict=True)
    )


def shared_misses(
    requests: Requests, cache: int, policy: Divided = "opt", sizes: Sequence[int] | None = None
) -> int:
    """Misses of the policy with one cache for all layers; in bytes, with ``sizes``, where OPT is NP-hard and the number is that
    of the best schedule found."""
    if sizes is None:
        lru, opt = curve(requests).at(cache)
        return lru if policy == "lru" else opt
    instance = Instance(requests.layers, requests.experts, requests.layers * requests.experts)
    variant = Variant(sizes=np.repeat(np.asarray(sizes), requests.experts), capacity=cache)
    if policy == "lru":
        return misses_of(SHARED["lru"], instance, requests, variant=variant)
    return optimum_interval(instance, requests, variant).upper


def layer_curves(requests: Requests, policy: Divided) -> list[NDArray[np.int64]]:
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
