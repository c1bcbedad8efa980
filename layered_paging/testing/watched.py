"""What a policy is given to read, and whether it tries to change it."""

from __future__ import annotations

from collections.abc import Callable, Set
from functools import partial
from typing import Any

from paging.cache import Candidates
from paging.model import Page

MUTATORS = frozenset(dir(set)) - frozenset(dir(frozenset))


class Watched(Candidates):
    """``tried``: the methods of a mutable set that were called; each raises AttributeError, which a policy may swallow.

    To look whether they are there is no attempt.
    """

    __slots__ = ("tried",)

    def __init__(self, pool: Set[Page], protected: Set[Page]) -> None:
        super().__init__(pool, protected)
        self.tried: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in MUTATORS:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}", name=name, obj=self)
        return partial(self._refuse, name)

    def _refuse(self, name: str, *_: object) -> None:
        self.tried.append(name)
        raise AttributeError(f"candidates are read-only: no {name}", name=name, obj=self)


def watched(candidates: Set[Page]) -> Watched:
    """The same pages, in the same order and behind the same attributes where they are a view of the cache."""
    if isinstance(candidates, Candidates):
        return Watched(candidates._pool, candidates._protected)
    return Watched(candidates, frozenset())
