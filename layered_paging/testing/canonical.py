"""Is a canonical state sound: do equal states really behave equally for ever after?"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy
from paging.replay import Player


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two pasts that lead to equal canonical states, and a future in which they differ at its last request."""

    first: tuple[Page, ...]
    second: tuple[Page, ...]
    future: tuple[Page, ...]


def find_disagreement(
    make: Callable[[], Policy],
    instance: Instance,
    rng: np.random.Generator,
    *,
    pasts: int = 300,
    rounds: int = 8,
    futures: int = 20,
) -> Disagreement | None:
    """Random pasts are grouped by turn and state; members of a group play the same random futures.

    None: nothing found (which proves nothing), or the policy has no canonical state.
    """
    known: dict[Hashable, tuple[Player, tuple[Page, ...]]] = {}
    for _ in range(pasts):
        length = int(rng.integers(1, rounds * instance.layers))
        past = walk(instance, 0, length, rng)
        player = Player(make(), instance, np.random.default_rng(0))
        for page in past:
            player.serve(page)
        state = player.policy.canonical_state(player.cache)
        if state is None:
            return None
        other, other_past = known.setdefault((length % instance.layers, state), (player, past))
        if other is player or other_past == past:
            continue
        for _ in range(futures):
            future = walk(instance, length, 2 * rounds, rng)
            differ = _first_difference(player, other, future)
            if differ is not None:
                return Disagreement(other_past, past, future[: differ + 1])
    return None


def walk(instance: Instance, start: int, length: int, rng: np.random.Generator) -> tuple[Page, ...]:
    """Random pages in layer order; few experts at a time, so that states recur and pages grow old."""
    experts = rng.permutation(instance.experts)[: rng.integers(1, instance.experts + 1)]
    return tuple(
        instance.page((start + t) % instance.layers, int(rng.choice(experts))) for t in range(length)
    )


def _first_difference(one: Player, two: Player, future: tuple[Page, ...]) -> int | None:
    left, right = (pickle.loads(pickle.dumps(player)) for player in (one, two))
    for time, page in enumerate(future):
        left.serve(page)
        right.serve(page)
        if set(left.cache) != set(right.cache):
            return time
    return None
