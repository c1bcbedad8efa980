"""What differs between two stores."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from layered_paging.campaign.reading import read_store
from layered_paging.campaign.rows import Row
from layered_paging.campaign.task import canonical

FINISHED = ("done", "failed", "too-large")


@dataclass(frozen=True, slots=True)
class Difference:
    """``what``: changed, only-in-a or only-in-b (a task that the other store lacks, or has not finished)."""

    what: Literal["changed", "only-in-a", "only-in-b"]
    task: str
    details: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {"what": self.what, "task": self.task, "details": list(self.details)}


def diff(a: Path, b: Path) -> list[Difference]:
    """Finished tasks that ask the same, by whatever method, and do not have the same outcome; and those of one store only."""
    first, second = (
        {row.task.subject: row for row in read_store(path).rows if row.state in FINISHED} for path in (a, b)
    )
    found = []
    for subject in [*first, *(s for s in second if s not in first)]:
        one, two = first.get(subject), second.get(subject)
        if one is not None and two is not None:
            if details := _details(one, two):
                found.append(Difference("changed", str(one.task), details))
        elif one is not None:
            found.append(Difference("only-in-a", str(one.task)))
        elif two is not None:
            found.append(Difference("only-in-b", str(two.task)))
    return found


def _details(one: Row, two: Row) -> tuple[str, ...]:
    pairs: list[tuple[str, object, object]] = [("state", one.state, two.state)]
    if one.state == two.state == "failed":
        pairs.append(("error", one.error, two.error))
    a, b = one.result or {}, two.result or {}
    pairs += [(name, a.get(name), b.get(name)) for name in sorted(a.keys() | b.keys())]
    pairs.append(("files", dict(one.files), dict(two.files)))
    return tuple(f"{name}: {_short(x)} -> {_short(y)}" for name, x, y in pairs if x != y)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else canonical(value)
    return text if len(text) <= 60 else text[:59] + "…"
