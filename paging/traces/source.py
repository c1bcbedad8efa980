"""What stands in a trace file, before anyone knows its format."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from paging.errors import InvalidTrace
from paging.files import unpack

GZIP = b"\x1f\x8b"
LONGEST_QUOTE = 40

LARGEST_UNPACKED = 1 << 30
"""Bytes that a packed file may hold: a thousandth of that in the file could claim any amount of memory."""


def read_bytes(path: str | Path) -> bytes:
    """The content of a file, unpacked if it is gzip. Raises InvalidTrace if it cannot be read or is empty."""
    try:
        content = Path(path).read_bytes()
        if content.startswith(GZIP):
            unpacked = unpack(content, LARGEST_UNPACKED)
            if unpacked is None:
                raise InvalidTrace(
                    f"{path}: unpacks to more than {LARGEST_UNPACKED >> 20:,} MiB; unpack it if it is meant to be that large"
                )
            content = unpacked
    except FileNotFoundError:
        raise InvalidTrace(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InvalidTrace(f"{path}: expected a file, this is a folder") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InvalidTrace(f"{path}: broken gzip file: {error}") from None
    except OSError as error:
        raise InvalidTrace(f"{path}: cannot be read: {error.strerror}") from None
    except MemoryError:
        raise InvalidTrace(f"{path}: does not fit into memory") from None
    if not content:
        raise InvalidTrace(f"{path}: the file is empty, expected a trace")
    return content


def quote(text: bytes | str) -> str:
    """What was found, short enough for one line of an error message."""
    shown = text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else text
    return repr(shown if len(shown) <= LONGEST_QUOTE else shown[:LONGEST_QUOTE] + "…")
