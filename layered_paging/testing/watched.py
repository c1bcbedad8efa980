"""What a policy is given to read, and whether it tries to change it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from functools import partial
from typing import Any

from paging.model import Page

MUTATORS = frozenset(dir(set)) - frozenset(dir(frozenset))


class Watched(Set[Page]):
    """The same pages in the same order. ``tried``: the methods of a mutable set that were called; each raises
    AttributeError, which a policy may swallow.

    To look whether they are there is no attempt.
    """

    __slots__ = ("_pages", "tried")

    def __init__(self, pages: Set[Page]) -> None:
        self._pages = pages
        self.tried: list[str] = []

    @classmethod
    def _from_iterable(cls, it: Iterable[Page]) -> frozenset[Page]:  # type: ignore[override]
        return frozenset(it)  # what the set operators & | - ^ build

    def __contains__(self, page: object) -> bool:
        return page in self._pages

    def __iter__(self) -> Iterator[Page]:
        return iter(self._pages)

    def __len__(self) -> int:
        return len(self._pages)

    def __repr__(self) -> str:
        return f"Watched({sorted(self)})"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in MUTATORS:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}", name=name, obj=self)
        return partial(self._refuse, name)

    def _refuse(self, name: str, *_: object) -> None:
        self.tried.append(name)
        raise AttributeError(f"candidates are read-only: no {name}", name=name, obj=self)
