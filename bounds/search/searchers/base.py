"""The protocol of a searcher: units of work that depend on nothing but their arguments."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bounds.search.found import Candidate
from bounds.search.problem import Problem


@dataclass(frozen=True, slots=True)
class Order:
    """A unit of work. ``number``: counted per searcher; ``best``: the worst cycle known when the round of units began.

    ``most_states``: of the product graph that it may touch (None: any number); ``deadline``: by time.time(), when to come
    home with what there is.
    """

    number: int
    best: Candidate | None
    most_states: int | None
    deadline: float
    rng: np.random.Generator

    @property
    def late(self) -> bool:
        """Whether time is up."""
        return time.time() >= self.deadline


@dataclass(frozen=True, slots=True)
class Harvest:
    """The best candidate of a unit; ``visited``: states of the product graph touched; ``complete``: all of them, and ``best``
    is the exact ratio."""

    best: Candidate | None
    evaluations: int
    visited: int
    complete: bool = False


class Searcher(Protocol):
    """One idea of how to find bad cycles."""

    def units(self, problem: Problem) -> int | None:
        """How many units of work there are against this policy: 0 where the idea does not apply, None for no end."""
        ...

    def work(self, problem: Problem, order: Order) -> Harvest:
        """Do one unit; equal arguments give equal results, unless the deadline cuts in."""
        ...
