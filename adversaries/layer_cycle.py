"""The instances of `lru-cycle-lower` (derived) and `lru-lower` (paper*): round and round in a fixed order."""

from __future__ import annotations

import numpy as np

from adversaries.base import ObliviousAdversary, Precondition
from paging.model import Instance, Pages


def cycle_experts(instance: Instance) -> int:
    """Experts per layer on the cycle, N / l = ceil((k+1) / l)."""
    return -(-(instance.cache + 1) // instance.layers)


class LayerCycle(ObliviousAdversary):
    """Go round N = l * ceil((k+1)/l) pages, N/l in each layer, always in the same order.

    LRU and FIFO miss always; OPT misses (N-k)/(N-1) of the time.
    """

    precondition = Precondition("k < n*l", lambda instance: instance.cache < instance.pages)

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self.period = instance.layers * cycle_experts(instance)

    def sequence(self, rounds: int, rng: np.random.Generator) -> Pages:
        """Round r asks every layer for expert r mod (N/l)."""
        experts = np.arange(rounds, dtype=np.int32) % cycle_experts(self.instance)
        first = np.arange(self.instance.layers, dtype=np.int32) * self.instance.experts
        return (experts[:, None] + first).reshape(-1)


class ShortestCycle(LayerCycle):
    """The cycle of k+1 pages, on which LRU pays k times what OPT pays."""

    precondition = Precondition(
        "l divides k+1 and n >= (k+1)/l",
        lambda instance: (
            (instance.cache + 1) % instance.layers == 0
            and instance.experts >= (instance.cache + 1) // instance.layers
        ),
    )
