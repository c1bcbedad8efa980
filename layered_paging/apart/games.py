"""A game played with a policy in its own process, request by request, and judged here."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from layered_paging.apart.process import Process
from layered_paging.testing.fault import ILLEGAL, NONSENSE, Fault
from paging.cache import Cache
from paging.errors import IllegalEviction
from paging.model import Instance, Page, Requests
from paging.replay import Run

SEED = 3


@dataclass(frozen=True, slots=True, eq=False)
class Apart:
    """``victims``: what left for each request; shorter than the game where a ``fault`` ended it."""

    instance: Instance
    requests: Requests
    victims: tuple[frozenset[Page], ...]
    fault: Fault | None

    @property
    def run(self) -> Run:
        """The requests that were served before the fault."""
        return as_run(self.instance, self.requests, self.victims)


def play_apart(
    process: Process,
    instance: Instance,
    requests: Requests,
    *,
    deadline: float = float("inf"),
    seed: int = SEED,
) -> Apart:
    """Width 1. The cache is this process's own, and every answer is judged by it.

    Raises OutOfSeconds after ``deadline``, UnsupportedProblem where the instance is none of the policy's.
    """
    victims: list[frozenset[Page]] = []
    fault = None
    try:
        partition = process.ask("start", instance, seed, deadline=deadline)
        cache = Cache(instance, partition)
        for page in requests.stream.tolist():
            answer = process.ask("serve", page, deadline=deadline)
            if not isinstance(answer, Set) or not all(type(q) is int for q in answer):
                raise Fault(NONSENSE, f"the process of the policy answered {answer!r}")
            if page not in cache:
                cache.load(page, answer, frozenset((page,)))
            victims.append(frozenset(answer))
    except IllegalEviction as error:
        fault = Fault(ILLEGAL, str(error))
    except Fault as error:
        fault = error
    return Apart(instance, requests, tuple(victims), fault)


def as_run(instance: Instance, requests: Requests, victims: tuple[frozenset[Page], ...]) -> Run:
    """Of what left for each of the first requests."""
    there: set[Page] = set()
    hits: list[bool] = []
    evicted: list[Page] = []
    evicted_at: list[int] = []
    for time, (page, leaving) in enumerate(zip(requests.stream.tolist(), victims, strict=False)):
        hits.append(page in there)
        there -= leaving
        there.add(page)
        evicted += sorted(leaving)
        evicted_at += [time] * len(leaving)
    served = Requests.of(instance.layers, instance.experts, requests.stream[: len(hits)])
    return Run(
        instance,
        served,
        np.array(hits, np.bool_),
        np.array(evicted, np.int32),
        np.array(evicted_at, np.int64),
    )


def victims_of(run: Run) -> tuple[frozenset[Page], ...]:
    """What left for each request of a run."""
    leaving: list[set[Page]] = [set() for _ in range(len(run.hits))]
    for page, at in zip(run.evicted.tolist(), run.evicted_at.tolist(), strict=True):
        leaving[at].add(page)
    return tuple(map(frozenset, leaving))
