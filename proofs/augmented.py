"""Against an optimum with fewer slots: the table of exact ratios. ``python -m proofs.augmented`` writes augmented.md again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from bounds.exact.deterministic import best_deterministic
from bounds.exact.ratio import exact_ratio
from paging.exact import Value, exact
from paging.files import write_atomically
from paging.model import Instance
from proofs.atlas_cells import instances

PAGE = Path(__file__).with_suffix(".md")
PAGES = 8
"""The table has all instances with l <= k < n*l <= PAGES and more than one layer."""


@dataclass(frozen=True, slots=True)
class Row:
    """Exact ratios against an optimum with ``slots`` slots."""

    instance: Instance
    slots: int
    best: Fraction
    lru: Value
    llru: Value

    @property
    def formula(self) -> Fraction:
        """(k - l + 1) / (k - h + 1)."""
        i = self.instance
        return Fraction(i.cache - i.layers + 1, i.cache - self.slots + 1)


def rows(pages: int) -> Iterator[Row]:
    """All instances with so many pages at most, l >= 2, and all h from 1 to k."""
    for instance in instances(pages):
        if instance.layers == 1:
            continue  # k / (k - h + 1) throughout: classical
        for slots in range(1, instance.cache + 1):
            yield Row(
                instance,
                slots,
                best_deterministic(instance, optimum=slots).ratio,
                *(exact_ratio(instance, name, optimum=slots).ratio for name in ("lru", "llru")),
            )


def line(row: Row) -> str:
    """A row of the page."""
    i = row.instance
    ratios = (row.best, row.formula, row.lru, row.llru)
    return f"| {i.layers} | {i.experts} | {i.cache} | {row.slots} | {' | '.join(map(exact, ratios))} |"


def page(table: list[Row]) -> str:
    """The page, with what the table says of the formula counted."""
    wide = [row for row in table if row.slots >= row.instance.layers]
    full = [row for row in wide if row.instance.cache == row.instance.pages - 1]
    less = sum(row.best < row.formula for row in wide)
    equal = sum(row.best == row.formula for row in full)
    head = INTRODUCTION.format(less=less, wide=len(wide), equal=equal, full=len(full))
    return "\n".join([head, *map(line, table), ""])


INTRODUCTION = """\
# Against an optimum with fewer slots

The policy has k slots, the optimum h ≤ k. For one layer the best deterministic ratio is k/(k−h+1), and LRU has it (Sleator &
Tarjan 1985). For more layers: exact values by computation, of the game of all policies and of the graphs of LRU and LLRU (tag
`computed`). `layered-paging optimum -l 2 -n 3 -k 4 --opt-cache 3` and `layered-paging ratio lru -l 2 -n 3 -k 4 --opt-cache 3`
compute one of them; with `--certificate FILE` and `--bound lower` or `upper` they write what [verify.py](verify.py) checks.

Is the best deterministic ratio (k−l+1)/(k−h+1), as it is for h = k ≥ l+2? Only at the edge. For l ≤ h ≤ k it is
smaller on {less} of the {wide} instances of the table; it is equal on {equal} of the {full} with k = n·l−1, where all pages
but one fit; and it is larger at (2,3,4) with h = 3, for example: 5/3 against 3/2. For h < l the optimum misses in
every round, whatever is asked, and the formula says nothing. None of this is proved: patterns of computed values.
`augmented-upper` and `llru-upper` are theorems, and hold on every row.

| l | n | k | h | best deterministic | (k−l+1)/(k−h+1) | LRU | LLRU |
| --- | --- | --- | --- | --- | --- | --- | --- |"""


if __name__ == "__main__":
    write_atomically(PAGE, page(list(rows(PAGES))).encode())
