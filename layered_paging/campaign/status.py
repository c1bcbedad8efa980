"""How far a campaign is; to be asked while it runs."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layered_paging.campaign.lock import coordinated
from layered_paging.campaign.reading import Contents, read_store
from layered_paging.campaign.rows import STATES


@dataclass(frozen=True, slots=True)
class Status:
    """``counts``: tasks by kind and state. ``running``: tasks with the seconds since they began; none if no coordinator is
    there (``coordinated``), as a killed one leaves them so. ``failures``: tasks with what went wrong. ``remaining``: seconds,
    estimated from the tasks that are done; None where nothing runs or is known."""

    coordinated: bool
    counts: dict[str, dict[str, int]]
    running: list[tuple[str, float]]
    failures: list[tuple[str, str]]
    remaining: float | None

    @property
    def open(self) -> bool:
        """Whether there is something left to do."""
        return any(counts["waiting"] or counts["running"] for counts in self.counts.values())

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "coordinated": self.coordinated,
            "counts": self.counts,
            "running": [{"task": task, "seconds": seconds} for task, seconds in self.running],
            "failures": [{"task": task, "error": error} for task, error in self.failures],
            "remaining": self.remaining,
        }


def status(store: Path) -> Status:
    """Raises StoreFailed, StoreDamaged."""
    there = coordinated(store)
    contents = read_store(store)
    counts: dict[str, Counter[str]] = {}
    for row in contents.rows:
        counts.setdefault(row.task.kind, Counter())[row.state] += 1
    now = time.time()
    begun = {
        row.number: contents.measured[row.number].started
        for row in contents.rows
        if row.number in contents.measured
    }
    return Status(
        there,
        {kind: {state: found[state] for state in STATES} for kind, found in counts.items()},
        [
            (str(row.task), max(0.0, now - (begun.get(row.number) or now)))
            for row in contents.rows
            if row.state == "running" and there
        ],
        [(str(row.task), row.error or "") for row in contents.rows if row.state in ("failed", "too-large")],
        _remaining(contents) if there else None,
    )


def _remaining(contents: Contents) -> float | None:
    """The mean of each kind's finished tasks, times what is left of it, shared by as many as run now."""
    running = sum(row.state == "running" for row in contents.rows)
    spent: dict[str, list[float]] = {}
    for row in contents.rows:
        seconds = contents.measured[row.number].seconds if row.number in contents.measured else None
        if row.state == "done" and seconds is not None:
            spent.setdefault(row.task.kind, []).append(seconds)
    left = Counter(row.task.kind for row in contents.rows if row.state in ("waiting", "running"))
    if not running or not left.keys() <= spent.keys():
        return None
    return sum(count * sum(spent[kind]) / len(spent[kind]) for kind, count in left.items()) / running
