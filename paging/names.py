"""Looking a name up in a registry, with the nearest one suggested."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

from paging.errors import UnknownName

Entry = TypeVar("Entry")

LONGEST = 60
"""Characters of a name that an error message quotes."""


def look_up(kind: str, name: str, registry: Mapping[str, Entry]) -> Entry:
    """The entry; raises UnknownName naming the nearest id, or all of them."""
    if name in registry:
        return registry[name]
    near = get_close_matches(name[:LONGEST], registry, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(registry)}"
    shown = repr(name if len(name) <= LONGEST else name[:LONGEST] + "…")
    raise UnknownName(f"unknown {kind} {shown}: {hint}")
