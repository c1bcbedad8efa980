"""Games that are hard to find by chance: on each, a well-known policy loses a property."""

from __future__ import annotations

from collections.abc import Mapping

from paging.model import Instance, Requests

Game = tuple[Instance, Requests]


def _game(layers: int, experts: int, cache: int, text: str) -> Game:
    pages = [int(page) for page in text.split()]
    return Instance(layers, experts, cache), Requests.of(layers, experts, pages)


BELADY = _game(1, 5, 3, "0 1 2 3 0 1 4 0 1 2 3 4")
"""Belady, Nelson, Shedler (1969): FIFO has 9 misses with 3 slots, 10 with 4."""

GUIDED_FAR = _game(3, 5, 4, "0 5 10 0 5 10 2 5 10 2 5 14 1 8 10 4 6 11 4 7 10 0 8")

GUIDED_LLRU = _game(
    3,
    3,
    5,
    "0 3 6 1 3 7 1 4 8 0 3 6 2 5 8 0 3 6 1 5 6 2 4 7 0 3 6 1 3 7 1 3 8 2 5 7 2 5 8 2 4 7 2 4 6 2 3 6 1 5 7 1 4",
)

SMALL: tuple[Game, ...] = tuple(
    (
        Instance(*shape),
        Requests.of(
            *shape[:2], [layer * shape[1] + e for e in range(shape[1]) for layer in range(shape[0])] * 2
        ),
    )
    for shape in ((1, 2, 1), (1, 3, 2), (2, 2, 2), (2, 2, 3))
)
"""Twice round all pages, the smallest instances first: what goes wrong at once goes wrong here."""

KNOWN: Mapping[str, Game] = {"belady": BELADY, "guided-far": GUIDED_FAR, "guided-llru": GUIDED_LLRU}
"""FIFO, guided-far and guided-llru keep a page with k slots that they lack with k + 1."""
