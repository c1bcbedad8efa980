"""All trace formats by their ids; which one a file has is seen from its content."""

from __future__ import annotations

import gzip
import hashlib
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from paging.errors import InvalidTrace
from paging.files import write_atomically
from paging.names import look_up
from paging.traces import jsonl, pages, route_csv, text
from paging.traces.arrays import NPY, NPZ, read_npy, read_npz, write_npy, write_npz
from paging.traces.axes import Order, parse_axes
from paging.traces.dumps.longspear import MAGIC as LONGSPEAR
from paging.traces.dumps.longspear import read_longspear
from paging.traces.dumps.megatron import is_megatron, read_megatron
from paging.traces.dumps.moe_cache_lab import is_moe_cache_lab, read_moe_cache_lab
from paging.traces.dumps.named_csv import is_named_csv, read_named_csv
from paging.traces.dumps.parquet import MAGIC as PARQUET
from paging.traces.dumps.parquet import read_parquet
from paging.traces.dumps.responses import is_responses, read_padded_npy, read_responses
from paging.traces.dumps.sglang import read_torch
from paging.traces.dumps.torch_file import is_torch
from paging.traces.source import FOREIGN, plain, read_bytes, shown
from paging.traces.trace import Trace


@dataclass(frozen=True, slots=True)
class Format:
    """How a format begins, and its reader: (content, name for messages) -> Trace.

    ``seen``: whether content that begins so is of this format; None: all is. ``lenient``: a reader of the same that drops
    faulty tokens; None where rows cannot be faulty one by one. ``array``: a reader that is told the axes. ``guess``: raises
    InvalidTrace for content that begins so, and may mean something else. ``binary``: line ends mean nothing.
    """

    magic: bytes | tuple[bytes, ...]
    read: Callable[[bytes, str], Trace]
    lenient: Callable[[bytes, str], Trace] | None = None
    array: Callable[[bytes, str, Order], Trace] | None = None
    guess: Callable[[bytes, str], None] | None = None
    seen: Callable[[bytes], bool] | None = None
    binary: bool = False


NEVER: tuple[bytes, ...] = ()
"""The beginning of a format that is read only where it is named."""

FORMATS: Mapping[str, Format] = {
    "text": Format(text.MAGIC.encode(), text.read_text),
    "route-csv": Format(
        route_csv.MAGIC.encode(), route_csv.read_route_csv, partial(route_csv.read_route_csv, lenient=True)
    ),
    "longspear": Format(LONGSPEAR, read_longspear, binary=True),
    "megatron": Format(jsonl.BRACE, read_megatron, seen=is_megatron),
    "moe-cache-lab": Format(
        jsonl.BRACE, read_moe_cache_lab, partial(read_moe_cache_lab, lenient=True), seen=is_moe_cache_lab
    ),
    "responses": Format(jsonl.BRACE, read_responses, array=read_responses, seen=is_responses),
    "jsonl": Format(jsonl.BRACE, jsonl.read_jsonl, partial(jsonl.read_jsonl, lenient=True)),
    "npy": Format(NPY, read_npy, array=read_npy, binary=True),
    "vllm": Format(NEVER, read_padded_npy, array=read_padded_npy, binary=True),
    "torch": Format(NPZ, read_torch, array=read_torch, seen=is_torch, binary=True),
    "npz": Format(NPZ, read_npz, array=read_npz, binary=True),
    "parquet": Format(PARQUET, read_parquet, partial(read_parquet, lenient=True), binary=True),
    "named-csv": Format(b"", read_named_csv, partial(read_named_csv, lenient=True), seen=is_named_csv),
    "pages": Format(pages.DIGITS, pages.read_pages, guess=pages.check_one_column),
}
"""By their ids. What engines write is in paging/traces/dumps; a format is sought in this order."""

WRITERS: Mapping[str, Callable[[Trace], bytes]] = {".npy": write_npy, ".npz": write_npz}


def read_trace(
    path: str | Path,
    format: str | None = None,  # noqa: A002 (as the option of the command)
    *,
    lenient: bool = False,
    fields: Mapping[str, str] | None = None,
    axes: str | None = None,
) -> Trace:
    """Read a trace, or standard input for "-"; packed with gzip, xz or zst or not.

    ``format`` is an id of FORMATS, default: as the content begins. ``lenient`` drops tokens with faulty rows instead of
    raising, where the format has rows. ``fields``: other names for the fields layer, token, experts of jsonl. ``axes``: the
    order of those of an array, as "layers,tokens,width". Raises InvalidTrace, naming file and line, UnknownName for a format
    that does not exist.
    """
    order = None if axes is None else parse_axes(axes)
    content, where = read_bytes(path), shown(path)
    checksum = hashlib.sha256(content).hexdigest()
    guessed = format is None
    if format is None:
        format = _recognized(content, where)  # noqa: A001
    chosen = look_up("trace format", format, FORMATS)
    if not chosen.binary:
        content = plain(content, where)
    if guessed and chosen.guess is not None:
        chosen.guess(content, where)
    if order is not None:
        if chosen.array is None:
            raise InvalidTrace(f"{where}: --axes is for npy and npz, this file is {format}")
        trace = chosen.array(content, where, order)
    elif fields:
        if chosen is not FORMATS["jsonl"]:
            raise InvalidTrace(f"{where}: names of fields are for jsonl, this file is {format}")
        trace = jsonl.read_jsonl(content, where, lenient, fields)
    else:
        read = chosen.lenient if lenient and chosen.lenient is not None else chosen.read
        held = [content]  # the reader alone holds the text, and frees what it has read
        del content
        trace = read(held.pop(), where)
    return replace(trace, checksum=checksum)


def _recognized(content: bytes, where: str) -> str:
    for magic, said in FOREIGN.items():
        if content.startswith(magic):
            raise InvalidTrace(f"{where}: {said}")
    begin = plain(content[:100], where)
    found = next(
        (
            name
            for name, one in FORMATS.items()
            if begin.startswith(one.magic) and (one.seen is None or one.seen(content.removeprefix(BOM_UTF8)))
        ),
        None,
    )
    if found is None:
        raise InvalidTrace(
            f"{where}: unknown format: expected a file that begins with {text.FIRST_LINE!r} or "
            f"{route_csv.FIRST_LINE!r}, JSON objects, page numbers, or a NumPy file"
        )
    return found


def write_trace(trace: Trace, path: str | Path) -> None:
    """Write .npy or .npz by the ending of the name, the project's text format otherwise; packed if it ends in .gz.

    Equal traces give equal files. Raises InvalidArgument where the file cannot be written.
    """
    target = Path(path)
    packed = target.suffix == ".gz"
    suffix = target.with_suffix("").suffix if packed else target.suffix
    content = WRITERS.get(suffix, text.write_text)(trace)
    write_atomically(target, gzip.compress(content, mtime=0) if packed else content)
