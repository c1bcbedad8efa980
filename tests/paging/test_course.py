"""Policy and OPT side by side, against replay and the offset function apart."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from paging.course import Course
from paging.model import Instance
from paging.offline.offset import OffsetFunction
from paging.policies.registry import POLICIES
from paging.replay import replay

INSTANCE = Instance(2, 3, 4)


def stream(rounds: int) -> list[int]:
    rng = np.random.default_rng(3)
    return [INSTANCE.page(layer, int(rng.integers(3))) for _ in range(rounds) for layer in range(2)]


@pytest.mark.parametrize("name", ["lru", "guided-far", "flush-when-full", "lru-dist"])
def test_both_are_as_they_are_alone(name: str) -> None:
    pages = stream(40)
    course, offset = Course(name, INSTANCE), OffsetFunction(INSTANCE)
    went = [course.request(page) for page in pages]
    run = replay(name, INSTANCE, pages)
    assert [not missed for missed, _ in went] == run.hits.tolist()
    assert [grows for _, grows in went] == [offset.request(page) for page in pages]
    assert (course.misses, course.optimum, course.turn) == (run.misses, offset.optimum, 0)


@pytest.mark.parametrize("name", ["lru", "fifo", "guided-far", "llru"])
def test_after_a_situation_that_recurs_everything_recurs(name: str) -> None:
    course, cycle = Course(name, INSTANCE), [0, 3, 1, 4, 2, 5]
    assert course.situation() is None  # before the first request no state is defined
    seen: dict[object, int] = {}
    went: list[tuple[bool, bool]] = []
    start = None
    for time, page in enumerate(cycle * 20):
        went.append(course.request(page))
        if start is None and time % len(cycle) == 0:
            start = seen.setdefault(course.situation(), time)
            period = time - start
            start = start if period else None
    assert start is not None
    assert went[start + period + 1 :] == went[start + 1 : -period]


def test_the_offset_function_follows_when_it_is_asked_for() -> None:
    pages = stream(40)
    course, offset = Course("lru", INSTANCE), OffsetFunction(INSTANCE)
    for time, page in enumerate(pages):
        grows = offset.request(page)
        if time % 7 in (2, 3):
            assert course.request(page)[1] == grows
        else:
            course.serve(page)
        if time % 5 == 0:
            assert (course.optimum, course.offset.key()) == (offset.optimum, offset.key())
    assert course.state().levels == offset.key()
    assert (course.misses, course.requests) == (replay("lru", INSTANCE, pages).misses, len(pages))


def test_no_part_of_a_situation_is_the_whole() -> None:
    """Turn, cache and levels recur while the situation does not."""
    course = Course("lru", INSTANCE)
    known: dict[tuple[str, object], set[object]] = {}
    for page in stream(400):
        course.request(page)
        for name, part in course.state()._asdict().items():
            known.setdefault((name, part), set()).add(course.situation())
    for name in ("turn", "cache", "levels"):
        assert max(len(found) for (kind, _), found in known.items() if kind == name) > 1


def test_an_optimum_with_slots_of_its_own() -> None:
    pages = stream(40)
    course, offset = Course("lru", INSTANCE, slots=2), OffsetFunction(Instance(2, 3, 2))
    assert [course.request(page)[1] for page in pages] == [offset.request(page) for page in pages]
    assert course.misses == replay("lru", INSTANCE, pages).misses


def test_no_situation_without_a_state() -> None:
    for name in ("lfu", "marker"):
        course = Course(name, INSTANCE)
        course.request(0)
        assert course.situation() is None


def test_copies_go_on_alike_and_apart() -> None:
    course = Course(POLICIES["llru"], INSTANCE)
    pages = stream(30)
    for page in pages[:20]:
        course.request(page)
    twin: Course = pickle.loads(pickle.dumps(course))
    before = course.situation()
    after = [twin.request(page) for page in pages[20:]]
    assert course.situation() == before
    assert [course.request(page) for page in pages[20:]] == after
    assert twin.situation() == course.situation()
