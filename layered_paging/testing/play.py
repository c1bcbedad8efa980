"""A run that may end early, because the policy does something it must not do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layered_paging.testing.fault import Fault
from paging.model import Instance, Page, Requests
from paging.policies.named import MakePolicy
from paging.replay import Player, Run


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """``run``: the requests that were served before the ``fault``, if there was one."""

    run: Run
    fault: Fault | None


def play(make: MakePolicy, instance: Instance, requests: Requests, seed: int = 0) -> Played:
    """Let a guarded policy serve the requests, width 1, up to its first fault."""
    hits: list[bool] = []
    evicted: list[Page] = []
    evicted_at: list[int] = []
    fault = None
    try:
        player = Player(make(), instance, np.random.default_rng(seed))
        for time, page in enumerate(requests.stream.tolist()):
            hits.append(player.serve(page, frozenset((page,))))
            evicted += sorted(player.last_victims)
            evicted_at += [time] * len(player.last_victims)
    except Fault as error:
        fault = error
    served = Requests.of(instance.layers, instance.experts, requests.stream[: len(hits)])
    run = Run(
        instance,
        served,
        np.array(hits, np.bool_),
        np.array(evicted, np.int32),
        np.array(evicted_at, np.int64),
    )
    return Played(run, fault)
