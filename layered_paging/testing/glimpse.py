"""A first look at how bad a policy can be: one walk of an adversary that asks for what the policy lacks and OPT may have."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np

from layered_paging.testing.worst import Worst
from paging.model import Instance, Page
from paging.offline.offset import OffsetFunction
from paging.policies.named import MakePolicy
from paging.replay import Player

ROUNDS = 60
"""Of the walk, where time allows."""


def glimpse(instance: Instance, make: MakePolicy, seconds: float) -> Worst:
    """Misses over OPT of one finite run, which proves nothing of the ratio; at least one request, whatever the time.

    Of the layer's pages that the policy lacks, one is asked for that costs OPT nothing, if there is such a page (the cruel
    adversary of Sleator & Tarjan 1985, kept cheap for OPT). Raises as the policy does.
    """
    end = time.monotonic() + seconds
    player = Player(make(), instance, np.random.default_rng(0))
    offset = OffsetFunction(instance)
    walk: list[Page] = []
    misses = 0

    def price(page: Page) -> tuple[bool, bool, Page]:
        return page in player.cache, bool(offset.level[page] >= offset.outside), page

    while len(walk) < ROUNDS * instance.layers and (not walk or time.monotonic() < end):
        page = min(instance.layer_pages(len(walk) % instance.layers), key=price)
        misses += not player.serve(page, frozenset((page,)))
        offset.request(page)
        walk.append(page)
    ratio = Fraction(misses, offset.optimum)
    return Worst(instance, ratio, False, False, tuple(walk), (), f"one walk of {len(walk)} requests")
