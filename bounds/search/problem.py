"""What is attacked: a policy at an instance, in a form that other processes understand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from paging.exact import Value
from paging.model import Instance, Page
from paging.policies.named import NamedPolicy
from paging.replay import Player


@dataclass(frozen=True, slots=True)
class Problem:
    """``seeds``: cycles to begin with. ``upper``: a proven upper bound on the ratio, at which a search may stop. ``finite``:
    whether the policy has a canonical state.
    """

    instance: Instance
    policy: NamedPolicy
    seeds: tuple[tuple[Page, ...], ...]
    upper: Value
    deterministic: bool
    finite: bool

    @classmethod
    def of(
        cls,
        instance: Instance,
        policy: NamedPolicy,
        seeds: Sequence[Sequence[Page]] = (),
        upper: Value = math.inf,
    ) -> Problem:
        """Look at the policy: is it deterministic, has it a canonical state?"""
        player = Player(policy(), instance, np.random.default_rng(0))
        for layer in range(instance.layers):
            player.serve(instance.page(layer, 0))
        return cls(
            instance,
            policy,
            tuple(tuple(int(page) for page in seed) for seed in seeds if len(seed)),
            upper,
            player.policy.deterministic,
            player.policy.deterministic and player.policy.canonical_state(player.cache) is not None,
        )

    def player(self) -> Player:
        """The policy before the first request."""
        return Player(self.policy(), self.instance, np.random.default_rng(0))
