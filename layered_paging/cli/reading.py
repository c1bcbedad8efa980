"""Reading the trace that a command was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layered_paging.cli.output import warn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from paging.traces.trace import Trace


def read(path: Path, form: str | None, lenient: bool, fields: Sequence[str] | None) -> Trace:
    """The trace; dropped tokens are mentioned on stderr. ``fields``: as FIELD=NAME."""
    from paging.errors import InvalidArgument
    from paging.traces.formats import read_trace

    names = {}
    for text in fields or ():
        field, equals, name = text.partition("=")
        if not (field and equals and name):
            raise InvalidArgument(f"--field: expected FIELD=NAME, got {text!r}")
        names[field] = name
    trace = read_trace(path, form, lenient=lenient, fields=names)
    if trace.dropped_tokens:
        warn(f"{path}: {trace.dropped_tokens} incomplete tokens were dropped" if not lenient else
             f"{path}: {trace.dropped_tokens} incomplete or faulty tokens were dropped")  # fmt: skip
    return trace
