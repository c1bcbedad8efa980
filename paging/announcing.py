"""Compilation of kernels is announced: once by a command, whichever of its processes is the first that compiles.

A command asks for it; the library says nothing where nobody asked. The right to speak is a file that the command makes, and
that all its processes know by a variable of their environment: whoever removes it has the word, and that is one of them.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from paging.compiling import tell

WORD = "LAYERED_PAGING_WORD"
"""The variable: the path of the file."""


@contextmanager
def announcing() -> Iterator[None]:
    """Announce it while the body runs, in this process and in those that it starts; only where stderr is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    handle, path = tempfile.mkstemp(prefix="layered-paging-")
    os.close(handle)
    os.environ[WORD] = path
    tell(_say)
    try:
        yield
    finally:
        os.environ.pop(WORD, None)
        with suppress(OSError):
            os.unlink(path)


def announce_too() -> None:
    """In a process that such a command has started."""
    if WORD in os.environ:
        tell(_say)


def _say() -> None:
    """One line, short enough for the narrowest terminal: a progress bar may stand below it."""
    try:
        os.unlink(os.environ.get(WORD, ""))
    except OSError:  # another process had the word
        return
    print(
        "layered-paging: compiling kernels, once on this machine (up to half a minute)",
        file=sys.stderr,
        flush=True,
    )
