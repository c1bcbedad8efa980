"""The table of policies, with the figures as the command line prints them."""

from __future__ import annotations

from collections.abc import Sequence

from layered_paging.pages.table import Cell, table
from paging.measure import Row


def policies_table(rows: Sequence[Row], unit: str, about: str | None = None) -> str:
    """HTML; the row of the policy ``about`` is marked."""
    marked = next((i for i, row in enumerate(rows) if row.policy == about), None)
    cells = [
        [Cell(row.policy), *(Cell(text, key) for text, key in zip(row.texts, _keys(row), strict=True))]
        for row in rows
    ]
    columns = ("policy", f"cache ({unit})", "misses", "hit rate", "ratio to OPT")
    return table("Policies", columns, cells, marked)


def _keys(row: Row) -> tuple[float, ...]:
    return row.cache, row.misses, row.hit_rate, float(row.ratio_to_opt)
