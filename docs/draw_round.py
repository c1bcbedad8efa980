"""The picture of the first page: one round of layered paging. ``python docs/draw_round.py`` draws it again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from paging.course import Course
from paging.model import Instance, Page

PICTURE = Path(__file__).parent / "round.svg"
INSTANCE = Instance(layers=3, experts=4, cache=6)
BEFORE = (3, 4, 10, 1, 7, 8, 2, 6, 8, 1, 4, 11)
ROUND = (1, 5, 10)
"""Pages that were asked for before, and the round that is shown."""

COLOURS = ("#0b6e99", "#b35900", "#5b3a8c")
"""Of the layers; dark enough for white letters."""


def picture() -> str:
    """The round as SVG: the layers with the cached pages filled, what happened, and the sets (L_1..L_k) after it."""
    course = Course("lru", INSTANCE)
    for page in BEFORE:
        course.request(page)
    told = []
    for page in ROUND:
        missed, grows = course.request(page)
        gone = ", ".join(map(_name, sorted(course.player.last_victims)))
        told.append(
            ("miss" if missed else "hit")
            + (f", {gone} leaves" if gone else "")
            + (", OPT +1" if grows else "")
        )
    body = [*_layers(frozenset(course.player.cache), told), *_sets(course.offset.sets())]
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 232" role="img" '
            'font-family="system-ui, sans-serif" font-size="15" fill="#222">',
            "<title>One round of layered paging: three layers with four experts each, a cache of six slots</title>",
            '<rect width="900" height="232" rx="8" fill="#fff"/>',
            *body,
            "</svg>\n",
        ]
    )


def _layers(cache: frozenset[Page], told: list[str]) -> Iterator[str]:
    yield _text(20, 28, "One round asks each layer for one expert; filled: in the cache (k = 6)")
    for layer in range(INSTANCE.layers):
        y = 46 + 58 * layer
        yield _text(20, y + 25, f"layer {layer}")
        for page in INSTANCE.layer_pages(layer):
            x = 90 + 58 * (page % INSTANCE.experts)
            if page == ROUND[layer]:
                place = f'x="{x - 4}" y="{y - 4}" width="54" height="46" rx="8"'
                yield f'<rect {place} fill="none" stroke="#222" stroke-width="2.5"/>'
            yield from _page(x, y, page, page in cache)
        yield _text(330, y + 25, f"{_name(ROUND[layer])}: {told[layer]}")


def _sets(sets: tuple[frozenset[Page], ...]) -> Iterator[str]:
    yield _text(560, 28, "OPT’s caches: at least i pages of L₁ … Lᵢ")
    for i, pages in enumerate(sets):
        x = 560 + 55 * i
        yield f'<text x="{x + 23}" y="222" text-anchor="middle">L<tspan font-size="11" dy="3">{i + 1}</tspan></text>'
        for j, page in enumerate(sorted(pages)):
            yield from _page(x, 166 - 42 * j, page, True, 36)


def _page(x: int, y: int, page: Page, filled: bool, height: int = 38) -> Iterator[str]:
    colour = COLOURS[page // INSTANCE.experts]
    fill, letters = (colour, "#fff") if filled else ("#fff", "#222")
    yield f'<rect x="{x}" y="{y}" width="46" height="{height}" rx="5" fill="{fill}" stroke="{colour}" stroke-width="1.5"/>'
    yield f'<text x="{x + 23}" y="{y + height // 2 + 5}" text-anchor="middle" fill="{letters}">{_name(page)}</text>'


def _text(x: int, y: int, words: str) -> str:
    return f'<text x="{x}" y="{y}">{words}</text>'


def _name(page: Page) -> str:
    return f"{page // INSTANCE.experts}.{page % INSTANCE.experts}"


if __name__ == "__main__":
    PICTURE.write_text(picture())
