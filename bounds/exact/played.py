"""The product graph of any deterministic policy that says what it remembers: the policy itself plays."""

from __future__ import annotations

import pickle
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from bounds.exact.game import most_states
from bounds.exact.product import Answer, ProductGraph, Replay
from bounds.exact.view import Label, View, marked_view, numbered_view
from paging.course import Course
from paging.errors import UnsupportedProblem
from paging.model import Instance, Page
from paging.policies.named import NamedPolicy

BYTES_PER_STATE = 30_000

TRIED_PER_STATE = 6
"""Situations with other pages, for each state, in which marks are tried; that they decide remains the policy's word."""


@dataclass(frozen=True, slots=True, eq=False)
class PlayedGraph(ProductGraph):
    """``views`` by state, ``answers`` by request. With the policy's marks (``marked``) states are up to symmetry."""

    policy: NamedPolicy
    marked: bool
    views: Sequence[View]
    answers: Sequence[Answer]

    def labels(self, state: int) -> tuple[Label, ...]:
        """As they were seen."""
        return self.views[state].labels

    def empty(self, state: int) -> tuple[int, ...]:
        """As they were seen."""
        return self.views[state].empty

    def answer(self, state: int, request: int) -> Answer:
        """What the policy said."""
        return self.answers[request]

    def replay(self) -> Replay:
        """By the policy itself where the states are up to symmetry; else a state knows its pages."""
        return _MarkedReplay(self) if self.marked else _NumberedReplay(self)


class _MarkedReplay(Replay):
    def __init__(self, graph: PlayedGraph) -> None:
        self._graph = graph
        self._course = Course(graph.policy, graph.instance)

    def serve(self, request: int) -> Page:
        view = marked_view(self._course)
        assert view is not None
        page = view.order[int(self._graph.page[request])]
        self._course.request(page)
        return page

    def situation(self) -> Hashable:
        view = marked_view(self._course)
        assert view is not None
        return view.order, view.key


class _NumberedReplay(Replay):
    def __init__(self, graph: PlayedGraph) -> None:
        self._graph = graph
        self._source = graph.source()
        self._state = 0

    def serve(self, request: int) -> Page:
        view = self._graph.views[int(self._source[request])]
        page = view.order[int(self._graph.page[request])]
        self._state = int(self._graph.to[request])
        return page

    def situation(self) -> Hashable:
        return self._state


def python_graph(
    instance: Instance, policy: NamedPolicy, most: int | None = None, optimum: int | None = None
) -> PlayedGraph:
    """The graph of any deterministic policy with marks, up to symmetry, or with a canonical state; slow.

    Beside an ``optimum`` of other slots than the policy's marks do not count: they may speak of its own offset function.

    Raises UnsupportedProblem for a policy that is randomized or has neither, whose marks are seen not to decide what it does,
    and beyond ``most`` states.
    """
    name = policy.id
    if not policy().deterministic:
        raise UnsupportedProblem(f"{name}: expected a deterministic policy; this one is randomized")
    most = most_states(BYTES_PER_STATE) if most is None else most
    sight = Sight(instance, policy, optimum)
    courses = [_saved(Course(policy, instance, slots=optimum))]
    others: dict[tuple[int, tuple[Page, ...]], bytes] = {}
    met: set[tuple[int, tuple[Page, ...]]] = set()

    def meet(course: Course, state: int) -> None:
        """Keep a situation whose pages have other names than when the state was first met."""
        order = sight.view(course, state).order
        if order != sight.views[state].order and (state, order) not in met:
            met.add((state, order))
            others[state, order] = _saved(course)

    first, cost, page, to, answers = [0], list[int](), list[int](), list[int](), list[Answer]()
    while (state := len(first) - 1) < len(courses):
        for position in sight.views[state].firsts():
            course: Course = pickle.loads(courses[state])
            moved = sight.request(course, state, sight.views[state].order[position])
            if len(sight.views) > most:
                raise UnsupportedProblem(f"{name} at {instance}: more than {most:,} states")
            if moved.to == len(courses):
                courses.append(_saved(course))
            elif sight.marked:
                meet(course, moved.to)
            page.append(position)
            cost.append(moved.cost)
            to.append(moved.to)
            answers.append(moved.answer)
        first.append(len(to))
    tried = 0
    while others and tried < TRIED_PER_STATE * len(courses):
        state, _ = oldest = next(iter(others))
        saved = others.pop(oldest)
        tried += 1
        for request in range(first[state], first[state + 1]):
            course = pickle.loads(saved)
            there = sight.view(course, state)
            moved = sight.request(course, state, there.order[page[request]])
            if (moved.cost, moved.to) != (cost[request], to[request]):
                raise UnsupportedProblem(
                    f"{name} at {instance}: its marks do not decide what it does; expected two situations with equal marks "
                    f"and levels to go on alike, whatever the experts are called and whichever layer comes first: {there.key}"
                )
            meet(course, moved.to)
    return PlayedGraph(
        instance,
        np.array(first, np.int64),
        np.array(cost, np.int8),
        np.array(page, np.int32),
        np.array(to, np.int32),
        optimum,
        policy,
        sight.marked,
        tuple(sight.views),
        tuple(answers),
    )


@dataclass(frozen=True, slots=True)
class Move:
    """A request at a ``position``: ``cost`` = miss + 2 * growth, the state ``to`` which it leads, the policy's answer."""

    position: int
    cost: int
    to: int
    answer: Answer


class Sight:
    """Tells the states of a policy's courses apart, by its marks if it has them (``marked``), else by its canonical state.

    ``views``: each state as it was first met; 0 is the empty cache.
    """

    def __init__(self, instance: Instance, policy: NamedPolicy, optimum: int | None = None) -> None:
        self._name = policy.id
        probe = Course(policy, instance, slots=optimum)
        probe.request(0)
        self.marked = optimum in (None, instance.cache) and marked_view(probe) is not None
        self.views: list[View] = []
        self._known: dict[Hashable, int] = {}
        self._state(Course(policy, instance, slots=optimum))

    def view(self, course: Course, state: int) -> View:
        """The course now, when it is in that state."""
        view = marked_view(course) if self.marked else numbered_view(course, state)
        assert view is not None
        return view

    def request(self, course: Course, state: int, page: Page) -> Move:
        """Serve one request. Raises UnsupportedProblem where the policy has neither marks nor a canonical state."""
        before, cached = self.view(course, state), frozenset(course.player.cache)
        order = before.asked(page)
        missed, grows = course.request(page)
        to = self._state(course)
        gone = cached - frozenset(course.player.cache)
        victims = [position for position, each in enumerate(order) if each in gone]
        answer = victims, self.view(course, to).tokens(order)
        return Move(before.position(page), missed + 2 * grows, to, answer)

    def _state(self, course: Course) -> int:
        """Its number, the next one where it is new."""
        if self.marked:
            key: Hashable = self.view(course, 0).key
        elif (key := course.situation()) is None and course.requests:
            raise UnsupportedProblem(
                f"{self._name}: no finite state; expected a method canonical_state(cache) that returns one"
            )
        state = self._known.setdefault(key, len(self.views))
        if state == len(self.views):
            self.views.append(self.view(course, state))
        return state


def _saved(course: Course) -> bytes:
    try:
        return pickle.dumps(course)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        name = type(course.player.policy).__name__
        raise UnsupportedProblem(f"{name}: expected a policy that pickle can copy ({error})") from error
