"""The store as its coordinator has it: the only one that writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from layered_paging.campaign import schema
from layered_paging.campaign.kinds.kind import Kind
from layered_paging.campaign.lock import coordinator_lock
from layered_paging.campaign.rows import Measured, Row, read_rows
from layered_paging.campaign.schema import COLUMNS, MEASURED, explained, row_checksum
from layered_paging.campaign.task import Task, canonical
from paging.errors import InvalidArgument, StoreDamaged, StoreFailed
from paging.files import write_atomically


def files_folder(store: Path) -> Path:
    """Where the certificates and instances of a store lie, named by checksum."""
    return store.with_name(store.name + ".files")


class Store:
    """Open with :func:`open_store`. Every change is one transaction; files are complete before a row names them."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        schema.check(connection, path)
        self.release()
        self._check_files()

    def add(self, tasks: Iterable[Task], kinds: Mapping[str, Kind]) -> list[int]:
        """Enter the tasks that are missing; the numbers of all of them. Tasks of older methods become those of now.

        Raises InvalidArgument for rows of a kind that does not exist.
        """
        changed: list[Row] = []
        for row in self.rows.values():
            if row.task.kind not in kinds:
                raise InvalidArgument(f"{self.path}: holds tasks of an unknown kind {row.task.kind!r}")
            method = kinds[row.task.kind].method
            if row.task.method != method:
                changed.append(Row(row.number, replace(row.task, method=method)))
        self.put(changed)
        known = {row.task.subject: row for row in self.rows.values()}
        numbers: dict[int, None] = {}
        changed = []
        following = max(self.rows, default=0) + 1
        for task in tasks:
            found = known.get(task.subject)
            if found is None:
                row = Row(following, task)
                following += 1
                changed.append(row)
            elif canonical(found.task.parameters) == canonical(task.parameters):
                row = found
            else:  # something lies elsewhere now
                row = replace(found, task=task)
                changed.append(row)
            known[task.subject] = row
            numbers[row.number] = None
        self.put(changed)
        return list(numbers)

    def put(self, rows: Iterable[Row], measured: Mapping[int, Measured] | None = None) -> None:
        """Write rows, and what was measured by their numbers. Raises StoreFailed."""
        changed = list(rows)
        if not changed:
            return
        names = ("number", *COLUMNS, "checksum")
        marks = ", ".join("?" * len(names))
        with explained(self.path), self._transaction():
            self._connection.executemany(
                f"INSERT OR REPLACE INTO tasks ({', '.join(names)}) VALUES ({marks})",
                [(row.number, *row.values(), row_checksum(row.values())) for row in changed],
            )
            self._connection.executemany(
                f"INSERT OR REPLACE INTO measured (number, {', '.join(MEASURED)}) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (number, *(getattr(one, name) for name in MEASURED))
                    for number, one in (measured or {}).items()
                ],
            )
        self.rows.update({row.number: row for row in changed})

    def keep(self, name: str, content: bytes) -> None:
        """Put a file, named by the checksum of its content, beside the store. Raises StoreFailed."""
        folder = files_folder(self.path)
        try:
            folder.mkdir(exist_ok=True)
            write_atomically(folder / name, content, durable=True)
        except OSError as error:
            raise StoreFailed(f"{folder}: cannot be written: {error.strerror}") from None
        except InvalidArgument as error:
            raise StoreFailed(str(error)) from None

    def release(self) -> None:
        """Nothing is in flight any more.

        What was in flight is asked of the file: an interruption may come between a transaction and what is remembered of it.
        """
        with explained(self.path):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        self._read()
        self.put([replace(row, state="waiting") for row in self.rows.values() if row.state == "running"])

    def _read(self) -> None:
        self.rows = {row.number: row for row in read_rows(self._connection, self.path)}

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _check_files(self) -> None:
        folder = files_folder(self.path)
        missing = [f for row in self.rows.values() for f in row.files.values() if not (folder / f).is_file()]
        if missing:
            raise StoreDamaged(
                f"{self.path}: damaged: {len(missing)} files are missing in {folder}, first {missing[0]}; {schema.HINT}"
            )


@contextmanager
def open_store(path: Path, *, create: bool = False) -> Iterator[Store]:
    """The store, made if it is not there and ``create``; what was in flight when its last coordinator died waits again.

    Raises StoreInUse, StoreFailed, StoreDamaged.
    """
    if not create and not path.exists():
        raise StoreFailed(f"{path}: no such store")
    if not path.parent.is_dir():
        raise StoreFailed(f"{path}: the folder {path.parent} does not exist")
    if path.is_dir():
        raise StoreFailed(f"{path}: expected a campaign's store, this is a folder")
    with coordinator_lock(path):
        if not path.exists():
            schema.create(path)
        connection = schema.connect(path, writing=True)
        try:
            yield Store(path, connection)
        finally:
            with suppress(sqlite3.Error):  # one file again, readable without its neighbours
                connection.execute("PRAGMA journal_mode=DELETE")
            connection.close()
