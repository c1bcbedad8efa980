"""Worst cycles of smaller instances, embedded: starting points for a search on a larger one.

Fewer experts, or fewer layers while every other layer asks for its expert 0 for ever and takes one slot. That the cycle does
the same harm there is likely, not certain: the search judges it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bounds.checker.recurrence import play_until_recurrence
from bounds.exact.deterministic import best_deterministic
from bounds.exact.product import KINDS
from bounds.exact.ratio import exact_ratio
from paging.errors import LayeredPagingError
from paging.model import Instance, Page
from paging.policies.named import NamedPolicy, PolicyLike, named

MOST_PAGES = 8
MOST_STATES = 50_000
MOST_EMBEDDED = 12
PLAY_ROUNDS = 500

Cycle = tuple[Page, ...]


def embedded(instance: Instance, policy: PolicyLike) -> list[Cycle]:
    """Cycles of whole rounds of ``instance``, from the largest smaller instances that can be solved quickly."""
    policy, cycles = named(policy), []
    for smaller in list(smaller_instances(instance))[:MOST_EMBEDDED]:
        try:
            turn, cycle = _worst(smaller, policy)
        except LayeredPagingError:
            continue  # too many states, or a policy that is not defined there
        cut = -turn % smaller.layers
        cycles.append(embed(cycle[cut:] + cycle[:cut], smaller, instance))
    return cycles


def smaller_instances(instance: Instance) -> Iterator[Instance]:
    """With l <= k < n*l <= MOST_PAGES, the large ones first; k falls by one for each layer left out."""
    found = []
    for layers in range(1, instance.layers + 1):
        cache = instance.cache - (instance.layers - layers)
        for experts in range(2, instance.experts + 1):
            pages = layers * experts
            if layers <= cache < pages <= MOST_PAGES and pages < instance.pages:
                found.append(Instance(layers, experts, cache))
    yield from sorted(found, key=lambda each: (-each.pages, -each.layers))


def embed(cycle: Sequence[Page], smaller: Instance, instance: Instance) -> Cycle:
    """A cycle of whole rounds in the first layers of the larger instance; the others ask for expert 0."""
    rest = [instance.page(layer, 0) for layer in range(smaller.layers, instance.layers)]
    pages: list[Page] = []
    for begin in range(0, len(cycle), smaller.layers):
        visits = cycle[begin : begin + smaller.layers]
        pages += [instance.page(*divmod(page, smaller.experts)) for page in visits]
        pages += rest
    return tuple(pages)


def _worst(smaller: Instance, policy: NamedPolicy) -> tuple[int, Cycle]:
    """The layer at which it begins, and the worst cycle; of a policy without a kernel, what the optimal adversary plays."""
    if policy in KINDS:
        found = exact_ratio(smaller, policy, most=MOST_STATES)
        return len(found.prefix) % smaller.layers, found.cycle
    adversary = best_deterministic(smaller, MOST_STATES).adversary()
    play = play_until_recurrence(policy(), adversary, PLAY_ROUNDS, np.random.default_rng(0))
    start = play.rounds // 2 if play.start is None else play.start
    return 0, play.pages[start * smaller.layers :]
