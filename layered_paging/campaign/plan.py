"""Campaign files: what is to be computed, in TOML.

time_limit = 600          # seconds for one task; without it there is no limit
memory = "8GB"            # for all tasks together; default: the machine's

[[tasks]]                 # one or more sections
kind = "atlas-cell"       # the other keys are those of the kind: layered_paging/campaign/kinds
pages = 6
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from layered_paging.campaign.kinds.kind import Kind
from layered_paging.campaign.section import MOST, Section
from layered_paging.campaign.task import Task
from paging.bytes import parse_bytes
from paging.errors import InvalidArgument
from paging.untrusted import read_regular

LARGEST_FILE = 10**6
"""Bytes of a campaign file; more is taken for another file."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``time_limit`` in seconds, ``memory`` in bytes, or None."""

    tasks: tuple[Task, ...]
    time_limit: float | None = None
    memory: int | None = None


def read_plan(path: Path, kinds: Mapping[str, Kind]) -> Plan:
    """Read a campaign file. Raises InvalidArgument naming the file, the key, and what was expected."""
    try:
        content = read_regular(path, "a campaign file (TOML)", most=LARGEST_FILE)
        values = tomllib.loads(content.decode())
    except UnicodeDecodeError:
        raise InvalidArgument(f"{path}: not text in UTF-8, expected a campaign file (TOML)") from None
    except (ValueError, RecursionError, OverflowError) as error:
        said = " ".join(str(error).split())[:200]
        raise InvalidArgument(f"{path}: not TOML: {said}") from None
    return make_plan(values, str(path), path.parent, kinds)


def make_plan(values: Mapping[str, Any], where: str, folder: Path, kinds: Mapping[str, Kind]) -> Plan:
    """The plan that these values describe; relative paths begin at ``folder``. Raises InvalidArgument."""
    top = Section(values, where, folder)
    limit = top.number("time_limit") if "time_limit" in top else None
    memory = None
    if "memory" in top:
        text = top.take("memory", 'bytes, as "8GB"')
        memory = parse_bytes(text) if isinstance(text, str) else None
        if memory is None:
            raise top.fault("memory", 'bytes, as "8GB"')
    expected = "[[tasks]] sections"
    sections = top.take("tasks", expected)
    if not isinstance(sections, list) or not sections or not all(isinstance(one, dict) for one in sections):
        raise top.fault("tasks", expected)
    top.finish()
    tasks: dict[str, Task] = {}
    for number, section in enumerate(sections, 1):
        for task in _expand(Section(section, f"{where}: tasks {number}", folder), kinds):
            tasks[task.id] = task
            if len(tasks) > MOST:
                raise InvalidArgument(f"{where}: more than {MOST:,} tasks")
    if not tasks:
        raise InvalidArgument(f"{where}: no task fits what is asked for")
    return Plan(tuple(tasks.values()), limit, memory)


def _expand(section: Section, kinds: Mapping[str, Kind]) -> Iterable[Task]:
    name = section.take("kind", "one of " + ", ".join(kinds))
    if not isinstance(name, str) or name not in kinds:
        raise section.fault("kind", "one of " + ", ".join(kinds))
    kind = kinds[name]
    found = kind.expand(section)  # takes its keys at once, and makes the tasks one by one
    section.finish()
    return (Task(name, parameters, seed, kind.method) for parameters, seed in islice(found, MOST + 1))
