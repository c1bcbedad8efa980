"""What is known of the best ratios at an instance: the theorems, and the certified values of the atlas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from bounds.values import Known, value
from paging.exact import Value
from paging.model import Instance
from proofs.atlas_table import value as parse

ATLAS = "atlas"
"""What proves a bound that stands in proofs/atlas.json and that no theorem gives."""


def known(instance: Instance) -> Known:
    """Bounds on the best deterministic and the best randomized ratio, and what proves them."""
    found = value(instance)
    computed = cells(instance)
    deterministic, randomized = found.deterministic, found.randomized
    for column in ("deterministic", "guided"):  # what a guided policy can, some policy can
        if column in computed:
            low, high = _sides(computed[column])
            least = low if column == "deterministic" else deterministic.lower
            deterministic = deterministic.within(least, high, ATLAS)
    if "randomized" in computed:
        randomized = randomized.within(*_sides(computed["randomized"]), ATLAS)
    return Known(instance, deterministic, randomized)


def cells(instance: Instance) -> Mapping[str, Any]:
    """The cells of the atlas at an instance, by column; none where it has no row."""
    return _cells().get((instance.layers, instance.experts, instance.cache), {})


def _sides(cell: dict[str, Any]) -> tuple[Value, Value]:
    return parse(cell["lower"]), parse(cell["upper"])


@cache
def _cells() -> dict[tuple[int, int, int], dict[str, Any]]:
    import proofs

    rows = json.loads((Path(proofs.__file__).parent / "atlas.json").read_bytes())["rows"]
    return {(row["layers"], row["experts"], row["cache"]): row["cells"] for row in rows}
