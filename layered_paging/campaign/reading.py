"""A store as everybody but its coordinator sees it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from layered_paging.campaign import schema
from layered_paging.campaign.rows import Measured, Row, read_measured, read_rows


@dataclass(frozen=True, slots=True)
class Contents:
    """``rows`` in the fixed order, ``measured`` by their numbers."""

    rows: list[Row]
    measured: dict[int, Measured]


def read_store(path: Path) -> Contents:
    """All of it, as it is at one moment. Raises StoreFailed, StoreDamaged."""
    with closing(schema.connect(path, writing=False)) as connection, _moment(connection, path):
        return Contents(read_rows(connection, path), read_measured(connection, path))


@contextmanager
def _moment(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    with schema.explained(path):
        connection.execute("BEGIN")
    yield
