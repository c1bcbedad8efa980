"""Lines of JSON objects, one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from paging.errors import InvalidTrace
from paging.traces.source import quote

Record = Mapping[str, Any]


def records(content: bytes, where: str) -> Iterator[tuple[int, Record]]:
    """The number of each line that is not blank, and its object. Raises InvalidTrace."""
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            yield number, parsed(line, f"{where}:{number}")


def parsed(text: bytes, place: str) -> Record:
    """A JSON object. Raises InvalidTrace, also for NaN and infinities, which JSON has not."""
    try:
        found = json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant)
    except _TwiceError as error:
        raise InvalidTrace(f"{place}: {quote(str(error))} stands twice in one record") from None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InvalidTrace(f"{place}: expected a JSON object, got {quote(text)}")
    return found


def first_record(content: bytes) -> Record:
    """The object of the first line; an empty one where there is none."""
    try:
        return parsed(content.split(b"\n", 1)[0], "")
    except InvalidTrace:
        return {}


def count(record: Record, name: str, place: str) -> int:
    """A number from 0 on. Raises InvalidTrace."""
    value = record.get(name)
    if type(value) is not int or not 0 <= value < 2**31:
        raise InvalidTrace(f"{place}: {name}: expected an integer from 0 on, got {quote(repr(value)[:80])}")
    return value


def expert_ids(record: Record, name: str, place: str) -> list[int]:
    """A list of different numbers from 0 on. Raises InvalidTrace."""
    value = record.get(name)
    if not isinstance(value, list) or not all(
        type(expert) is int and 0 <= expert < 2**31 for expert in value
    ):
        raise InvalidTrace(f"{place}: {name}: expected a list of expert ids, got {quote(repr(value)[:80])}")
    return value


class _TwiceError(ValueError):
    pass


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return found


def _constant(name: str) -> None:
    raise ValueError(name)
