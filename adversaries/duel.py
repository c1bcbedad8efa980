"""A policy and an adversary against each other, step by step."""

from __future__ import annotations

import numpy as np

from adversaries.base import AdaptiveAdversary, ObliviousAdversary
from adversaries.planned import Planned
from paging.fast import run_of
from paging.model import Requests
from paging.policies.base import Policy
from paging.policies.named import PolicyLike, named
from paging.replay import Player, Recorder, Run, replay


def duel(
    policy: Policy | PolicyLike,
    adversary: AdaptiveAdversary | ObliviousAdversary,
    rounds: int,
    rng: np.random.Generator,
) -> Run:
    """Let a fresh ``adversary`` attack ``policy`` on its instance for ``rounds`` rounds.

    ``rng`` drives both, each by a generator of its own. Where the adversary needs no
    look, the policy's kernel plays. Raises IllegalEviction for an answer that is not legal.
    """
    instance = adversary.instance
    policy_rng, adversary_rng = rng.spawn(2)
    if isinstance(adversary, ObliviousAdversary | Planned):
        if isinstance(adversary, Planned):
            written = adversary.ahead(rounds * instance.layers)
        else:
            written = adversary.sequence(rounds, adversary_rng)
        requests = Requests.of(instance.layers, instance.experts, written)
        if isinstance(policy, Policy):
            return replay(policy, instance, requests, policy_rng)
        return run_of(named(policy), instance, requests, policy_rng)
    player = Player(policy, instance, policy_rng)
    recorder, pages = Recorder(), []
    for _ in range(rounds * instance.layers):
        page = adversary.next_page(player.cache)
        pages.append(page)
        recorder.serve(player, page)
    return recorder.run(instance, Requests.of(instance.layers, instance.experts, np.array(pages, np.int32)))
