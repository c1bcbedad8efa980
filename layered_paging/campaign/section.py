"""A section of a campaign file, read key by key: whatever is not as expected is refused with file, key and expectation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from paging.errors import InvalidArgument, InvalidInstance, LayeredPagingError
from paging.model import Instance
from paging.names import look_up

MOST = 10**6
"""Entries of a list, and tasks of a campaign; more is taken for a slip."""


class Section:
    """Each method takes one key; ``finish`` refuses those that nobody took. ``folder``: where relative paths begin."""

    def __init__(self, values: Mapping[str, Any], where: str, folder: Path) -> None:
        self._values = dict(values)
        self._where = where
        self._taken: set[str] = set()
        self.folder = folder

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def fault(self, key: str, expected: str, found: object = None) -> InvalidArgument:
        """An error about one key."""
        got = (
            "it is missing"
            if key not in self._values
            else f"got {_shown(self._values[key] if found is None else found)}"
        )
        return InvalidArgument(f"{self._where}: {key}: expected {expected}, {got}")

    def take(self, key: str, expected: str, default: Any = None) -> Any:
        """The value, or the default; None as default means that there is none."""
        self._taken.add(key)
        if key not in self._values and default is None:
            raise self.fault(key, expected)
        return self._values.get(key, default)

    def integer(self, key: str, least: int, default: int | None = None, most: int = 2**31 - 1) -> int:
        expected = f"an integer from {least} to {most}" if most < 2**31 - 1 else f"an integer from {least} on"
        value = self.take(key, expected, default)
        if type(value) is not int or not least <= value <= most:
            raise self.fault(key, expected)
        return value

    def integers(self, key: str, least: int, default: Sequence[int] | None = None) -> list[int]:
        """A list of integers without repetitions."""
        expected = f"a list of integers from {least} on"
        values = self._list(key, expected, default)
        for value in values:
            if type(value) is not int or not least <= value < 2**63:
                raise self.fault(key, expected, value)
        return list(dict.fromkeys(values))

    def number(self, key: str) -> float:
        value = self.take(key, "a number above 0")
        if type(value) not in (int, float) or not 0 < value < 1e15:
            raise self.fault(key, "a number above 0")
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        value = self.take(key, "true or false", default)
        if type(value) is not bool:
            raise self.fault(key, "true or false")
        return value

    def word(self, key: str, known: Sequence[str], default: str) -> str:
        """One of ``known``."""
        expected = "one of " + ", ".join(known)
        value = self.take(key, expected, default)
        if not isinstance(value, str) or value not in known:
            raise self.fault(key, expected)
        return value

    def names(
        self, key: str, registry: Mapping[str, object], what: str, default: Sequence[str] | None = None
    ) -> list[str]:
        """Names of a registry without repetitions; default: all of them."""
        expected = f"a list of names ({what})"
        values = self._list(key, expected, list(registry) if default is None else default)
        for value in values:
            if not isinstance(value, str):
                raise self.fault(key, expected, value)
            try:
                look_up(what, value, registry)
            except LayeredPagingError as error:
                raise InvalidArgument(f"{self._where}: {key}: {error}") from None
        return list(dict.fromkeys(values))

    def files(self, key: str) -> list[Path]:
        """Files that are there, relative to the folder of the campaign file."""
        expected = "a list of files"
        paths = []
        for value in self._list(key, expected, None):
            if not isinstance(value, str) or not value or "\0" in value:
                raise self.fault(key, expected, value)
            path = self.folder / value
            try:
                there = path.is_file()
            except OSError:  # a name too long for the system
                there = False
            if not there:
                raise InvalidArgument(f"{self._where}: {key}: {_shown(value)}: no such file")
            paths.append(path)
        return list(dict.fromkeys(paths))

    def instances(self, default_pages: int | None = None) -> list[Instance]:
        """``instances = [[l, n, k], …]``, or ``pages = N``: all with l <= k < n·l <= N."""
        from proofs.atlas_cells import instances

        if "instances" not in self._values:
            return list(instances(self.integer("pages", 2, default_pages, most=24)))
        if "pages" in self._values:
            raise self.fault("pages", "either instances or pages")
        expected = "a list of [layers, experts, cache]"
        found = []
        for value in self._list("instances", expected, None):
            if not isinstance(value, list) or len(value) != 3 or not all(type(v) is int for v in value):
                raise self.fault("instances", expected, value)
            try:
                found.append(Instance(*value))
            except InvalidInstance as error:
                raise InvalidArgument(f"{self._where}: instances: {_shown(value)}: {error}") from None
        return list(dict.fromkeys(found))

    def finish(self) -> None:
        """Raise InvalidArgument if a key was not taken."""
        for key in self._values.keys() - self._taken:
            known = ", ".join(sorted(self._taken))
            raise InvalidArgument(f"{self._where}: unknown key {_shown(key)}, expected one of {known}")

    def _list(self, key: str, expected: str, default: Sequence[Any] | None) -> list[Any]:
        values = self.take(key, expected, default)
        if not isinstance(values, list | tuple) or not values or len(values) > MOST:
            raise self.fault(key, expected)
        return list(values)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
