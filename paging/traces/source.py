"""What stands in a trace file, before anyone knows its format."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

from paging.errors import InvalidTrace
from paging.untrusted import LARGEST_UNPACKED, PACKERS, read_regular, unpacked

LONGEST_QUOTE = 40
STDIN = "-"

FOREIGN = {
    b"ARROW1": "an Arrow table: polars.read_ipc(FILE) reads it; write .npz with write_trace(Trace.from_array(…), …)",
    b"\x80": "a pickle, which is not opened as it can run code: numpy.save(FILE, array) from what it holds",
    b"\x89HDF": "an HDF5 file: numpy.save(FILE, dataset[...]) writes an array out of it",
    b"BZh": "packed with bzip2: expected gzip, xz, zst or nothing",
}
"""How files begin that are not read, and the way in."""

PARQUET = (
    "a Parquet table: polars.read_parquet(FILE) reads it; write .npz with write_trace(Trace.from_array(…), …)"
)
"""Said of one without columns that are known."""

TORCH = (
    "a PyTorch file, which is not opened any further than tensors in lists and dicts, as it can run code: "
    "numpy.save(FILE, torch.load(FILE).numpy())"
)


def read_bytes(path: str | Path) -> bytes:
    """The content of a regular file, or of standard input for "-", unpacked. Raises InvalidTrace where there is none."""
    where = shown(path)
    if str(path) == STDIN:
        content = sys.stdin.buffer.read(LARGEST_UNPACKED + 1)
        if len(content) > LARGEST_UNPACKED:
            raise InvalidTrace(f"{where}: more than {LARGEST_UNPACKED >> 20:,} MiB; write it to a file")
    else:
        content = read_regular(path, "a trace", InvalidTrace)
    content = unpacked(content, where, InvalidTrace)
    if any(content.startswith(magic) for magic, _ in PACKERS.values()):
        raise InvalidTrace(f"{where}: packed twice, expected a trace that is packed once or not at all")
    if not content:
        raise InvalidTrace(f"{where}: the file is empty, expected a trace")
    return content


def shown(path: str | Path) -> str:
    """The name of a file for messages."""
    return "standard input" if str(path) == STDIN else str(path)


def plain(content: bytes, where: str) -> bytes:
    """Text without a byte order mark, with the line ends of Unix. Raises InvalidTrace for UTF-16."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InvalidTrace(f"{where}: text in UTF-16, expected UTF-8 (iconv -f UTF-16 -t UTF-8)")
    content = content.removeprefix(codecs.BOM_UTF8)
    return content.replace(b"\r\n", b"\n") if b"\r\n" in content else content


def quote(text: bytes | str) -> str:
    """What was found, short enough for one line of an error message, and in ASCII: ৪ is not an 8."""
    shown = text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else text
    return ascii(shown) if len(shown) <= LONGEST_QUOTE else f"{shown[:LONGEST_QUOTE]!a}…"
