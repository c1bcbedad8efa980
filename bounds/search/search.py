"""Search for request sequences on which a policy does badly, with a proof of how badly.

Searchers (bounds.search.searchers) work in units. What a unit finds depends on its number, the seed and the worst cycle known
when its round of units began, not on the time nor on the process that does it; the time decides how many are done. So
equal seeds and equal numbers of units give equal results, with any executor.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from bounds.exact.game import check_nontrivial, optimum_slots
from bounds.search.found import Found
from bounds.search.hunt import Hunt, rounds
from bounds.search.problem import Problem
from bounds.search.searchers.registry import SEARCHERS
from bounds.theorems.of_policy import best_upper
from paging.errors import InvalidArgument
from paging.model import Instance, Page, Requests
from paging.names import look_up
from paging.policies.named import PolicyLike, named
from paging.seconds import check_seconds

SEARCHING = 0.8
"""The share of the time for the search itself; the rest is for shrinking what was found."""


def _quiet(found: Found) -> None:
    """Nobody wants to know."""


def search(
    instance: Instance,
    policy: PolicyLike,
    *,
    seconds: float,
    seed: int = 0,
    searchers: Sequence[str] | None = None,
    seeds: Sequence[Sequence[Page]] = (),
    executor: Executor | None = None,
    keep: Callable[[Found], None] = _quiet,
    most_units: int | None = None,
    most_states: int | None = None,
    optimum: int | None = None,
) -> Found:
    """The worst cycle found within ``seconds``; less if nothing worse can exist, or all of ``most_units`` are done.

    ``searchers``: ids of SEARCHERS, None for all. ``seeds``: cycles of pages to begin with, each of whole rounds.
    ``executor``: does the units; None: this process. What builds the policy must then be something that can be pickled,
    or an id of the registry. ``keep`` is told of every improvement. ``most_states``: of the product
    graph, all units together. ``optimum``: slots of OPT, at most k (default: k).

    Randomized policies: the figure in the result (and in what ``keep`` is told) is never one of those by which the cycle was
    chosen. The largest of many noisy estimates is too large on average; so when the choice is made, the cycle is
    fixed, and new runs with draws of their own give the estimate and its interval.

    Raises InvalidArgument for seconds as check_seconds does, seeds that are not whole rounds, or slots of OPT that there cannot
    be, InvalidRequests for seeds that do not fit, UnknownName for a searcher, UnsupportedProblem for trivial instances.
    """
    check_seconds("seconds", seconds)
    for each in searchers or ():
        look_up("searcher", each, SEARCHERS)
    check_nontrivial(instance)
    for cycle in seeds:
        if len(cycle) % instance.layers:
            raise InvalidArgument(f"seeds: expected whole rounds, got {len(cycle)} requests")
        Requests.of(instance.layers, instance.experts, cycle)
    begin = time.time()
    policy = named(policy)
    slots = optimum_slots(instance, optimum)
    problem = Problem.of(instance, policy, seeds, best_upper(instance, policy, slots), slots)
    hunt = Hunt(problem, seed, keep, most_states)
    left = sys.maxsize if most_units is None else most_units
    for tasks in rounds(problem, [each for each in SEARCHERS if searchers is None or each in searchers]):
        if not hunt.round(tasks[:left], begin + SEARCHING * seconds, executor):
            break
        left -= len(tasks)
        if left <= 0:
            break
    return hunt.result(begin + seconds)
