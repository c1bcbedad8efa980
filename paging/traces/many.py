"""Several files as one trace: layers of the same tokens, or requests one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from paging.errors import InvalidArgument
from paging.traces.dumps.parquet import LAYER_FILE, stacked
from paging.traces.formats import read_trace
from paging.traces.passes import together
from paging.traces.trace import Trace


def read_traces(
    paths: Sequence[str | Path],
    format: str | None = None,  # noqa: A002 (as the option of the command)
    *,
    lenient: bool = False,
    fields: Mapping[str, str] | None = None,
    axes: str | None = None,
) -> Trace:
    """Each file as ``read_trace`` reads it. Files named layer_NN.parquet are layers, others hold requests of their own.

    Raises InvalidTrace, naming the file that does not fit the others.
    """
    if not paths:
        raise InvalidArgument("expected at least one file")
    traces = [read_trace(path, format, lenient=lenient, fields=fields, axes=axes) for path in paths]
    if len(traces) > 1 and all(LAYER_FILE.search(str(path)) for path in paths):
        return stacked(traces)
    return together(traces)
