"""Tables in HTML; table.js makes those of the class ``sortable`` sortable."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from layered_paging.pages.escaping import escaped


@dataclass(frozen=True, slots=True)
class Cell:
    """``text`` as it is shown; ``key``: a number to sort by, None: by the text; ``link``: where the text leads."""

    text: str
    key: float | None = None
    link: str | None = None


def table(
    caption: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], marked: int | None = None
) -> str:
    """The first cell of a row is its heading. ``marked``: the row that the page is about."""
    heads = "".join(f'<th scope="col">{escaped(column)}</th>' for column in columns)
    lines = []
    for number, row in enumerate(rows):
        attribute = ' class="marked"' if number == marked else ""
        lines.append(f"<tr{attribute}>{''.join(_cell(cell, i) for i, cell in enumerate(row))}</tr>")
    return (
        f'<div class="scrolls" tabindex="0" role="region" aria-label="{escaped(caption)}"><table class="sortable">\n'
        f"<caption>{escaped(caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"
        + "\n".join(lines)
        + "\n</tbody></table></div>"
    )


def _cell(cell: Cell, index: int) -> str:
    name, scope = ("td", "") if index else ("th", ' scope="row"')
    value = "Infinity" if cell.key == math.inf else repr(cell.key)  # as JavaScript reads it
    key = "" if cell.key is None else f' class="number" data-key="{value}"'
    text = escaped(cell.text)
    if cell.link is not None:
        text = f'<a href="{escaped(cell.link)}">{text}</a>'
    return f"<{name}{scope}{key}>{text}</{name}>"
