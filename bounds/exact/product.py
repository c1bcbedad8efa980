"""The graph of a policy's state and the offset function: all that a request sequence can do to a policy."""

from __future__ import annotations

import pickle
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bounds.exact.game import check_size, most_states
from paging.course import Course, PageState
from paging.errors import UnsupportedProblem
from paging.model import Instance
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
"""Policies with a kernel (bounds.exact.kernels.policies), which works up to symmetry."""

ONE_LAYER: Mapping[str, str] = {"LLRU": "LRU", "GUIDED_LLRU": "LRU"}
"""With one layer these are the same policy, with fewer labels: d = 0, and m orders by age."""

LED_BY_LEVELS = frozenset(("FAR", "GUIDED_LLRU", "KEEP"))
"""Kernels whose policy looks at the levels of the offset function."""

BYTES_PER_STATE = 200
BYTES_PER_PYTHON_STATE = 4000


@dataclass(frozen=True, slots=True, eq=False)
class ProductGraph:
    """State 0 is the empty cache. Requests of state x are first[x] .. first[x+1]-1: page[j] is requested, with
    cost[j] = miss + 2 * growth, and to[j] is the state after it.

    ``kind``: the policy's kernel, in which case states are up to symmetry, page[j] is a position, and words and victims are the
    kernel's; None: states are as they are (``page_states``), and pages real. ``optimum``: its slots, if not the policy's.
    """

    instance: Instance
    first: NDArray[np.int64]
    cost: NDArray[np.int8]
    page: NDArray[np.int8] | NDArray[np.int32]
    to: NDArray[np.int32]
    kind: str | None
    words: NDArray[np.int64] | None = None
    victims: NDArray[np.int32] | None = None
    page_states: tuple[PageState, ...] = ()
    optimum: int | None = None

    @property
    def slots(self) -> int:
        """Slots of the optimum."""
        return self.instance.cache if self.optimum is None else self.optimum

    @property
    def states(self) -> int:
        """Number of states."""
        return len(self.first) - 1


def kernel_kind(instance: Instance, policy: NamedPolicy) -> str | None:
    """The kernel for the policy at an instance; None if it has none."""
    kind = KINDS.get(policy)
    return ONE_LAYER.get(kind or "", kind) if instance.layers == 1 else kind


def kernel_graph(
    instance: Instance, kind: str, most: int | None = None, optimum: int | None = None
) -> ProductGraph:
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
    return ProductGraph(instance, first, cost, page, to, kind, words, victims, optimum=optimum)


def python_graph(
    instance: Instance, policy: NamedPolicy, most: int | None = None, optimum: int | None = None
) -> ProductGraph:
    """The graph of any deterministic policy with a canonical state; slow, and without symmetry.

    Raises UnsupportedProblem for a policy that is randomized or has no canonical state, and beyond ``most`` states.
    """
    name = policy.id
    if not policy().deterministic:
        raise UnsupportedProblem(f"{name}: expected a deterministic policy; this one is randomized")
    most = most_states(BYTES_PER_PYTHON_STATE) if most is None else most
    start = Course(policy, instance, slots=optimum)
    known: dict[Hashable, int] = {}
    page_states = [start.state()]
    try:
        waiting = [pickle.dumps(start)]
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise UnsupportedProblem(f"{name}: expected a policy that pickle can copy ({error})") from error
    first, cost, page, to = [0], [], [], []
    state = 0
    while state < len(waiting):
        saved, turn = waiting[state], page_states[state].turn
        waiting[state] = b""
        for request in instance.layer_pages(turn):
            course: Course = pickle.loads(saved)
            missed, grows = course.request(request)
            situation = course.situation()
            if situation is None:
                raise UnsupportedProblem(
                    f"{name}: no finite state; expected a method canonical_state(cache) that returns one"
                )
            index = known.setdefault(situation, len(waiting))
            if index == len(waiting):
                if index >= most:
                    raise UnsupportedProblem(f"{name} at {instance}: more than {most:,} states")
                waiting.append(pickle.dumps(course))
                page_states.append(course.state())
            cost.append(missed + 2 * grows)
            page.append(request)
            to.append(index)
        first.append(len(to))
        state += 1
    return ProductGraph(
        instance,
        np.array(first, np.int64),
        np.array(cost, np.int8),
        np.array(page, np.int32),
        np.array(to, np.int32),
        None,
        page_states=tuple(page_states),
        optimum=optimum,
    )
