"""A run that may end early, because the policy does something it must not do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layered_paging.testing.fault import Fault
from paging.model import Instance, Requests
from paging.policies.named import MakePolicy
from paging.replay import Player, Recorder, Run


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """``run``: the requests that were served before the ``fault``, if there was one."""

    run: Run
    fault: Fault | None


def play(make: MakePolicy, instance: Instance, requests: Requests, seed: int = 0) -> Played:
    """Let a guarded policy serve the requests, width 1, up to its first fault."""
    recorder, fault = Recorder(), None
    try:
        player = Player(make(), instance, np.random.default_rng(seed))
        for page in requests.stream.tolist():
            recorder.serve(player, page)
    except Fault as error:
        fault = error
    served = Requests.of(instance.layers, instance.experts, requests.stream[: recorder.served])
    return Played(recorder.run(instance, served), fault)
