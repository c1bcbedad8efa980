"""Text tables of the trace formats: comment lines that begin with #, a header, rows of comma separated values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paging.errors import InvalidTrace
from paging.model import LARGEST
from paging.traces.source import LONGEST_QUOTE, quote

if TYPE_CHECKING:
    import polars as pl

_INTEGER = re.compile(rb"\s*\+?[0-9]{1,18}\s*\r?\Z")


@dataclass(frozen=True, slots=True)
class Head:
    """What precedes the rows. ``body`` is the offset of the first row, ``line`` its number, counted from 1."""

    comments: tuple[str, ...]
    header: bytes
    body: int
    line: int

    def numbers(self) -> dict[str, int]:
        """All name=number pairs of the comments; later ones win."""
        pairs = re.findall(r"(\w+)=([0-9]{1,18})(?![\w.])", "\n".join(self.comments))
        return {name: int(value) for name, value in pairs}

    def required(self, names: Sequence[str], where: str) -> list[int]:
        """The numbers of these names. Raises InvalidTrace if one is missing or 0 or too large."""
        numbers = self.numbers()
        for name in names:
            if name not in numbers:
                raise InvalidTrace(f"{where}: expected {name}=NUMBER in the lines that begin with #")
            if not 1 <= numbers[name] <= LARGEST:
                raise InvalidTrace(f"{where}: {name}={numbers[name]}: expected 1 to {LARGEST}")
        return [numbers[name] for name in names]


def read_head(content: bytes, first_line: str, where: str) -> Head:
    """Split off the comments and the header. Raises InvalidTrace unless the first line is ``first_line``."""
    found = content[: LONGEST_QUOTE + len(first_line)].split(b"\n")[0].strip()
    if found != first_line.encode():
        raise InvalidTrace(f"{where}:1: expected {first_line!r}, got {quote(found)}")
    comments: list[str] = []
    position = line = 0
    while True:
        end = content.find(b"\n", position)
        end = len(content) if end < 0 else end
        text = content[position:end].rstrip(b"\r")
        position, line = min(end + 1, len(content)), line + 1
        if not text.startswith(b"#"):
            return Head(tuple(comments), text, position, line + 1)
        comments.append(text.decode("utf-8", "replace"))
        if end >= len(content):
            return Head(tuple(comments), b"", position, line + 1)


def read_rows(
    content: bytes,
    head: Head,
    columns: Sequence[str],
    where: str,
    words: Sequence[str] = (),
    unread: Sequence[str] = (),
) -> pl.DataFrame:
    """The rows as a frame: Int32 columns with values from 0, strings for the columns of ``words``, none for those ``unread``.

    Row i stands in line head.line + i. Raises InvalidTrace, naming the first line that is not as expected, and when there
    are no rows.
    """
    import polars as pl

    if not content[head.body : head.body + 4096].strip():
        raise InvalidTrace(f"{where}: no rows follow the header")
    texts = (*words, *unread)
    read = [name for name in columns if name not in unread]
    schema = {name: pl.String if name in texts else pl.Int32 for name in columns}
    try:
        frame = pl.read_csv(
            content,
            has_header=False,
            schema=schema,
            quote_char=None,
            columns=[number for number, name in enumerate(columns) if name in read],
            skip_lines=head.line - 1,
        )
    except (pl.exceptions.PolarsError, MemoryError, OSError) as error:
        _blame(content, head, columns, where, texts)
        raise InvalidTrace(f"{where}: cannot be read: {str(error).splitlines()[0]}") from None
    whole = all(
        frame[name].null_count() == 0 and (name in words or not (frame[name].to_numpy() < 0).any())
        for name in read
    )
    if not whole:
        _blame(content, head, columns, where, texts)
        raise InvalidTrace(f"{where}: expected {len(columns)} values in every row")
    return frame


def _blame(content: bytes, head: Head, columns: Sequence[str], where: str, words: Sequence[str]) -> None:
    """Find the first bad line and raise InvalidTrace about it; slow, and only run when there is one."""
    rows = content[head.body :].split(b"\n")
    if not rows[-1]:
        rows.pop()
    for line, row in enumerate(rows, head.line):
        values = row.rstrip(b"\r").split(b",")
        if len(values) != len(columns):
            raise InvalidTrace(
                f"{where}:{line}: expected {len(columns)} values, "
                f"got {len(values) if row.strip() else 'an empty line'}"
            )
        for name, value in zip(columns, values, strict=True):
            if name in words:
                continue
            if not _INTEGER.match(value) or int(value) > LARGEST:
                raise InvalidTrace(
                    f"{where}:{line}: {name}: expected an integer from 0 to {LARGEST}, got {quote(value)}"
                )
