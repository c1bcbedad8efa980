"""A canonical state that does not decide the future, found and made small."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from layered_paging.testing.canonical import Disagreement, find_disagreement
from layered_paging.testing.fault import Fault
from layered_paging.testing.finding import Finding
from layered_paging.testing.guard import CANONICAL_STATE
from layered_paging.testing.marks import find_unequal_futures
from layered_paging.testing.play import play
from paging.errors import InvalidPartition
from paging.model import Instance, Page, Requests
from paging.policies.named import MakePolicy
from paging.replay import Player

INSTANCES = tuple(
    Instance(*shape) for shape in ((1, 3, 2), (2, 2, 2), (2, 2, 3), (1, 4, 3), (3, 2, 4), (2, 3, 4))
)


def unsound_state(
    make: MakePolicy, *, pasts: int = 300, futures: int = 20, instances: Iterable[Instance] = INSTANCES
) -> Finding | None:
    """Two pasts with equal canonical states or marks, and a future that tells them apart; None for policies without them.

    ``make`` builds a policy under guard. Raises Fault where the policy does not play on.
    """
    for instance in instances:
        try:
            found = find_disagreement(
                make, instance, np.random.default_rng(1), pasts=pasts, rounds=8, futures=futures
            )
        except InvalidPartition:
            continue
        if found is not None:
            return _finding(make, instance, _shrunk(make, instance, found))
        says = find_unequal_futures(make, instance, np.random.default_rng(2), pasts=pasts)
        if says is not None:
            return Finding(CANONICAL_STATE, says, instance, (), play(make, instance, _nothing(instance)).run)
    return None


def _nothing(instance: Instance) -> Requests:
    return Requests.of(instance.layers, instance.experts, np.empty(0, np.int32))


def _finding(make: MakePolicy, instance: Instance, found: Disagreement) -> Finding:
    says = (
        f"after {list(found.first)} and after {list(found.second)} the canonical states are equal, "
        f"but the requests {list(found.future)} lead to different caches"
    )
    stream = found.second + found.future
    requests = Requests.of(instance.layers, instance.experts, np.array(stream, np.int32))
    return Finding(CANONICAL_STATE, says, instance, stream, play(make, instance, requests).run)


def _shrunk(make: MakePolicy, instance: Instance, found: Disagreement) -> Disagreement:
    """Rounds are left out, one by one, of each of the three parts."""
    parts = [found.first, found.second, found.future]
    smaller = True
    while smaller:
        smaller = False
        for which, part in enumerate(parts):
            for at in range(len(part) - instance.layers + 1):
                shorter = part[:at] + part[at + instance.layers :]
                tried = [*parts[:which], shorter, *parts[which + 1 :]]
                if _disagree(make, instance, tried):
                    parts, smaller = tried, True
                    break
            if smaller:
                break
    return Disagreement(*parts)


def _disagree(make: MakePolicy, instance: Instance, parts: list[tuple[Page, ...]]) -> bool:
    """Equal states after the two pasts, different caches after the future."""
    if not parts[0] or not parts[1]:
        return False
    ends = []
    states = []
    for past in parts[:2]:
        player = Player(make(), instance, np.random.default_rng(0))
        try:
            for page in past:
                player.serve(page)
            states.append(player.policy.canonical_state(player.cache))
            for page in parts[2]:
                player.serve(page)
        except Fault:
            return False
        ends.append(set(player.cache))
    return states[0] == states[1] and ends[0] != ends[1]
