"""Are the marks of a policy sound: do situations with equal marks and levels go on alike, whatever the pages are called?"""

from __future__ import annotations

import pickle
from collections.abc import Hashable

import numpy as np

from bounds.exact.view import marked_view
from layered_paging.testing.canonical import walk
from paging.course import Course
from paging.errors import UnsupportedProblem
from paging.model import Instance, Page
from paging.policies.named import MakePolicy


def find_unequal_futures(
    make: MakePolicy, instance: Instance, rng: np.random.Generator, *, pasts: int = 300, futures: int = 1
) -> str | None:
    """Random pasts are grouped by marks and levels; members of a group are asked for the same random positions.

    Returns what was found, in a sentence; None: nothing (which proves nothing), or the policy has no marks.
    """
    known: dict[Hashable, tuple[bytes, tuple[Page, ...]]] = {}
    for _ in range(pasts):
        past = walk(instance, 0, int(rng.integers(1, 8 * instance.layers)), rng)
        course = Course(make(), instance)
        for page in past:
            course.request(page)
        try:
            if marked_view(course) is None:
                return None
        except UnsupportedProblem as error:
            return str(error)
        saved = pickle.dumps(course)
        try:
            view = marked_view(pickle.loads(saved))
        except UnsupportedProblem:
            return None  # the copy is wrong, which another check finds
        assert view is not None
        other, other_past = known.setdefault(view.key, (saved, past))
        for _ in range(futures if other_past != past else 0):
            asked = _difference(other, saved, rng)
            if asked is not None:
                return (
                    f"after {list(other_past)} and after {list(past)} marks and levels are equal up to names, but the requests "
                    f"{asked[0]} and {asked[1]}, equal up to the same names, are not served alike"
                )
    return None


def _difference(
    one: bytes, two: bytes, rng: np.random.Generator, requests: int = 8
) -> tuple[list[Page], list[Page]] | None:
    """Requests of equal positions to both, up to the first that is not served alike or does not lead to equal labels."""
    courses: list[Course] = [pickle.loads(saved) for saved in (one, two)]
    asked: tuple[list[Page], list[Page]] = [], []
    for _ in range(requests):
        position = int(rng.integers(courses[0].instance.experts))
        seen = []
        for course, pages in zip(courses, asked, strict=True):
            view = marked_view(course)
            assert view is not None
            pages.append(view.order[position])
            served = course.request(pages[-1])
            after = marked_view(course)
            assert after is not None
            seen.append((served, after.key))
        if seen[0] != seen[1]:
            return asked
    return None
