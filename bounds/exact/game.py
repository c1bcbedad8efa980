"""The deterministic paging game on (turn, offset function, cache), up to symmetry.

The adversary asks for a page of the layer whose turn it is; on a miss the policy evicts. Experts of one layer may be
permuted and layers rotated: neither changes costs. The game begins with a full cache and the offset function that knows it
(L_i = {x_i}). That changes no ratio: the cache of a policy that begins empty is always part of the cache of one that
begins full and does the same lazily, and an optimum that begins full pays at least what it would pay from empty, less k.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidArgument, UnsupportedProblem
from paging.model import Instance
from paging.stoppable import stoppable

BYTES_PER_STATE = 600
"""Of states, moves and potentials together, measured; the share of memory that may be used is 1/2."""

MOST_PAGES = 16
MOST_SLOTS = 14


@dataclass(frozen=True, slots=True, eq=False)
class Game:
    """Arrays as in bounds.exact.kernels.game.explore; state 0 is the start. ``guided``: the policy evicts safe pages only.
    ``optimum``: slots of the optimum, at most those of the policy."""

    instance: Instance
    guided: bool
    optimum: int
    words: NDArray[np.int64]
    first: NDArray[np.int64]
    cost: NDArray[np.int8]
    page: NDArray[np.int8]
    option: NDArray[np.int64]
    to: NDArray[np.int32]
    victim: NDArray[np.int8]
    table: NDArray[np.int32]

    @property
    def states(self) -> int:
        """Number of states up to symmetry."""
        return len(self.words)

    @property
    def moves(self) -> int:
        """Number of evictions (and hits) to choose from, all states together."""
        return len(self.to)

    def labels(self, state: int) -> NDArray[np.int64]:
        """Sorted labels (level * 16 + cached) of a state, layer by layer from the one whose turn it is."""
        from bounds.exact.kernels.states import unpack

        result = np.empty(self.instance.pages, np.int64)
        unpack(self.words[state, 0], self.words[state, 1], self.instance.pages, result)
        return result

    def state(self, labels: NDArray[np.int64]) -> int:
        """Index of the state with these sorted labels; -1 if no play reaches it."""
        from bounds.exact.kernels.states import find, pack

        low, high = pack(labels, self.instance.pages)
        return int(find(self.table, self.words, low, high, 0))


def start_labels(instance: Instance, optimum: int | None = None) -> NDArray[np.int64]:
    """The full cache x_1, x_2, ... at the start: x_i is expert (i-1) // l of the layer visited i requests ago.

    An ``optimum`` with fewer slots holds the first of them.
    """
    outside = (instance.cache if optimum is None else optimum) + 1
    labels = np.full(instance.pages, outside << 4, np.int64)
    for i in range(1, instance.cache + 1):
        labels[instance.page(-i % instance.layers, (i - 1) // instance.layers)] = (min(i, outside) << 4) | 1
    return labels


def optimum_slots(instance: Instance, optimum: int | None) -> int:
    """Slots of the optimum beside a policy with k; default k. Raises InvalidArgument unless 1 <= h <= k."""
    slots = instance.cache if optimum is None else optimum
    if not 1 <= slots <= instance.cache:
        raise InvalidArgument(
            f"{instance}: an optimum with {slots} slots, expected 1 to {instance.cache}, as many as the policy has"
        )
    return slots


def most_states(bytes_per_state: int) -> int:
    """How many states fit into half of the machine's free memory."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1000, free // 2 // bytes_per_state)


def check_size(instance: Instance) -> None:
    """Raise UnsupportedProblem for instances whose labels do not fit into a state."""
    if instance.pages > MOST_PAGES or instance.cache > MOST_SLOTS:
        raise UnsupportedProblem(
            f"{instance}: exact computations take at most {MOST_PAGES} pages and {MOST_SLOTS} slots; "
            f"this instance has {instance.pages} and {instance.cache}"
        )


def check_nontrivial(instance: Instance) -> None:
    """Raise UnsupportedProblem where all pages fit into the cache: there is nothing to compute."""
    if instance.trivial:
        raise UnsupportedProblem(
            f"{instance}: trivial, all pages fit into the cache and every policy is optimal"
        )


def build_game(
    instance: Instance, most: int | None = None, guided: bool = False, optimum: int | None = None
) -> Game:
    """Explore the game. Raises UnsupportedProblem, before the work begins, when it would not fit into memory.

    ``most`` states are allowed; default: what fits into half of the free memory. The estimate is the number of offset
    functions times the number of caches, an upper bound that is several times too large, so that the exploration is also
    stopped when it really has more states. ``guided``: the policy may evict safe pages only (see paging.policies.guided),
    which leaves a fraction of the states; how many is not known before, so that this game is refused only where it has more.
    ``optimum``: its slots h, if not the policy's; a guided policy then always holds a cache that an optimum
    with h slots could have, and pages in no set are safe.
    """
    from bounds.exact.kernels.game import explore

    check_size(instance)
    check_nontrivial(instance)
    slots = optimum_slots(instance, optimum)
    most = most_states(BYTES_PER_STATE) if most is None else most
    estimate = 0 if guided else estimated_states(instance, ESTIMATE_SLACK * most)
    if estimate > ESTIMATE_SLACK * most:
        raise UnsupportedProblem(
            f"{instance}: {estimate // ESTIMATE_SLACK:,} states or more, expected at most {most:,} to fit into memory"
        )
    shape = instance.layers, instance.experts, slots
    found = stoppable(explore, *shape, start_labels(instance, slots), most, guided)
    if found[0] > most:
        raise UnsupportedProblem(f"{instance}: more than {most:,} states, which do not fit into memory")
    return Game(instance, guided, slots, *found[1:])


ESTIMATE_SLACK = 4
"""The estimate is an upper bound, 1 to 20 times too large on the instances with n*l <= 10 and at least 500 states."""


def estimated_states(instance: Instance, most: int) -> int:
    """Offset functions up to symmetry times caches: an upper bound on the states. Counting stops when it passes ``most``."""
    from bounds.exact.kernels.game import explore

    caches = comb(instance.pages, instance.cache)
    labels = start_labels(instance) | 1  # every page counts as cached: what remains is the offset function
    enough = max(1, most // caches) + 1
    shape = instance.layers, instance.experts, instance.cache
    return caches * int(stoppable(explore, *shape, labels, enough, False)[0])
