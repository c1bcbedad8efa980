"""A policy beside OPT as certificates see them: a label for every page, alike for pages that nothing distinguishes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paging.course import Course
from paging.errors import UnsupportedProblem
from paging.model import Instance, Page

Label = tuple[int, int]
"""Level and token."""


def state_text(labels: Sequence[Label], experts: int, empty: Sequence[int] = ()) -> str:
    """Labels by position as ``level.token``; layers apart by ``|``; then the levels of the ``empty`` ones among all
    slots of OPT, unless none is in a set any more. So certificates have it."""
    parts = [f"{level}.{token}" for level, token in labels]
    text = "|".join(" ".join(parts[i : i + experts]) for i in range(0, len(parts), experts))
    return text + ("#" + " ".join(map(str, empty)) if empty and min(empty) <= len(empty) else "")


def packed_labels(labels: NDArray[np.int64]) -> tuple[Label, ...]:
    """From level * 16 + aux, the form of the kernels: the token of aux > 0 is 2 * aux - 1, as that of the mark aux - 1."""
    return tuple((label >> 4, 2 * (label & 15) - 1 if label & 15 else 0) for label in labels.tolist())


@dataclass(frozen=True, slots=True)
class View:
    """``order``: the pages by position, layer by layer from the one whose turn it is, sorted by label in each.

    ``labels``: by position; the token is odd for a cached page, 2 * mark + 1 where the policy has marks. ``empty``: the levels
    of the slots that OPT has never used.
    """

    instance: Instance
    order: tuple[Page, ...]
    labels: tuple[Label, ...]
    empty: tuple[int, ...]

    @property
    def key(self) -> tuple[tuple[Label, ...], tuple[int, ...]]:
        """With marks: when it recurs, policy and OPT go on as before, up to the names of experts and the rotation of layers."""
        return self.labels, self.empty

    def position(self, page: Page) -> int:
        """Where the first page of its layer with its label stands."""
        at = self.order.index(page)
        return self.labels.index(self.labels[at], at - at % self.instance.experts)

    def firsts(self) -> list[int]:
        """The positions of the layer whose turn it is, the first one of each label."""
        return [i for i in range(self.instance.experts) if i == 0 or self.labels[i] != self.labels[i - 1]]

    def asked(self, page: Page) -> tuple[Page, ...]:
        """The pages by position with this one first among those of its label."""
        order = list(self.order)
        at, first = order.index(page), self.position(page)
        order[at], order[first] = order[first], order[at]
        return tuple(order)

    def tokens(self, order: tuple[Page, ...]) -> list[int]:
        """Of these pages."""
        token = {page: label[1] for page, label in zip(self.order, self.labels, strict=True)}
        return [token[page] for page in order]


def marked_view(course: Course) -> View | None:
    """With the marks of the policy; None if it has none.

    Raises UnsupportedProblem for what are no marks of the cached pages.
    """
    policy, cache = course.player.policy, frozenset(course.player.cache)
    marks = policy.marks(course.player.cache) if course.requests else {}
    if marks is None:
        return None
    _check(marks, cache, type(policy).__name__)
    pages = course.instance.pages
    return _view(course, [2 * int(marks[page]) + 1 if page in cache else 0 for page in range(pages)])


def numbered_view(course: Course, number: int) -> View:
    """Every page has a token of its own in the state of this number: twice (number * n*l + page), plus 1 in the cache."""
    pages, cache = course.instance.pages, course.player.cache
    return _view(course, [2 * (number * pages + page) + (page in cache) for page in range(pages)])


def _view(course: Course, tokens: list[int]) -> View:
    instance = course.instance
    levels = course.offset.level.tolist()
    labels = list(zip(levels[: instance.pages], tokens, strict=True))
    order: list[Page] = []
    for step in range(instance.layers):
        layer = instance.layer_pages((course.turn + step) % instance.layers)
        order += sorted(layer, key=labels.__getitem__)
    empty = tuple(sorted(levels[instance.pages :]))
    return View(instance, tuple(order), tuple(labels[page] for page in order), empty)


def _check(marks: Mapping[Page, int], cache: frozenset[Page], name: str) -> None:
    if frozenset(marks) != cache:
        raise UnsupportedProblem(
            f"{name}: marks of the pages {sorted(marks)}, expected those in the cache, {sorted(cache)}"
        )
    for page, mark in marks.items():
        if isinstance(mark, bool) or not isinstance(mark, int | np.integer) or mark < 0:
            raise UnsupportedProblem(f"{name}: mark {mark!r} of page {page}, expected an integer from 0 on")
