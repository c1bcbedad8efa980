"""A first look at how bad a policy can be: one walk of an adversary that asks for what the policy lacks and OPT may have."""

from __future__ import annotations

import time
from fractions import Fraction

from bounds.search.worst import Worst
from paging.course import Course
from paging.model import Instance, Page
from paging.policies.named import MakePolicy

ROUNDS = 60
"""Of the walk, where time allows."""


def glimpse(instance: Instance, make: MakePolicy, seconds: float) -> Worst:
    """Misses over OPT of one finite run, which proves nothing of the ratio; at least one request, whatever the time.

    Of the layer's pages that the policy lacks, one is asked for that costs OPT nothing, if there is such a page (the cruel
    adversary of Sleator & Tarjan 1985, kept cheap for OPT). Raises as the policy does.
    """
    end = time.monotonic() + seconds
    course = Course(make(), instance)
    walk: list[Page] = []

    def price(page: Page) -> tuple[bool, bool, Page]:
        return page in course.player.cache, course.offset.grows_at(page), page

    while len(walk) < ROUNDS * instance.layers and (not walk or time.monotonic() < end):
        walk.append(min(instance.layer_pages(course.turn), key=price))
        course.request(walk[-1])
    ratio = Fraction(course.misses, course.optimum)
    return Worst(instance, ratio, False, False, tuple(walk), (), f"one walk of {len(walk)} requests")
