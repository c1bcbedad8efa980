"""What an oblivious adversary knows: the offset function, and the order in which the last M pages were requested.

Every page has a label (level, recency): its level in the offset function (1..h, h+1 outside, for an optimum with h slots),
and its place among the M most recently requested pages (1 the newest; 0: forgotten, as every page outside is). A state is
the labels layer by layer from the layer whose turn it is, sorted in each layer: experts of a layer are alike, and so are
the layers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from bounds.exact.game import optimum_slots
from paging.errors import UnsupportedProblem
from paging.model import Instance, Page
from paging.offline.offset import risen

Label: TypeAlias = tuple[int, int]
State: TypeAlias = tuple[tuple[Label, ...], ...]


def relabel(label: Label, requested: Label, slots: int, memory: int) -> Label:
    """The label of another page after a request of a page labelled ``requested``."""
    level, recency = label
    at, before = requested
    level = risen(level, at, slots)
    if recency and (before == 0 or recency < before):
        recency += 1
    return (level, recency if recency <= memory and level <= slots else 0)


def forgotten(label: Label, memory: int) -> Label:
    """The label, for one who remembers so many requests."""
    level, recency = label
    return level, recency if recency <= memory else 0


def without_a_page(state: State, outside: int) -> State | None:
    """The state with one page less in each layer, of those in no set; None where a layer has none."""
    page = (outside, 0)
    if any(page not in row for row in state):
        return None
    return tuple(row[: row.index(page)] + row[row.index(page) + 1 :] for row in state)


def first_pages(instance: Instance) -> list[Page]:
    """The full cache of the policy at the start: x_1, x_2, ..., x_i requested i requests ago."""
    return [
        instance.page(-i % instance.layers, (i - 1) // instance.layers) for i in range(1, instance.cache + 1)
    ]


class LabelledPages:
    """The labels of real pages, request by request. At the start x_i is alone in level i, and nothing is remembered."""

    def __init__(self, instance: Instance, memory: int, optimum: int | None = None) -> None:
        self.instance = instance
        self.memory = memory
        self.slots = optimum_slots(instance, optimum)
        self.labels = [(self.slots + 1, 0)] * instance.pages
        for i, page in enumerate(first_pages(instance)[: self.slots], 1):
            self.labels[page] = (i, 0)
        self.turn = 0

    def state(self) -> State:
        """The labels, sorted."""
        return tuple(tuple(sorted(self.labels[page] for page in row)) for row in self.rows())

    def rows(self) -> Iterable[range]:
        """The pages of each layer, from the one whose turn it is."""
        layers = self.instance.layers
        return (self.instance.layer_pages((self.turn + step) % layers) for step in range(layers))

    def request(self, page: Page) -> None:
        """The update rule; then it is the next layer's turn."""
        requested = self.labels[page]
        self.labels = [relabel(label, requested, self.slots, self.memory) for label in self.labels]
        self.labels[page] = (1, 1 if self.memory else 0)
        self.turn = (self.turn + 1) % self.instance.layers


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that nothing distinguishes: same layer (counted from the one whose turn it is), same label."""

    layer: int
    label: Label
    size: int


@dataclass(frozen=True, slots=True)
class Request:
    """A request of any page of a group.

    The *split groups* are the groups of the source, the requested page taken out of its own, and then that page by itself;
    ``sizes`` are their sizes and into[i] the group of the target in which split group i ends (-1 for an empty one).
    """

    source: int
    target: int
    group: int
    growth: int
    sizes: tuple[int, ...]
    into: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StateGraph:
    """All states that requests reach from the start, which is state 0; ``requests`` in the order of their sources.
    ``slots``: of the optimum."""

    instance: Instance
    memory: int
    slots: int
    states: tuple[State, ...]
    groups: tuple[tuple[Group, ...], ...]
    requests: tuple[Request, ...]


def groups_of(state: State) -> tuple[Group, ...]:
    """The groups of a state, layer by layer, labels in order."""
    return tuple(
        Group(layer, label, row.count(label)) for layer, row in enumerate(state) for label in sorted(set(row))
    )


def first_counts(graph: StateGraph) -> tuple[int, ...]:
    """How many pages of each group the policy's cache holds at the start."""
    pages, cached = LabelledPages(graph.instance, 0, graph.slots), set(first_pages(graph.instance))
    return tuple(
        sum(q in cached and pages.labels[q] == g.label for q in graph.instance.layer_pages(g.layer))
        for g in graph.groups[0]
    )


MOST_STATES = 3_000
"""Beyond, the linear programs would take hours."""


def state_graph(instance: Instance, memory: int = 0, optimum: int | None = None) -> StateGraph:
    """Explore the states. Raises UnsupportedProblem when there are more than MOST_STATES."""
    pages = LabelledPages(instance, memory, optimum)
    first, slots = pages.state(), pages.slots
    index = {first: 0}
    states, groups, requests = [first], [groups_of(first)], []
    source = 0
    while source < len(states):
        here = groups[source]
        for number, group in enumerate(here):
            if group.layer > 0:
                break
            after = _after(states[source], group.label, slots, memory)
            target = index.setdefault(after, len(states))
            if target == len(states):
                if target >= MOST_STATES:
                    raise UnsupportedProblem(
                        f"{instance}: more than {MOST_STATES:,} states of the offset function"
                        + (f" with memory {memory}" if memory else "")
                        + ", expected fewer for a linear program"
                    )
                states.append(after)
                groups.append(groups_of(after))
            sizes = [g.size - (i == number) for i, g in enumerate(here)] + [1]
            places = {(g.layer, g.label): i for i, g in enumerate(groups[target])}
            into = [
                places[(g.layer - 1) % instance.layers, relabel(g.label, group.label, slots, memory)]
                if size
                else -1
                for g, size in zip(here, sizes, strict=False)
            ]
            into.append(places[instance.layers - 1, (1, 1 if memory else 0)])
            growth = int(group.label[0] > slots)
            requests.append(Request(source, target, number, growth, tuple(sizes), tuple(into)))
        source += 1
    return StateGraph(instance, memory, slots, tuple(states), tuple(groups), tuple(requests))


def _after(state: State, label: Label, slots: int, memory: int) -> State:
    """The state after a request of a page with this label."""
    rows = [[relabel(other, label, slots, memory) for other in row] for row in state]
    rows[0][state[0].index(label)] = (1, 1 if memory else 0)
    return tuple(tuple(sorted(row)) for row in (*rows[1:], rows[0]))
