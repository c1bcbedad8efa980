"""``--help`` of a command ends with the ids of what it expects: policies, theorems, adversaries, formats.

The registries are read when such a help is shown, and not before: ``layered-paging --help`` and all other starts do without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from textwrap import wrap
from typing import Any

from typer.core import TyperCommand


def _policies() -> Iterable[str]:
    from paging.policies.registry import POLICIES

    return POLICIES


def _theorems() -> Iterable[str]:
    from bounds.theorems.ids import IDS

    return IDS


def _adversaries() -> Iterable[str]:
    from adversaries.registry import ADVERSARIES

    return ADVERSARIES


def _formats() -> Iterable[str]:
    from paging.traces.formats import FORMATS

    return FORMATS


LISTS: Mapping[str, tuple[str, Callable[[], Iterable[str]]]] = {
    "policy": ("Policies", _policies),
    "policies": ("Policies", _policies),
    "against": ("Policies", _policies),
    "theorem": ("Theorems", _theorems),
    "adversary": ("Adversaries", _adversaries),
    "form": ("Formats", _formats),
}
"""By the parameter of the command that takes such an id: title, and the ids."""


class Command(TyperCommand):
    """A command whose help names the ids that it takes."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """A section for each kind of id."""
        super().format_epilog(ctx, formatter)
        for title, ids in dict.fromkeys(LISTS[p.name] for p in self.params if p.name in LISTS):
            with formatter.section(title):
                room = formatter.width - formatter.current_indent
                for line in wrap(", ".join(ids()), room, break_on_hyphens=False, break_long_words=False):
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")
