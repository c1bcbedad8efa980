"""Salvage a damaged store: whatever row or file is as it was written goes into a new one; the rest is to be computed again."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from layered_paging.campaign import schema
from layered_paging.campaign.check import content_checksum
from layered_paging.campaign.lock import coordinator_lock
from layered_paging.campaign.rows import Measured, Row, decode, measured_of
from layered_paging.campaign.schema import COLUMNS, MEASURED, UNREADABLE, row_checksum
from layered_paging.campaign.store import Store, files_folder, open_store
from paging.errors import InvalidArgument, StoreFailed

LEAST_ROW = 100
"""Bytes that a row takes at least: bounds the numbers that are tried."""

PAGE_ONE = 4096


@dataclass(frozen=True, slots=True)
class Recovered:
    """``intact``: rows as they were; ``again``: tasks that are known but wait again, as their result or a file is damaged;
    ``unreadable``: numbers of rows that may have been there and cannot be made out."""

    intact: int
    again: int
    unreadable: int

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {"intact": self.intact, "again": self.again, "unreadable": self.unreadable}


def recover(store: Path, new: Path) -> Recovered:
    """Write ``new``, which must not exist. The old store is left as it is. Raises StoreInUse, StoreFailed, InvalidArgument."""
    if not store.is_file():
        raise StoreFailed(f"{store}: no such store")
    if new.exists():
        raise InvalidArgument(f"{new}: is there already, expected the name of a new store")
    with coordinator_lock(store), tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "store"
        try:
            shutil.copyfile(store, copy)
            with suppress(FileNotFoundError):
                shutil.copyfile(store.with_name(store.name + "-wal"), copy.with_name("store-wal"))
        except OSError as error:
            raise StoreFailed(f"{store}: cannot be copied: {error.strerror}") from None
        _heal(copy, Path(folder) / "empty")
        with (
            closing(sqlite3.connect(copy, isolation_level=None)) as connection,
            open_store(new, create=True) as to,
        ):
            connection.text_factory = bytes
            return _salvage(connection, copy.stat().st_size, store, to)


def _heal(copy: Path, empty: Path) -> None:
    """If the table cannot be found, take the first page from a new store: it is the same in all of them, but for counters."""
    with closing(sqlite3.connect(copy)) as connection, suppress(*UNREADABLE):
        connection.execute("SELECT number FROM tasks WHERE number = 1").fetchall()
        return
    schema.create(empty)
    page = bytearray(empty.read_bytes()[:PAGE_ONE])
    pages = copy.stat().st_size // PAGE_ONE
    page[28:32] = pages.to_bytes(4, "big")
    page[32:40] = bytes(8)  # no free pages are known
    with copy.open("r+b") as stream:
        stream.write(page)


def _salvage(connection: sqlite3.Connection, size: int, old: Path, to: Store) -> Recovered:
    rows: dict[str, Row] = {}
    measured: dict[int, Measured] = {}
    intact = again = unreadable = 0
    damaged_files: dict[str, bool] = {}
    for found in _read(connection, size):
        row = None if found is None else _row(found)
        if row is None:
            unreadable += 1
            continue
        if row.task.subject in rows:
            continue
        whole = decode(row.number, found[1:-1], found[-1]) is not None if found else False
        if whole and all(_take(name, old, to, damaged_files) for name in row.files.values()):
            intact += 1
            took = _measured(connection, row.number)
            if took is not None:
                measured[row.number] = took
        else:
            again += 1
            row = Row(row.number, row.task)
        rows[row.task.subject] = replace(row, state="waiting") if row.state == "running" else row
    to.put(rows.values(), measured)
    return Recovered(intact, again, unreadable)


def _read(connection: sqlite3.Connection, size: int) -> Iterator[tuple[Any, ...] | None]:
    """Row by row, by number: what lies on a damaged page does not hide the others. None: here was one."""
    query = f"SELECT number, {', '.join(COLUMNS)}, checksum FROM tasks WHERE number = ?"
    for number in range(1, size // LEAST_ROW + 1):
        try:
            found = connection.execute(query, (number,)).fetchone()
        except UNREADABLE:
            yield None
            continue
        if found is not None:
            yield found


def _row(found: tuple[Any, ...]) -> Row | None:
    """The row as it was or, where only its outcome is damaged, its task."""
    number, *values, checksum = found
    with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
        row = decode(number, values, checksum)
        if row is not None:
            return row
    with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # a checksum of its own: the identity of the task
        sound = [value.decode() if isinstance(value, bytes) else value for value in values[:6]]
        again = decode(
            number,
            [*sound, "waiting", 0, 0, None, "{}", None],
            row_checksum([*sound, "waiting", 0, 0, None, "{}", None]).encode(),
        )
        if again is not None:
            return again
    return None


def _measured(connection: sqlite3.Connection, number: int) -> Measured | None:
    query = f"SELECT {', '.join(MEASURED)} FROM measured WHERE number = ?"
    with suppress(*UNREADABLE):
        found = connection.execute(query, (number,)).fetchone()
        return None if found is None else measured_of(found)
    return None


def _take(name: str, old: Path, to: Store, known: dict[str, bool]) -> bool:
    """Copy a file that has its checksum."""
    if name not in known:
        path = files_folder(old) / name
        known[name] = Path(name).name == name and content_checksum(path) == name.split(".")[0]
        if known[name]:
            to.keep(name, path.read_bytes())
    return known[name]
