"""A policy on a sequence, request by request, as data: what is asked, what leaves, what is cached, the sets, both costs."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

from bounds.exact.ratio import ExactRatio, exact_ratio
from paging.course import Course
from paging.exact import readable
from paging.model import Instance, Page
from paging.policies.named import PolicyLike

ROUNDS = 2
"""A worst cycle is shown so many times, and then begins anew."""


def steps(
    policy: PolicyLike, instance: Instance, count: int, asked: Callable[[int, Set[Page]], Page]
) -> list[list[Any]]:
    """[page, miss, growth, pages that leave, cache, sets (L_1..L_k), misses, OPT] for each request; ``asked``: the page of a
    step, given the cache."""
    course = Course(policy, instance)
    found: list[list[Any]] = []
    for step in range(count):
        page = int(asked(step, frozenset(course.player.cache)))
        miss, growth = course.request(page)
        left = sorted(map(int, course.player.last_victims))
        cached = sorted(map(int, course.player.cache))
        sets = [sorted(pages) for pages in course.offset.sets()]
        found.append([page, int(miss), int(growth), left, cached, sets, course.misses, course.optimum])
    return found


def worst_cycle(instance: Instance, policy: PolicyLike) -> dict[str, Any]:
    """The way to the worst cycle and ROUNDS rounds of it; ``cycle``: where it begins, and its length."""
    found: ExactRatio = exact_ratio(instance, policy)
    sequence = found.sequence(ROUNDS)
    return {
        "ratio": readable(found.ratio),
        "cycle": [len(found.prefix), len(found.cycle)],
        "steps": steps(policy, instance, len(sequence), lambda step, _: sequence[step]),
    }
