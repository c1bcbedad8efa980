"""The exact competitive ratio of a policy, and the cycle of requests that shows it."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bounds.exact.game import check_nontrivial, optimum_slots
from bounds.exact.played import python_graph
from bounds.exact.product import KINDS, LED_BY_LEVELS, ProductGraph, kernel_graph
from paging.errors import SolverFailed
from paging.exact import Value, exact
from paging.model import Instance, Page, Requests
from paging.policies.named import NamedPolicy, PolicyLike, named
from paging.replay import Run, replay
from paging.stoppable import stoppable

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True, eq=False)
class ExactRatio:
    """Of ``policy``. ``ratio``: the largest misses / growth of OPT over the cycles; ``math.inf`` for a cycle of misses alone.

    ``prefix``, then ``cycle`` for ever, are real pages; after each repetition the policy's state and the offset function
    are the same again. ``path`` and ``loop`` are the same as requests of the graph ``product``. ``potential`` per state, at the
    weights of the ratio (None if it is infinite).
    """

    policy: NamedPolicy
    ratio: Value
    instance: Instance
    product: ProductGraph
    prefix: tuple[Page, ...]
    cycle: tuple[Page, ...]
    path: tuple[int, ...]
    loop: tuple[int, ...]
    potential: NDArray[np.int64] | None

    def sequence(self, repetitions: int) -> tuple[Page, ...]:
        """The prefix and so many rounds of the cycle."""
        return self.prefix + self.cycle * repetitions

    def run(self, repetitions: int = 1) -> Run:
        """The policy on that sequence."""
        requests = Requests.of(
            self.instance.layers, self.instance.experts, np.array(self.sequence(repetitions), np.int32)
        )
        return replay(self.policy, self.instance, requests)

    def graph(self) -> nx.MultiDiGraph[int]:
        """States and requests, the worst cycle marked, for networkx: see bounds.exact.export."""
        from bounds.exact.export import exported

        product = self.product
        return exported(
            map(product.text, range(product.states)),
            zip(product.source(), product.to, product.page, product.cost, strict=True),
            self.loop,
        )

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "ratio": exact(self.ratio),
            "prefix": list(self.prefix),
            "cycle": list(self.cycle),
            "states": self.product.states,
            "optimum_slots": self.product.slots,
        }


def exact_ratio(
    instance: Instance, policy: PolicyLike, *, most: int | None = None, optimum: int | None = None
) -> ExactRatio:
    """The exact ratio of a deterministic policy with marks or a finite canonical state, by a maximum ratio cycle.

    With marks the states are explored up to symmetry. ``most``: states. ``optimum``: slots of OPT, at most k (default: k).

    Raises UnsupportedProblem for policies without a finite state, trivial instances, and graphs that have more states or do not
    fit into memory, InvalidArgument for slots of OPT that there cannot be.
    """
    check_nontrivial(instance)
    policy = named(policy)
    kind = KINDS.get(policy)
    slots = optimum_slots(instance, optimum)
    if kind in LED_BY_LEVELS and slots != instance.cache:
        kind = None  # it needs an offset function of its own
    graph = kernel_graph(instance, kind, most, slots) if kind else python_graph(instance, policy, most, slots)
    ratio, state, tau, potential = largest_ratio(graph)
    loop = _loop(graph, tau, state)
    path = _path(graph, state)
    prefix, cycle = real_pages(graph, path, loop)
    return ExactRatio(policy, ratio, instance, graph, prefix, cycle, path, loop, potential)


def largest_ratio(
    graph: ProductGraph,
) -> tuple[Value, int, NDArray[np.int64], NDArray[np.int64] | None]:
    """The largest ratio of the cycles, a state on such a cycle, per state the request to follow, and potentials.

    Raises SolverFailed where no cycle costs anything.
    """
    from bounds.exact.kernels.iteration import initial_adversary, one_player

    tau = initial_adversary(graph.first, graph.cost)
    potential = np.zeros(graph.states, np.int64)
    misses, growth, state, critical = stoppable(
        one_player, graph.first, graph.cost, graph.to, tau, potential, 0, 0
    )
    if state < 0:
        raise SolverFailed(f"{graph.instance}: no cycle costs anything")
    if growth == 0:
        return math.inf, state, tau, None
    ratio = Fraction(misses, growth)
    _lower_the_rest(graph, ratio, critical, potential)
    return ratio, state, tau, potential


def _lower_the_rest(
    graph: ProductGraph, ratio: Fraction, critical: NDArray[np.bool_], potential: NDArray[np.int64]
) -> None:
    """States that reach no cycle of the largest ratio have potentials of their own, up to a constant: a request that leads to
    them from others must gain nothing."""
    source = graph.source()
    across = np.flatnonzero(critical[source] & ~critical[graph.to])
    if len(across):
        cost = graph.cost[across].astype(np.int64)
        weight = ratio.denominator * (cost & 1) - ratio.numerator * (cost >> 1)
        gain = weight + potential[graph.to[across]] - potential[source[across]]
        potential[~critical] -= max(0, int(gain.max()))


def worst_cycle(graph: ProductGraph) -> tuple[Value, tuple[Page, ...], tuple[Page, ...]]:
    """Its ratio, and in real pages the way there and the cycle."""
    ratio, state, tau, _ = largest_ratio(graph)
    return ratio, *real_pages(graph, _path(graph, state), _loop(graph, tau, state))


def _loop(graph: ProductGraph, tau: NDArray[np.int64], state: int) -> tuple[int, ...]:
    """The requests of the cycle through ``state``."""
    requests = [int(tau[state])]
    while (x := int(graph.to[requests[-1]])) != state:
        requests.append(int(tau[x]))
    return tuple(requests)


def _path(graph: ProductGraph, target: int) -> tuple[int, ...]:
    """A shortest path from the empty cache, as requests."""
    came = {0: -1}
    layer = [0]
    while target not in came:
        ahead = []
        for x in layer:
            for j in range(graph.first[x], graph.first[x + 1]):
                y = int(graph.to[j])
                if y not in came:
                    came[y] = j
                    ahead.append(y)
        layer = ahead
    source = graph.source()
    requests: list[int] = []
    x = target
    while x:
        requests.append(came[x])
        x = int(source[came[x]])
    return tuple(reversed(requests))


def real_pages(
    graph: ProductGraph, path: tuple[int, ...], loop: tuple[int, ...]
) -> tuple[tuple[Page, ...], tuple[Page, ...]]:
    """Prefix and cycle in real pages; the loop is repeated until not only the symmetry class but the pages recur."""
    replay = graph.replay()
    prefix = [replay.serve(request) for request in path]
    turns: list[list[Page]] = []
    seen: dict[Hashable, int] = {}
    while (now := replay.situation()) not in seen:
        seen[now] = len(turns)
        turns.append([replay.serve(request) for request in loop])
    recurs = seen[now]  # not always 0: among pages with equal labels the first is taken
    return tuple(chain(prefix, *turns[:recurs])), tuple(chain(*turns[recurs:]))
