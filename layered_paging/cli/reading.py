"""Reading the trace that a command was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layered_paging.cli.output import warn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from paging.traces.trace import Phase, Trace


def read(
    path: Path,
    form: str | None,
    lenient: bool,
    fields: Sequence[str] | None,
    axes: str | None,
    phase: Phase,
    expert_bytes: str | None = None,
) -> Trace:
    """The trace; what is to be known about the tokens of the phase is said on stderr. ``fields``: as FIELD=NAME.
    ``expert_bytes``: sizes instead of its own."""
    from layered_paging.cli.numbers import expert_bytes as sizes_of
    from paging.traces.formats import read_trace
    from paging.traces.source import shown

    sizes = sizes_of(expert_bytes) if expert_bytes else None
    trace = read_trace(path, form, lenient=lenient, fields=named_fields(fields), axes=axes)
    for said in trace.warnings(phase):
        warn(f"{shown(path)}: {said}")
    return trace.sized(sizes) if sizes else trace


def named_fields(fields: Sequence[str] | None) -> dict[str, str]:
    """``FIELD=NAME`` by their fields. Raises InvalidArgument."""
    from paging.errors import InvalidArgument

    names = {}
    for text in fields or ():
        field, equals, name = text.partition("=")
        if not (field and equals and name):
            raise InvalidArgument(f"--field: expected FIELD=NAME, got {text!r}")
        names[field] = name
    return names
