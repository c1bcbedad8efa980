"""The shortest time of all schedules, tick by tick: nothing in common with paging.timing but the statement of the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple


@dataclass(frozen=True)
class Game:
    """``steps``: pages of each. ``known``: for each page of each step, how many steps must be done before its loads may begin.
    Times are whole ticks, computing at least 1."""

    steps: Sequence[Sequence[int]]
    known: Sequence[Sequence[int]]
    cache: int
    load: Sequence[int]
    compute: int
    overlap: bool
    elsewhere: int | None = None


class State(NamedTuple):
    """``done`` steps; ``busy``: ticks that the step in work still takes, 0: none is in work; ``held``: its pages in the cache;
    ``page``, ``left``: what is being loaded, and the ticks it still takes."""

    done: int
    busy: int
    held: frozenset[int]
    cache: frozenset[int]
    page: int
    left: int


def shortest(game: Game) -> int:
    """Ticks until the last step is done."""
    states = {State(0, 0, frozenset(), frozenset(), -1, 0)}
    time = 0
    while not any(state.done == len(game.steps) for state in states):
        states = {
            _tick(after)
            for state in states
            for begun in _compute(game, state)
            for after in _load(game, begun)
        }
        time += 1
    return time


def _compute(game: Game, state: State) -> Iterator[State]:
    yield state
    if state.busy or (state.left and not game.overlap):
        return
    pages = frozenset(game.steps[state.done])
    missing = pages - state.cache
    if not missing:
        yield state._replace(busy=game.compute, held=pages)
    elif game.elsewhere is not None:
        duration = game.compute + game.elsewhere * len(missing)
        yield state._replace(busy=duration, held=pages & state.cache)


def _load(game: Game, state: State) -> Iterator[State]:
    yield state
    if state.left or (state.busy and not game.overlap):
        return
    begun = state.done + (state.busy > 0)
    wanted = {
        page
        for step in range(begun, len(game.steps))
        for page, known in zip(game.steps[step], game.known[step], strict=True)
        if known <= state.done
    }
    rooms = [frozenset[int]()] if len(state.cache) < game.cache else []
    rooms += [frozenset(victim) for victim in combinations(state.cache - state.held, 1)]
    for page in wanted - state.cache:
        for victim in rooms:
            yield state._replace(cache=state.cache - victim, page=page, left=game.load[page])


def _tick(state: State) -> State:
    done, busy, held, cache, page, left = state
    if busy:
        busy -= 1
        if not busy:
            done, held = done + 1, frozenset()
    if left:
        left -= 1
        if not left:
            cache, page = cache | {page}, -1
    return State(done, busy, held, cache, page, left)
