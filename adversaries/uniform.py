"""The instances of `randomized-uniform-lower` (derived) and `randomized-lower` (paper*): experts drawn uniformly."""

from __future__ import annotations

import numpy as np

from adversaries.base import ObliviousAdversary, Precondition
from paging.model import Pages


class UniformExperts(ObliviousAdversary):
    """Every expert independently and uniformly, with one slot less than there are pages (Yao's principle).

    Whatever page is missing, it is requested with probability 1/n in a round; OPT pays once per phase.
    """

    precondition = Precondition("k = n*l - 1 >= 1", lambda instance: instance.cache == instance.pages - 1)

    def sequence(self, rounds: int, rng: np.random.Generator) -> Pages:
        """Independent draws."""
        layers, experts = self.instance.layers, self.instance.experts
        drawn = rng.integers(experts, size=(rounds, layers), dtype=np.int32)
        return (drawn + np.arange(layers, dtype=np.int32) * experts).reshape(-1)


class UniformLayers(UniformExperts):
    """The same draws under the precondition that the paper's bound needs in our reading."""

    precondition = Precondition(
        "k = n*l - 1, l >= 2 and n >= 2",
        lambda instance: (
            instance.cache == instance.pages - 1 and instance.layers >= 2 and instance.experts >= 2
        ),
    )
