"""Files from outside: only regular ones are opened, and what is packed is unpacked up to a limit.

A FIFO would be waited for without end, a device has no end, and a small packed file can hold any number of bytes.
"""

from __future__ import annotations

import gzip
import io
import lzma
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from paging.errors import InvalidArgument, LayeredPagingError

KINDS: Mapping[str, Callable[[int], bool]] = {
    "a folder": stat.S_ISDIR,
    "a FIFO": stat.S_ISFIFO,
    "a socket": stat.S_ISSOCK,
    "a device": lambda mode: stat.S_ISCHR(mode) or stat.S_ISBLK(mode),
}

LARGEST_UNPACKED = 1 << 30
"""Bytes that any packed file may hold."""

ALWAYS_UNPACKED = 1 << 26
"""Bytes that a packed file may hold however small it is; beyond that at most GROWTH times its own size."""

GROWTH = 200
"""Routing packs to a tenth of its size or so; what packs much better than to a two hundredth was made to."""

BLOCK = 1 << 20
"""Bytes that are read at once, at least."""

PIECE = 1 << 14
"""Bytes that are unpacked at once."""

XZ_MEMORY = 1 << 28
"""Bytes that the dictionary of an xz file may take; those of ``xz -9`` take 65 MiB."""


def check_regular(path: str | Path, expected: str, error: type[LayeredPagingError] = InvalidArgument) -> None:
    """Raise ``error`` for anything but a regular file, without opening it: for files that a library opens.

    (SQLite loses its locks when a file of its own is opened and closed beside it.)
    """
    try:
        _check_kind(os.stat(path).st_mode, path, expected, error)
    except (FileNotFoundError, ValueError):  # ValueError: a zero byte in the name
        raise error(f"{path}: no such file, expected {expected}") from None
    except OSError as failed:
        raise error(f"{path}: cannot be read: {failed.strerror or failed}") from None


@contextmanager
def open_regular(
    path: str | Path, expected: str, error: type[LayeredPagingError] = InvalidArgument
) -> Iterator[io.BufferedReader]:
    """A regular file, open for reading. ``expected``, for messages: what should be in it, as "a trace".

    Raises ``error`` for anything else than a regular file, for none, and when it cannot be read.
    """
    check_regular(path, expected, error)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as stream:
            _check_kind(os.fstat(descriptor).st_mode, path, expected, error)  # perhaps replaced since
            yield stream
    except OSError as failed:
        raise error(f"{path}: cannot be read: {failed.strerror or failed}") from None
    except MemoryError:
        raise error(f"{path}: does not fit into memory") from None


def read_regular(
    path: str | Path,
    expected: str,
    error: type[LayeredPagingError] = InvalidArgument,
    most: int | None = None,
) -> bytes:
    """The content of a file of at most ``most`` bytes (default: the memory of the machine). Raises as ``open_regular``."""
    with open_regular(path, expected, error) as stream:
        size = os.fstat(stream.fileno()).st_size
        limit = physical_memory() if most is None else most
        parts = []
        while size <= limit and (part := stream.read(max(BLOCK, size))):  # a size may be wrong, as in /proc
            parts.append(part)
            size = max(size, sum(map(len, parts)))
        if size > limit:
            raise error(f"{path}: larger than {limit:,} bytes, expected {expected}")
        return b"".join(parts)


def unpacked(content: bytes, where: str | Path, error: type[LayeredPagingError] = InvalidArgument) -> bytes:
    """What is packed with gzip, xz or zst; content that is not packed as it is. Raises ``error``, see LARGEST_UNPACKED."""
    name = next((name for name, (magic, _) in PACKERS.items() if content.startswith(magic)), None)
    if name is None:
        return content
    most = min(LARGEST_UNPACKED, max(ALWAYS_UNPACKED, GROWTH * len(content)))
    try:
        result = PACKERS[name][1](content, most)
    except (EOFError, OSError, zlib.error, lzma.LZMAError, ValueError) as broken:
        raise error(f"{where}: broken {name} file: {' '.join(str(broken).split())[:120]}") from None
    except MemoryError:
        raise error(f"{where}: does not fit into memory") from None
    if len(result) > most:
        raise error(
            f"{where}: unpacks to more than {most >> 20:,} MiB; unpack it yourself if it is meant to be that large"
        )
    return result


def physical_memory() -> int:
    """Bytes of the machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _check_kind(mode: int, path: str | Path, expected: str, error: type[LayeredPagingError]) -> None:
    if not stat.S_ISREG(mode):
        kind = next((kind for kind, holds in KINDS.items() if holds(mode)), "something else")
        raise error(f"{path}: expected {expected} in a regular file, this is {kind}")


def _gzip(content: bytes, most: int) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
        return stream.read(most + 1)


def _xz(content: bytes, most: int) -> bytes:
    """Several streams may follow each other, with zeros between them."""
    parts: list[bytes] = []
    size = at = 0
    while at < len(content) and size <= most:
        stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)
        while not stream.eof and size <= most:
            piece = content[at : at + PIECE]  # not the whole rest: there may be a stream in every 32 bytes
            if not piece:
                raise EOFError("it ends too early")
            parts.append(stream.decompress(piece, most + 1 - size))
            size += len(parts[-1])
            at += len(piece) - len(stream.unused_data)
        while content[at : at + 1] == b"\0":
            at += 1
    return b"".join(parts)


def _zst(content: bytes, most: int) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    try:
        with zstd.ZstdFile(io.BytesIO(content)) as stream:
            return stream.read(most + 1)
    except zstd.ZstdError as broken:
        raise ValueError(str(broken)) from None


PACKERS: Mapping[str, tuple[bytes, Callable[[bytes, int], bytes]]] = {
    "gzip": (b"\x1f\x8b", _gzip),
    "xz": (b"\xfd7zXZ\0", _xz),
    "zst": (b"\x28\xb5\x2f\xfd", _zst),
}
"""How a packed file begins, and what unpacks at most so many bytes and one."""
