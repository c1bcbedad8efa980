"""A policy and an adversary against each other, step by step."""

from __future__ import annotations

import numpy as np

from adversaries.base import AdaptiveAdversary, ObliviousAdversary
from paging.model import Requests
from paging.policies.base import Policy
from paging.policies.named import PolicyLike, playing
from paging.replay import Player, Run, replay


def duel(
    policy: Policy | PolicyLike,
    adversary: AdaptiveAdversary | ObliviousAdversary,
    rounds: int,
    rng: np.random.Generator,
) -> Run:
    """Let a fresh ``adversary`` attack ``policy`` on its instance for ``rounds`` rounds.

    ``rng`` drives both, each by a generator of its own. Raises IllegalEviction for an answer that is not legal.
    """
    policy, instance = playing(policy), adversary.instance
    policy_rng, adversary_rng = rng.spawn(2)
    if isinstance(adversary, ObliviousAdversary):
        return replay(policy, instance, adversary.sequence(rounds, adversary_rng), policy_rng)
    player = Player(policy, instance, policy_rng)
    pages, hits, evicted, evicted_at = [], [], [], []
    for time in range(rounds * instance.layers):
        page = adversary.next_page(player.cache)
        pages.append(page)
        hits.append(player.serve(page, frozenset((page,))))
        evicted += sorted(player.last_victims)
        evicted_at += [time] * len(player.last_victims)
    return Run(
        instance,
        Requests.of(instance.layers, instance.experts, np.array(pages, np.int32)),
        np.array(hits, np.bool_),
        np.array(evicted, np.int32),
        np.array(evicted_at, np.int64),
    )
