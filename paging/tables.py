"""Tables as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paging.replay import Run


def aligned(
    columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int] = ()
) -> Iterator[str]:
    """Aligned columns; those whose indices are in ``numeric`` are flush right. Wide lines are not cut."""
    widths = [max(len(row[i]) for row in (columns, *rows)) for i in range(len(columns))]
    for row in (columns, ["-" * width for width in widths], *rows):
        cells = (
            cell.rjust(width) if i in numeric else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def run_table(run: Run, most: int = 60) -> Iterator[str]:
    """A run round by round: a star marks a miss, pages are layer.expert; of a long run the last ``most`` rounds."""
    experts = run.instance.experts

    def name(page: int) -> str:
        return f"{page // experts}.{page % experts}"

    rounds = run.table()
    if len(rounds) > most:
        yield f"(the first {len(rounds) - most} rounds are left out)"
    rows = [
        [
            str(one.number),
            " ".join(
                name(page) + ("" if hit else "*") for page, hit in zip(one.requests, one.hits, strict=True)
            ),
            " ".join(map(name, one.evicted)),
            "" if not one.growth else f"+{one.growth}",
            "" if one.sets is None else " | ".join(" ".join(map(name, sorted(pages))) for pages in one.sets),
        ]
        for one in rounds[-most:]
    ]
    yield from aligned(
        ["round", "requests (* miss)", "evicts", "OPT", "sets of the offset function"], rows, (0,)
    )
