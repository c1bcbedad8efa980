"""Hit rates against cache sizes, for chart.js: where the lines are, and what the cursor reads, as text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layered_paging.pages.escaping import visible
from paging.curve import Curve
from paging.measure import Measurement, best_rows

MOST_SIZES = 8192
GIB = 2**30

Misses = Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Lines:
    """Cache ``sizes`` in rising order, in ``unit`` (slots or bytes); ``misses`` at each of them by name, None where there is no
    number; ``shown``: the names that are drawn at first."""

    sizes: Sequence[int]
    unit: str
    misses: Mapping[str, Misses]
    shown: Collection[str]


def every_size(curve: Curve, cache: int) -> Lines:
    """All sizes up to the one from which on nothing changes, and to ``cache``; where these are more than MOST_SIZES, so many of
    them evenly, ``cache`` among them."""
    at = min(cache, int(curve.cache[-1])) - int(curve.cache[0])
    last = max(curve.settles - int(curve.cache[0]), at)
    kept = np.unique([at, *np.linspace(0, last, min(last + 1, MOST_SIZES)).astype(np.int64)])
    lines = {"OPT": curve.opt[kept].tolist(), "LRU": curve.lru[kept].tolist()}
    return Lines(curve.cache[kept].tolist(), "slots", lines, tuple(lines))


def measured_sizes(found: Measurement, best: int) -> Lines:
    """Those of a measurement; the policy with the fewest misses at the largest one first. Shown: the ``best`` at each size."""
    sizes = sorted({row.cache for row in found.rows})
    misses = {(row.policy, row.cache): row.misses for row in found.rows}
    names = {row.policy: None for row in sorted(found.rows, key=lambda row: (-row.cache, row.misses))}
    lines = {name: [misses.get((name, size)) for size in sizes] for name in names}
    return Lines(sizes, found.unit, lines, {row.policy for row in best_rows(found.rows, best)})


def chart(
    lines: Lines,
    requests: int,
    at: int,
    page_bytes: float | None = None,
    point: tuple[str, int] | None = None,
    time: Callable[[int], str] | None = None,
) -> dict[str, Any]:
    """``at``: the size where the cursor begins; ``point``: name and misses of one policy there; ``time``: what so many misses
    take, in words."""
    each = 1.0 if lines.unit == "bytes" else page_bytes
    return {
        "unit": lines.unit,
        "requests": requests,
        "sizes": lines.sizes,
        "at": at,
        "gib": None if each is None else [f"{size * each / GIB:.2f} GiB" for size in lines.sizes],
        "lines": [
            {
                "name": visible(name),
                "shown": name in lines.shown,
                "misses": misses,
                "rates": [None if count is None else _rate(count, requests) for count in misses],
                "times": time and [None if count is None else time(count) for count in misses],
            }
            for name, misses in lines.misses.items()
        ],
        "point": point and {"name": visible(point[0]), "misses": point[1], "rate": _rate(point[1], requests)},
    }


def _rate(misses: int, requests: int) -> str:
    return f"{1 - misses / requests:.2%}"
