"""A task: a computation described by data alone, and by nothing else."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

Parameters: TypeAlias = dict[str, Any]
"""Names and JSON values: numbers, text, truth values, lists and objects of them. A name that begins with @ says where
something lies (a trace of known content, say) and is no part of the task's identity."""

PLACE = "@"


def canonical(value: object) -> str:
    """Equal values, equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, eq=False)
class Task:
    """``method``: version of the code that computes this kind; another method makes another task."""

    kind: str
    parameters: Parameters
    seed: int
    method: int

    @cached_property
    def id(self) -> str:
        """Identity: SHA-256 of the canonical JSON of all four, but for places."""
        text = canonical([self.kind, self.asked, self.seed, self.method])
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def asked(self) -> Parameters:
        """The parameters but for places."""
        return {name: value for name, value in self.parameters.items() if not name.startswith(PLACE)}

    @property
    def subject(self) -> str:
        """What is asked, whatever the method."""
        return canonical([self.kind, self.asked, self.seed])

    def __str__(self) -> str:
        values = " ".join(f"{name}={_short(value)}" for name, value in sorted(self.asked.items()))
        return f"{self.kind} {values}" + (f" seed={self.seed}" if self.seed else "")


def place_in_order(task: Task) -> tuple[Any, ...]:
    """Sorts tasks: by kind, then by the parameters in the order of their names, numbers as numbers."""
    values = [
        (name, type(value) is not int, value if type(value) is int else canonical(value))
        for name, value in sorted(task.asked.items())
    ]
    return task.kind, values, task.seed, task.method


def _short(value: object) -> str:
    text = value if isinstance(value, str) else canonical(value)
    return text if len(text) <= 24 else text[:23] + "…"
