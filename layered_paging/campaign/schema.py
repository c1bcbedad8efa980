"""The store's one SQLite file: its tables, how it is opened, and how damage is told from a full disk.

``tasks`` holds what depends on nothing but the task, and ``checksum`` over the rest of the row: a flipped byte is seen.
``measured`` holds what a run took. Tables are built under a temporary name and renamed; WAL while a coordinator writes.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from paging.errors import StoreDamaged, StoreFailed
from paging.untrusted import check_regular

APPLICATION, VERSION = 0x4C50434D, 1

COLUMNS = (
    "id", "kind", "parameters", "places", "seed", "method", "state", "attempts", "lost", "result", "files", "error"
)  # fmt: skip
"""Of ``tasks``, but for its number and the checksum. JSON: parameters, places, result, files (name -> file beside it)."""

MEASURED = ("started", "seconds", "peak", "worker", "package")
"""Of ``measured``: UNIX time, seconds, bytes, where it ran, version of the package."""

TABLES = """
CREATE TABLE tasks (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL, parameters TEXT NOT NULL, places TEXT NOT NULL, seed INTEGER NOT NULL, method INTEGER NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL, lost INTEGER NOT NULL,
    result TEXT, files TEXT NOT NULL, error TEXT, checksum TEXT NOT NULL
);
CREATE TABLE measured (
    number INTEGER PRIMARY KEY REFERENCES tasks,
    started REAL, seconds REAL, peak INTEGER, worker TEXT, package TEXT
);
"""

HINT = "`layered-paging campaign recover STORE NEW` salvages what is intact"


UNREADABLE = (sqlite3.Error, UnicodeDecodeError, OverflowError)
"""What a damaged file can raise; SQLite quotes its bytes in messages, as if they were text."""


def row_checksum(values: Sequence[object]) -> str:
    """SHA-256 over the values of COLUMNS; text counts as its bytes."""
    raw = tuple(value.encode() if isinstance(value, str) else value for value in values)
    return hashlib.sha256(repr(raw).encode()).hexdigest()


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """What SQLite raises, as StoreDamaged or StoreFailed."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreFailed(f"{path}: {error}") from None
    except UNREADABLE as error:
        said = " ".join(str(error).split())[:120]
        raise StoreDamaged(f"{path}: damaged, or not a campaign's store ({said}); {HINT}") from None


def create(path: Path) -> None:
    """An empty store. Raises StoreFailed."""
    if not path.parent.is_dir():
        raise StoreFailed(f"{path}: the folder {path.parent} does not exist")
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise StoreFailed(f"{path}: cannot be written: {error.strerror}") from None
    try:
        with explained(path), closing(sqlite3.connect(temporary)) as connection:
            connection.executescript(
                f"PRAGMA application_id={APPLICATION}; PRAGMA user_version={VERSION}; BEGIN; {TABLES} COMMIT;"
            )
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def connect(path: Path, *, writing: bool) -> sqlite3.Connection:
    """Open a store; text comes as bytes. Raises StoreFailed, and StoreDamaged for a file that is not one.

    A reader changes nothing, and reads on while a coordinator writes.
    """
    if not path.exists():
        raise StoreFailed(f"{path}: no such store")
    check_regular(path, "a campaign's store", StoreFailed)
    name = f"file:{quote(str(path.resolve()))}"
    with explained(path):
        connection = sqlite3.connect(
            f"{name}?mode={'rw' if writing else 'ro'}", uri=True, isolation_level=None
        )
        try:
            connection.text_factory = bytes
            if not writing and not _readable(connection):
                # WAL left by a killed coordinator in a folder that cannot be written: what is in the main file
                connection.close()
                connection = sqlite3.connect(f"{name}?immutable=1", uri=True, isolation_level=None)
                connection.text_factory = bytes
            _recognize(connection, path)
            if writing:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
        except BaseException:
            connection.close()
            raise
    return connection


def _readable(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1 FROM sqlite_schema").fetchall()
    except sqlite3.OperationalError:
        return False
    return True


def _recognize(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION:
        raise StoreDamaged(f"{path}: damaged, or not a campaign's store; {HINT}")
    if version != VERSION:
        raise StoreDamaged(f"{path}: a store of version {version}, expected {VERSION}; {HINT}")


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Raise StoreDamaged unless SQLite finds the whole file in order."""
    with explained(path):
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != b"ok":
        said = " ".join(bytes(found).decode("utf-8", "replace").split())[:120]
        raise StoreDamaged(f"{path}: damaged ({said}); {HINT}")
