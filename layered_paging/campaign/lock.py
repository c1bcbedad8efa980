"""One coordinator per store: a lock of the operating system, which goes away with the process however it ends."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
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
    path = _lock_file(store)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreFailed(f"{path}: cannot be written: {error.strerror}") from None
    try:
        if not _taken(handle):
            raise StoreInUse(f"{store}: in use by {_holder(handle)}; one coordinator at a time")
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


def coordinated(store: Path) -> bool:
    """Whether there is a coordinator now."""
    try:
        handle = os.open(_lock_file(store), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def _lock_file(store: Path) -> Path:
    return store.with_name(store.name + ".lock")


def _taken(handle: int) -> bool:
    """Take the lock; tried again for a moment, as somebody may just be asking whether there is a coordinator."""
    for _ in range(5):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(0.02)
        else:
            return True
    return False


def _holder(handle: int) -> str:
    try:
        said = json.loads(os.pread(handle, 1000, 0))
        return f"the coordinator with pid {said['pid']} on {said['host']} since {said['since']}"
    except (ValueError, KeyError, TypeError):
        return "another coordinator"
