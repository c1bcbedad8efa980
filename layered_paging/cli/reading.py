"""Reading the trace that a command was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layered_paging.cli.output import warn

if TYPE_CHECKING:
    from pathlib import Path

    from paging.traces.trace import Trace


def read(path: Path) -> Trace:
    """The trace; incomplete tokens are mentioned on stderr."""
    from paging.traces.formats import read_trace

    trace = read_trace(path)
    if trace.dropped_tokens:
        warn(f"{path}: {trace.dropped_tokens} incomplete tokens were dropped")
    return trace
