"""Messages between this process and one in which foreign code runs.

A message is a pickle behind its length. What comes back is not trusted: of all classes only those of ALLOWED are built, values
without behaviour.
"""

from __future__ import annotations

import io
import os
import pickle
import select
import struct
import time
from typing import Any

HEAD = struct.Struct("<Q")

MOST_BYTES = 1 << 28
"""Of one message."""

ALLOWED = frozenset(
    {
        ("builtins", "frozenset"),
        ("builtins", "set"),
        ("builtins", "range"),
        ("copyreg", "__newobj__"),
        ("copyreg", "_reconstructor"),
        ("builtins", "object"),
        ("fractions", "Fraction"),
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "scalar"),
        ("numpy._core.numeric", "_frombuffer"),
        ("paging.model", "Instance"),
        ("paging.model", "Requests"),
        ("paging.replay", "Run"),
        ("layered_paging.testing.fault", "Fault"),
        ("layered_paging.testing.finding", "Finding"),
        ("bounds.search.worst", "Worst"),
        ("layered_paging.report.conduct", "Property"),
        ("layered_paging.report.conduct", "Playing"),
        ("layered_paging.report.ratios", "Beside"),
        ("layered_paging.report.ratios", "Row"),
        ("layered_paging.report.traces", "Others"),
        ("layered_paging.report.traces", "Rate"),
    }
)
"""By module and name."""


class Closed(Exception):
    """The other side is gone, or sent what is no message."""


class Late(Exception):
    """Nothing came in time."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise Closed(f"a message with {module}.{name}")
        return super().find_class(module, name)


def write(fd: int, message: object) -> None:
    """Send it. Raises Closed."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    view = memoryview(HEAD.pack(len(body)) + body)
    try:
        while view:
            view = view[os.write(fd, view) :]
    except OSError as error:
        raise Closed(str(error)) from error


def read(fd: int, deadline: float = float("inf"), *, trusted: bool = False) -> Any:
    """The next message. Raises Late after ``deadline`` (time.monotonic), Closed. ``trusted``: any class is built."""
    (length,) = HEAD.unpack(_exactly(fd, HEAD.size, deadline))
    if length > MOST_BYTES:
        raise Closed(f"a message of {length} bytes")
    body = _exactly(fd, length, deadline)
    if trusted:
        return pickle.loads(body)
    try:
        return _Unpickler(io.BytesIO(body)).load()
    except Closed:
        raise
    except Exception as error:  # whatever a forged pickle leads to
        raise Closed(f"{type(error).__name__}: {error}") from error


def _exactly(fd: int, length: int, deadline: float) -> bytes:
    parts = []
    while length:
        if deadline < float("inf"):
            left = max(0.0, deadline - time.monotonic())
            if not select.select([fd], [], [], left)[0]:  # what is there is read, however late
                raise Late
        try:
            part = os.read(fd, min(length, 1 << 20))
        except OSError as error:
            raise Closed(str(error)) from error
        if not part:
            raise Closed("the process has ended")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
