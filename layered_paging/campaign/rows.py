"""The rows of a store, as objects."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from layered_paging.campaign.schema import COLUMNS, HINT, MEASURED, explained, row_checksum
from layered_paging.campaign.task import PLACE, Task, canonical, place_in_order
from paging.errors import StoreDamaged

State: TypeAlias = Literal["waiting", "running", "done", "failed", "too-large"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class Measured:
    """``started``: UNIX time of the last attempt; ``peak``: bytes of the worker; ``worker``: where it ran."""

    started: float | None = None
    seconds: float | None = None
    peak: int | None = None
    worker: str | None = None
    package: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One task. ``attempts``: how often it was started; ``lost``: how often its worker died or hung.

    ``files``: file in the folder beside the store, by name; its stem is the SHA-256 of the (unpacked) content.
    """

    number: int
    task: Task
    state: State = "waiting"
    attempts: int = 0
    lost: int = 0
    result: dict[str, Any] | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None

    def values(self) -> tuple[object, ...]:
        """As COLUMNS."""
        task = self.task
        places = {name: value for name, value in task.parameters.items() if name.startswith(PLACE)}
        return (
            task.id,
            task.kind,
            canonical(task.asked),
            canonical(places),
            task.seed,
            task.method,
            self.state,
            self.attempts,
            self.lost,
            None if self.result is None else canonical(self.result),
            canonical(dict(self.files)),
            self.error,
        )


def decode(number: int, values: Sequence[Any], checksum: object) -> Row | None:
    """The row of these values; None if they are not those that were written."""
    if not isinstance(checksum, bytes) or row_checksum(values).encode() != checksum:
        return None
    plain: list[Any] = [value.decode() if isinstance(value, bytes) else value for value in values]
    id_, kind, parameters, places, seed, method, state, attempts, lost, result, files, error = plain
    task = Task(kind, json.loads(parameters) | json.loads(places), seed, method)
    if task.id != id_ or state not in STATES:
        return None
    found = None if result is None else json.loads(result)
    return Row(number, task, state, attempts, lost, found, json.loads(files), error)


def read_rows(connection: sqlite3.Connection, path: Path) -> list[Row]:
    """All rows, in the fixed order. Raises StoreDamaged if one is not as it was written."""
    with explained(path):
        found = connection.execute(f"SELECT number, {', '.join(COLUMNS)}, checksum FROM tasks").fetchall()
    rows = []
    for number, *values, checksum in found:
        row = decode(number, values, checksum)
        if row is not None:
            rows.append(row)
    if len(rows) < len(found):
        raise StoreDamaged(
            f"{path}: damaged: {len(found) - len(rows)} of {len(found)} rows are not as they were written; {HINT}"
        )
    return sorted(rows, key=lambda row: place_in_order(row.task))


def read_measured(connection: sqlite3.Connection, path: Path) -> dict[int, Measured]:
    """By the numbers of the rows."""
    with explained(path):
        found = connection.execute(f"SELECT number, {', '.join(MEASURED)} FROM measured").fetchall()
    return {number: measured_of(values) for number, *values in found}


def measured_of(values: Sequence[Any]) -> Measured:
    """As MEASURED; nothing depends on these, and no checksum guards them."""
    plain: list[Any] = [v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in values]
    return Measured(*plain)
