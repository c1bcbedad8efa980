"""The instance of `fixed-partition` (paper*): one layer cycles through more pages than it has slots."""

from __future__ import annotations

from collections.abc import Hashable, Sequence, Set

from adversaries.base import AdaptiveAdversary, Precondition
from paging.cache import Cache
from paging.errors import PreconditionNotMet
from paging.model import Instance, Page
from paging.policies.partitioned import even_partition


def pages_in_use(instance: Instance) -> int:
    """m = min(n, k - l + 1): with one page in each other layer, no more than k pages are used."""
    return min(instance.experts, instance.cache - instance.layers + 1)


def short_layers(instance: Instance, slots: Sequence[int]) -> list[int]:
    """The layers with fewer slots than ``pages_in_use``."""
    return [layer for layer, count in enumerate(slots) if count < pages_in_use(instance)]


class FixedPartition(AdaptiveAdversary):
    """In a layer j with k_j < min(n, k-l+1) request one of that many pages that is not cached; elsewhere expert 0.

    At most k pages occur, so OPT pays at most k in all; the policy misses in every round. ``partition`` are the
    policy's k_j; None means k divided evenly. Raises PreconditionNotMet where no layer is short of slots.
    """

    precondition = Precondition(
        "each k_j >= 1 and some k_j < min(n, k-l+1)",
        lambda instance: (
            instance.cache >= instance.layers and bool(short_layers(instance, even_partition(instance)))
        ),
    )

    def __init__(self, instance: Instance, partition: Sequence[int] | None = None) -> None:
        if partition is None:
            super().__init__(instance)  # judges the even partition
        slots = even_partition(instance) if partition is None else tuple(partition)
        Cache(instance, slots)  # raises InvalidPartition for counts that do not fit
        short = short_layers(instance, slots)
        if not short:
            raise PreconditionNotMet(
                f"FixedPartition at {instance} with partition {slots}: expected {self.precondition.text}"
            )
        self.instance = instance
        self._layer = short[0]
        self._turn = -1

    def next_page(self, cache: Set[Page]) -> Page:
        """The first page in use that is missing in the layer under attack, if there is one."""
        self._turn = (self._turn + 1) % self.instance.layers
        first = self.instance.page(self._turn, 0)
        if self._turn != self._layer:
            return first
        used = range(first, first + pages_in_use(self.instance))
        return next((page for page in used if page not in cache), first)

    def state(self) -> Hashable:
        """Whose turn it was."""
        return self._turn
