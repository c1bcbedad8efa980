"""A policy and an adversary against each other, step by step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from adversaries.base import AdaptiveAdversary, ObliviousAdversary
from adversaries.planned import Planned
from paging.fast import run_of
from paging.model import Page, Requests
from paging.policies.base import Policy
from paging.policies.named import PolicyLike, named
from paging.replay import Player, Recorder, Run, replay


def duel(
    policy: Policy | PolicyLike,
    adversary: AdaptiveAdversary | ObliviousAdversary,
    rounds: int,
    rng: np.random.Generator,
    known: Sequence[Page] | None = None,
) -> Run:
    """Let a fresh ``adversary`` attack ``policy`` on its instance for ``rounds`` rounds.

    ``rng`` drives both, each by a generator of its own. Where the adversary needs no look, or its requests are ``known``
    from the same duel before, the policy's kernel plays. Raises IllegalEviction for an answer that is not legal.
    """
    instance = adversary.instance
    policy_rng, adversary_rng = rng.spawn(2)
    written: ArrayLike | None = known
    if isinstance(adversary, ObliviousAdversary):
        written = adversary.sequence(rounds, adversary_rng)
    elif isinstance(adversary, Planned):
        written = adversary.ahead(rounds * instance.layers)
    if written is not None:
        requests = Requests.of(instance.layers, instance.experts, written)
        if isinstance(policy, Policy):
            return replay(policy, instance, requests, policy_rng)
        return run_of(named(policy), instance, requests, policy_rng)
    assert isinstance(adversary, AdaptiveAdversary)
    player = Player(policy, instance, policy_rng)
    recorder, pages = Recorder(), []
    for _ in range(rounds * instance.layers):
        page = adversary.next_page(player.cache)
        pages.append(page)
        recorder.serve(player, page)
    return recorder.run(instance, Requests.of(instance.layers, instance.experts, np.array(pages, np.int32)))
