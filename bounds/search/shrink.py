"""Make a bad cycle short and plain, with its ratio kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from bounds.search.found import Candidate
from bounds.search.judge import judge
from bounds.search.played import Cycle
from bounds.search.problem import Problem
from paging.model import Instance


def size(candidate: Candidate) -> tuple[int, int, int, int]:
    """What is to become small: length of the cycle, number of pages, length of the prefix, page numbers."""
    both = candidate.prefix + candidate.cycle
    return len(candidate.cycle), len(set(both)), len(candidate.prefix), sum(both)


def shrink(problem: Problem, candidate: Candidate, tries: int, late: Callable[[], bool]) -> Candidate:
    """Leave out rounds, make experts one, number them anew; every step is judged again, and taken if nothing is lost.

    At most ``tries`` judgements. Deterministic policies only: of a randomized one the ratio is not known exactly.
    """
    rng = np.random.default_rng(0)  # not drawn from: the policy is deterministic
    again = True
    while again:
        again = False
        for prefix, cycle in _smaller(problem.instance, candidate):
            if tries <= 0 or late():
                return candidate
            tries -= 1
            new = judge(problem, prefix, cycle, rng)
            if (
                new is not None
                and (new.proven, new.ratio) >= (candidate.proven, candidate.ratio)
                and size(new) < size(candidate)
            ):
                candidate, again = new, True
                break
    return candidate


def _smaller(instance: Instance, candidate: Candidate) -> Iterator[tuple[Cycle, Cycle]]:
    """Simpler sequences, the boldest first."""
    prefix, cycle = candidate.prefix, candidate.cycle
    for cut in _cuts(len(prefix) // instance.layers):
        yield prefix[cut * instance.layers :], cycle
    rounds = len(cycle) // instance.layers
    for length in _cuts(rounds - 1):
        step = length * instance.layers
        for begin in range(0, len(cycle) - step + 1, step):
            yield prefix, cycle[:begin] + cycle[begin + step :]
    plain = _numbered(instance, prefix + cycle)
    if plain != prefix + cycle:
        yield plain[: len(prefix)], plain[len(prefix) :]
    for layer in range(instance.layers):
        used = sorted({page for page in prefix + cycle if instance.layer(page) == layer})
        for page in reversed(used):
            for other in used:
                if other != page:
                    yield (
                        tuple(other if q == page else q for q in prefix),
                        tuple(other if q == page else q for q in cycle),
                    )


def _cuts(rounds: int) -> Iterator[int]:
    """All, half, a quarter, ... one."""
    while rounds > 0:
        yield rounds
        rounds //= 2


def _numbered(instance: Instance, pages: Cycle) -> Cycle:
    """The experts of each layer in order of their first requests."""
    names: dict[int, int] = {}
    used = [0] * instance.layers
    for page in pages:
        if page not in names:
            layer = instance.layer(page)
            names[page] = instance.page(layer, used[layer])
            used[layer] += 1
    return tuple(names[page] for page in pages)
