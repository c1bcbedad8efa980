"""What an adversary is: adaptive (it sees the cache) or oblivious (it does not)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Set
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from paging.errors import PreconditionNotMet
from paging.model import Instance, Page, Pages


@dataclass(frozen=True, slots=True)
class Precondition:
    """For which instances a construction works: in words for people, as a predicate for the code."""

    text: str
    holds: Callable[[Instance], bool]


class Adversary(ABC):
    """Base of both kinds. Raises PreconditionNotMet where the construction is not defined."""

    precondition: ClassVar[Precondition]

    def __init__(self, instance: Instance) -> None:
        if not self.precondition.holds(instance):
            raise PreconditionNotMet(
                f"{type(self).__name__} at {instance}: expected {self.precondition.text}"
            )
        self.instance = instance


class AdaptiveAdversary(Adversary):
    """Chooses each page after a look at the cache; its own memory is finite."""

    @abstractmethod
    def next_page(self, cache: Set[Page]) -> Page:
        """The next request, a page of the layer whose turn it is."""

    @abstractmethod
    def state(self) -> Hashable:
        """Its memory: equal states and equal caches lead to equal requests ever after."""


class ObliviousAdversary(Adversary):
    """Writes the whole sequence beforehand. ``period`` in requests where the sequence is a fixed cycle, else None."""

    period: int | None = None

    @abstractmethod
    def sequence(self, rounds: int, rng: np.random.Generator) -> Pages:
        """Pages of the first ``rounds`` rounds, shape (rounds * layers,)."""


ALWAYS = Precondition("any instance", lambda _: True)
MORE_THAN_A_ROUND = Precondition(
    "k > l, or k = l = 1",
    lambda instance: instance.cache > instance.layers or instance.cache == instance.layers == 1,
)
PAGES_TO_SPARE = Precondition(
    "l <= k < n*l", lambda instance: instance.layers <= instance.cache < instance.pages
)
"""The interesting range: a round fits into the cache, all pages do not."""
