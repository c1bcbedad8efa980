"""A fixed partition of the cache: each layer has slots of its own ("-Dist" in the paper)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence, Set

import numpy as np

from paging.cache import even_shares
from paging.errors import InvalidPartition
from paging.model import Instance, Page
from paging.policies.base import Policy


def even_partition(instance: Instance) -> tuple[int, ...]:
    """k divided evenly among the layers, the remainder to the first ones. Raises InvalidPartition if k < l."""
    if instance.cache < instance.layers:
        raise InvalidPartition(
            f"partition: expected at least one slot per layer, got k = {instance.cache} for "
            f"{instance.layers} layers"
        )
    return even_shares(instance.cache, instance.layers)


class Partitioned(Policy):
    """One policy per layer, each with its own slots; ``make`` builds the policy of one layer.

    ``slots``: counts k_j >= 1 with sum at most k; None divides k evenly. Each layer is an instance (1, n, k_j). Raises
    InvalidPartition at the start for counts that do not fit. Randomized policies draw from a generator for each layer.
    """

    def __init__(self, make: Callable[[], Policy], slots: Sequence[int] | None = None) -> None:
        self._make = make
        self._slots = slots
        inner = make()
        self.deterministic = inner.deterministic
        self.one_size = inner.one_size
        self.stack = inner.stack and slots is None  # one more slot to divide shrinks no layer's share

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """Divide the cache, start a policy in each layer."""
        self.partition = even_partition(instance) if self._slots is None else tuple(self._slots)
        self._experts = instance.experts
        self._policies = [self._make() for _ in self.partition]
        draws = rng.spawn(instance.layers)
        for policy, slots, draw in zip(self._policies, self.partition, draws, strict=True):
            policy.start(Instance(1, instance.experts, slots), draw)

    def request(self, page: Page, hit: bool) -> None:
        """Pass the expert on to its layer's policy."""
        layer, expert = divmod(page, self._experts)
        self._policies[layer].request(expert, hit)

    def victim(self, page: Page, candidates: Set[Page]) -> Set[Page]:
        """What the layer's policy evicts; the candidates are all of this layer."""
        layer, expert = divmod(page, self._experts)
        first = layer * self._experts
        answer = self._policies[layer].victim(expert, frozenset(q - first for q in candidates))
        return frozenset(first + q for q in (answer if isinstance(answer, Set) else {answer}))

    def canonical_state(self, cache: Set[Page]) -> Hashable | None:
        """The states of all layers; None where one has no finite state."""
        states = []
        for layer, policy in enumerate(self._policies):
            first = layer * self._experts
            experts = frozenset(q - first for q in cache if q // self._experts == layer)
            state = policy.canonical_state(experts) if experts else ()
            if state is None:
                return None
            states.append(state)
        return tuple(states)
