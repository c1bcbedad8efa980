"""The levels of pages on real pages: L_1 has the page alone; sets before its own move up, the rest of its own joins the next.

And how the format writes what it sees of them: the labels (level, token) of the layers from the one whose turn it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.proofs.judge.optimum import Problem


def raised(levels: Sequence[int], page: int, slots: int) -> tuple[tuple[int, ...], int]:
    """The levels after a request of a page, and the growth of the optimum. k + 1: in no set; from there 1 and 2 are joined."""
    at = levels[page]
    if at > slots:
        new = [2 if level == 1 else level for level in levels]
    else:
        new = [level + 1 if level <= at else level for level in levels]
    new[page] = 1
    return tuple(new), int(at > slots)


def rows(problem: Problem, turn: int, levels: Sequence[int], tokens: Sequence[int]) -> list[list[int]]:
    """The pages of each layer in the order of their labels, equal ones by number."""
    layers = [problem.turn((turn + step) % problem.layers) for step in range(problem.layers)]
    return [sorted(pages, key=lambda p: (levels[p], tokens[p], p)) for pages in layers]


def written(ordered: list[list[int]], levels: Sequence[int], tokens: Sequence[int]) -> str:
    """The text of a state without unused slots."""
    return "|".join(" ".join(f"{levels[p]}.{tokens[p]}" for p in row) for row in ordered)
