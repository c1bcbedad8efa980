"""All trace formats by their ids; which one a file has is seen from its content."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from paging.errors import InvalidTrace
from paging.files import write_atomically
from paging.names import look_up
from paging.traces import route_csv, text
from paging.traces.arrays import NPY, NPZ, read_npy, read_npz, write_npy, write_npz
from paging.traces.source import read_bytes
from paging.traces.trace import Trace


@dataclass(frozen=True, slots=True)
class Format:
    """How a format begins, and its reader: (content, name for messages) -> Trace."""

    magic: bytes
    read: Callable[[bytes, str], Trace]


FORMATS: Mapping[str, Format] = {
    "text": Format(text.MAGIC.encode(), text.read_text),
    "route-csv": Format(route_csv.MAGIC.encode(), route_csv.read_route_csv),
    "npy": Format(NPY, read_npy),
    "npz": Format(NPZ, read_npz),
}

WRITERS: Mapping[str, Callable[[Trace], bytes]] = {".npy": write_npy, ".npz": write_npz}


def read_trace(path: str | Path, format: str | None = None) -> Trace:  # noqa: A002 (as the option of the command)
    """Read a trace, gzip allowed; ``format`` is an id of FORMATS, default: as the content begins.

    Raises InvalidTrace, naming file and line, UnknownName for a format that does not exist.
    """
    content = read_bytes(path)
    if format is not None:
        return look_up("trace format", format, FORMATS).read(content, str(path))
    for candidate in FORMATS.values():
        if content.startswith(candidate.magic):
            return candidate.read(content, str(path))
    raise InvalidTrace(
        f"{path}: unknown format: expected a file that begins with {text.FIRST_LINE!r} or "
        f"{route_csv.FIRST_LINE!r}, or a NumPy file"
    )


def write_trace(trace: Trace, path: str | Path) -> None:
    """Write .npy or .npz by the ending of the name, the project's text format otherwise; packed if it ends in .gz.

    Equal traces give equal files. Raises InvalidArgument where the file cannot be written.
    """
    target = Path(path)
    packed = target.suffix == ".gz"
    suffix = target.with_suffix("").suffix if packed else target.suffix
    content = WRITERS.get(suffix, text.write_text)(trace)
    write_atomically(target, gzip.compress(content, mtime=0) if packed else content)
