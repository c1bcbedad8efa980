"""What is attacked: a policy at an instance, in a form that other processes understand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from paging.exact import Value
from paging.model import Instance, Page
from paging.policies.registry import POLICIES, MakePolicy
from paging.replay import Player


@dataclass(frozen=True, slots=True)
class Problem:
    """``name``: the id if the policy is the registry's own, so that its kernels may be used; else None.

    ``seeds``: cycles to begin with. ``upper``: a proven upper bound on the ratio, at which a search may stop. ``finite``:
    whether the policy has a canonical state.
    """

    instance: Instance
    make: MakePolicy
    name: str | None
    seeds: tuple[tuple[Page, ...], ...]
    upper: Value
    deterministic: bool
    finite: bool

    @classmethod
    def of(
        cls,
        instance: Instance,
        make: MakePolicy,
        name: str | None,
        seeds: Sequence[Sequence[Page]] = (),
        upper: Value = math.inf,
    ) -> Problem:
        """Look at the policy: is it deterministic, has it a canonical state?"""
        registered = name is not None and POLICIES.get(name) is make
        player = Player(make(), instance, np.random.default_rng(0))
        for layer in range(instance.layers):
            player.serve(instance.page(layer, 0))
        return cls(
            instance,
            make,
            name if registered else None,
            tuple(tuple(int(page) for page in seed) for seed in seeds if len(seed)),
            upper,
            player.policy.deterministic,
            player.policy.deterministic and player.policy.canonical_state(player.cache) is not None,
        )

    def player(self) -> Player:
        """The policy before the first request."""
        return Player(self.make(), self.instance, np.random.default_rng(0))
