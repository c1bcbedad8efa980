"""The graph of a policy's state and the offset function: all that a request sequence can do to a policy."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bounds.exact.board import Board
from bounds.exact.game import check_size, most_states
from bounds.exact.view import Label, packed_labels, state_text
from paging.errors import UnsupportedProblem
from paging.model import Instance, Page
from paging.policies.named import NamedPolicy
from paging.policies.registry import POLICIES
from paging.stoppable import stoppable

KINDS: Mapping[NamedPolicy, str] = {
    POLICIES["lru"]: "LRU",
    POLICIES["guided-lru"]: "LRU",  # the same policy, see LRUPriority
    POLICIES["mru"]: "MRU",
    POLICIES["fifo"]: "FIFO",
    POLICIES["flush-when-full"]: "FLUSH",
    POLICIES["guided-far"]: "FAR",
    POLICIES["guided-keep"]: "KEEP",
    POLICIES["llru"]: "LLRU",
    POLICIES["guided-llru"]: "GUIDED_LLRU",
}
"""Policies with a kernel (bounds.exact.kernels.policies): what their marks say, hundreds of times as fast as the policy."""

LED_BY_LEVELS = frozenset(("FAR", "GUIDED_LLRU", "KEEP"))
"""Kernels whose policy looks at the levels of the offset function."""

BYTES_PER_STATE = 200


Answer = tuple[list[int], list[int]]
"""The positions of the pages that leave, and the tokens afterwards, by position before the turn passes on."""


class Replay(ABC):
    """Requests of the graph as requests of real pages, one after another from the empty cache."""

    @abstractmethod
    def serve(self, request: int) -> Page:
        """The page that a request of the graph means, which is then served."""

    @abstractmethod
    def situation(self) -> Hashable:
        """When it recurs, the same requests of the graph mean the same pages again."""


@dataclass(frozen=True, slots=True, eq=False)
class ProductGraph(ABC):
    """State 0 is the empty cache. Requests of state x are first[x] .. first[x+1]-1: the page at position page[j] is requested,
    with cost[j] = miss + 2 * growth, and to[j] is the state after it.

    A position counts the pages layer by layer from the one whose turn it is, sorted by label. ``optimum``: its slots, if not
    the policy's.
    """

    instance: Instance
    first: NDArray[np.int64]
    cost: NDArray[np.int8]
    page: NDArray[np.int8] | NDArray[np.int32]
    to: NDArray[np.int32]
    optimum: int | None

    @property
    def slots(self) -> int:
        """Slots of the optimum."""
        return self.instance.cache if self.optimum is None else self.optimum

    @property
    def states(self) -> int:
        """Number of states."""
        return len(self.first) - 1

    def source(self) -> NDArray[np.int64]:
        """The state before each request."""
        return np.repeat(np.arange(self.states), np.diff(self.first))

    @abstractmethod
    def labels(self, state: int) -> tuple[Label, ...]:
        """By position."""

    @abstractmethod
    def empty(self, state: int) -> tuple[int, ...]:
        """The levels of the slots that OPT has never used."""

    def text(self, state: int) -> str:
        """Labels and empty slots, as certificates have them."""
        return state_text(self.labels(state), self.instance.experts, self.empty(state))

    @abstractmethod
    def answer(self, state: int, request: int) -> Answer:
        """What the policy does at a request of the state."""

    @abstractmethod
    def replay(self) -> Replay:
        """From the empty cache."""


@dataclass(frozen=True, slots=True, eq=False)
class KernelGraph(ProductGraph):
    """Of the kernel ``kind``, whose ``words`` and ``victims`` these are."""

    kind: str
    words: NDArray[np.int64] | None = None
    victims: NDArray[np.int32] | None = None

    def labels(self, state: int) -> tuple[Label, ...]:
        """As the kernel keeps them."""
        return packed_labels(self.packed(state))

    def empty(self, state: int) -> tuple[int, ...]:
        """The third word."""
        assert self.words is not None
        return tuple(int(self.words[state, 2]) >> (4 * i) & 15 for i in range(self.slots))

    def answer(self, state: int, request: int) -> Answer:
        """The kernel's step once more."""
        assert self.victims is not None
        labels = self.after(state, request)
        victims = [i for i in range(self.instance.pages) if int(self.victims[request]) >> i & 1]
        return victims, [token for _, token in packed_labels(labels)]

    def after(self, state: int, request: int) -> NDArray[np.int64]:
        """The kernel's labels after a request of the state, by position before the turn passes on."""
        labels, empty = self.packed(state), np.array(self.empty(state))
        self._step(labels, empty, int(self.page[request]))
        return labels

    def replay(self) -> Replay:
        """By the kernel's step."""
        return _KernelReplay(self)

    def packed(self, state: int) -> NDArray[np.int64]:
        """The kernel's labels (level * 16 + aux) by position."""
        from bounds.exact.kernels.states import unpack

        assert self.words is not None
        labels = np.empty(self.instance.pages, np.int64)
        unpack(self.words[state, 0], self.words[state, 1], self.instance.pages, labels)
        return labels

    def _step(self, labels: NDArray[np.int64], empty: NDArray[np.int64], position: int) -> None:
        from bounds.exact.kernels import policies

        at = self.instance
        policies.step(getattr(policies, self.kind), labels, empty, position, at.layers, at.experts, at.cache)


class _KernelReplay(Replay):
    def __init__(self, graph: KernelGraph) -> None:
        self._graph = graph
        self._board = Board(graph.instance, np.full(graph.instance.pages, (graph.slots + 1) << 4, np.int64))
        self._empty = np.arange(1, graph.slots + 1)

    def serve(self, request: int) -> Page:
        order = self._board.order()
        labels = self._board.sorted_labels(order)
        position = int(self._graph.page[request])
        self._graph._step(labels, self._empty, position)
        self._board.move(order, labels)
        return order[position]

    def situation(self) -> Hashable:
        return self._board.turn, self._board.labels.tobytes()


def kernel_graph(
    instance: Instance, kind: str, most: int | None = None, optimum: int | None = None
) -> KernelGraph:
    """The graph of a policy of KINDS beside an optimum with ``optimum`` <= k slots (default k).

    Raises UnsupportedProblem when it does not fit into memory or into labels, and for a guided policy beside fewer slots: the
    levels of a state are the optimum's.
    """
    from bounds.exact.kernels import policies

    check_size(instance)
    most = most_states(BYTES_PER_STATE) if most is None else most
    slots = instance.cache if optimum is None else optimum
    if slots != instance.cache and kind in LED_BY_LEVELS:
        raise UnsupportedProblem(f"{kind} beside {slots} slots: expected {instance.cache}, as the policy has")
    shape = instance.layers, instance.experts, instance.cache, slots
    found = stoppable(policies.explore, getattr(policies, kind), *shape, most)
    count, words, first, cost, page, to, victims = found
    if count < 0:
        raise UnsupportedProblem(f"{instance}: the ages of {kind} do not fit into the labels of a state")
    if count > most:
        raise UnsupportedProblem(
            f"{instance}: {kind} has more than {most:,} states, which do not fit into memory"
        )
    return KernelGraph(instance, first, cost, page, to, optimum, kind, words, victims)
