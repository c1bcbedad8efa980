"""A plain list of page numbers, one per line: a trace without layers (l = 1, one page per token).

Where the format is named, and not guessed, the numbers may also be separated by commas.
"""

from __future__ import annotations

import re

from paging.errors import InvalidTrace
from paging.model import LARGEST
from paging.traces.source import quote
from paging.traces.trace import Trace

DIGITS = tuple(b"%d" % digit for digit in range(10))
"""How such a file begins."""


def read_pages(content: bytes, where: str) -> Trace:
    """Parse the numbers. Raises InvalidTrace naming ``where`` and the line."""
    import polars as pl

    lines = content.rstrip(b"\n")
    if b"," in lines:
        lines = re.sub(rb",[ \t]*", b"\n", lines)
    try:
        column = pl.read_csv(lines, has_header=False, schema={"page": pl.Int64}, quote_char=None)["page"]
    except (pl.exceptions.PolarsError, MemoryError, OSError):
        raise _blame(content, where) from None
    if column.null_count() or not column.is_between(0, LARGEST - 1).all():
        raise _blame(content, where)
    return Trace.from_array(column.to_numpy().reshape(-1, 1, 1), name=where)


def check_one_column(content: bytes, where: str) -> None:
    """Raise InvalidTrace for numbers in several columns: they may mean anything."""
    comma = content.find(b",")
    if comma < 0:
        return
    line = content.count(b"\n", 0, comma)
    row = content[content.rfind(b"\n", 0, comma) + 1 :].split(b"\n", 1)[0]
    raise InvalidTrace(
        f"{where}:{line + 1}: {row.count(b',') + 1} columns of numbers without a header: a list of pages has one. "
        "Say --format pages if all of them are one list of pages; a table of routed experts begins with the line "
        "'# layered-paging trace v1' (--format text) or '# route_trace v1' (--format route-csv)"
    )


def _blame(content: bytes, where: str) -> InvalidTrace:
    """The first bad line, in words."""
    for line, row in enumerate(content.rstrip(b"\n").split(b"\n"), 1):
        for value in row.strip().split(b","):
            if not re.fullmatch(rb"\s*[0-9]{1,18}\s*", value) or int(value) >= LARGEST:
                return InvalidTrace(
                    f"{where}:{line}: expected page numbers from 0 to {LARGEST - 1}, got {quote(value)}"
                )
    return InvalidTrace(f"{where}: expected page numbers, one per line")
