"""One coordinator per store: a lock of the operating system, which goes away with the process however it ends."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from paging.errors import StoreFailed, StoreInUse


@contextmanager
def coordinator_lock(store: Path) -> Iterator[None]:
    """Be the only one. Raises StoreInUse, naming the other one, and StoreFailed where no file can be written.

    The lock file beside the store says who has the lock; that it exists means nothing.
    """
    path = store.with_name(store.name + ".lock")
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreFailed(f"{path}: cannot be written: {error.strerror}") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreInUse(f"{store}: in use by {_holder(handle)}; one coordinator at a time") from None
        since = datetime.now().astimezone().isoformat(timespec="seconds")
        said = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since}) + "\n"
        try:
            os.ftruncate(handle, 0)
            os.pwrite(handle, said.encode(), 0)
        except OSError as error:
            raise StoreFailed(f"{path}: cannot be written: {error.strerror}") from None
        yield
    finally:
        os.close(handle)


def _holder(handle: int) -> str:
    try:
        said = json.loads(os.pread(handle, 1000, 0))
        return f"the coordinator with pid {said['pid']} on {said['host']} since {said['since']}"
    except (ValueError, KeyError, TypeError):
        return "another coordinator"
