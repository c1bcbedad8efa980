"""The table of README's first screen, policy by range of k, against the theorems (guided-keep at k = l: the atlas)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

import proofs
from bounds.theorems.registry import THEOREMS
from bounds.values import value
from paging.model import Instance
from paging.policies.registry import POLICIES

README = Path(__file__).parents[2] / "README.md"
ATLAS = json.loads((Path(proofs.__file__).parent / "atlas.json").read_bytes())["rows"]
COLUMNS = {
    "k = l": lambda l_, k: k == l_,
    "k = l+1, l ≥ 3": lambda l_, k: k == l_ + 1 and l_ >= 3,
    "l+2 ≤ k < 2l−1": lambda l_, k: l_ + 2 <= k < 2 * l_ - 1,
    "2l−1 ≤ k": lambda l_, k: 2 * l_ - 1 <= k,
}
INSTANCES = [Instance(l_, 12, k) for l_ in range(2, 6) for k in range(l_, 4 * l_ + 2)]


def says(cell: str, l_: int, k: int) -> tuple[object, object]:
    """From below and from above, None where a cell is silent."""
    token, far = 2 - Fraction(1, l_), k + l_ - 1 if k >= 4 * l_ - 1 else None
    return {
        "2−1/l": (token, token),
        "between 2 and 5/2": (2, Fraction(5, 2)),
        "≤ 5/2": (None, Fraction(5, 2)),
        "≤ l": (None, l_),
        "k−l+1": (k - l_ + 1, k - l_ + 1),
        "3": (3, 3),
        "2(k−l)+1": (2 * (k - l_) + 1, 2 * (k - l_) + 1),
        "k": (k, k),
        "k+l−1 from k = 4l−1 on": (far, far),
        "": (None, None),
    }[cell]


def proved(name: str, instance: Instance) -> tuple[object, object]:
    """Bounds on the ratio of a policy, or of the best deterministic one."""
    if name == "best deterministic":
        found = value(instance).deterministic
        return found.lower, found.upper
    policy = POLICIES[name.split()[0].lower()].make()
    bounds: dict[str, list[object]] = {"lower": [0], "upper": [math.inf]}
    for theorem in THEOREMS.values():
        here = theorem.precondition.holds(instance) and not theorem.expected  # against as many slots
        if here and theorem.scope.covers(policy):
            bounds[theorem.direction].append(theorem.bound(instance))
    return max(bounds["lower"]), min(bounds["upper"])  # type: ignore[type-var]


def wrong(text: str) -> Iterator[tuple[str, str, Instance]]:
    """Cells that say another thing than the theorems."""
    lines = text.split("| ratio |")[1].split("\n\n")[0].splitlines()
    heads = [head.strip() for head in lines[0].strip("| ").split("|")]
    assert heads == list(COLUMNS)
    for line in lines[2:]:
        name, *cells = (cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|"))
        for head, cell in zip(heads, cells, strict=True):
            if (name, head) == ("guided-keep", "k = l"):
                continue
            for instance in INSTANCES:
                l_, k = instance.layers, instance.cache
                if not COLUMNS[head](l_, k):
                    continue
                said = says(cell, l_, k)
                if any(a is not None and a != b for a, b in zip(said, proved(name, instance), strict=True)):
                    yield name, head, instance


def test_the_table_is_what_the_theorems_say() -> None:
    assert list(wrong(README.read_text())) == []


@pytest.mark.parametrize(
    ("row", "planted"),
    [
        ("| LRU | 2−1/l | 3 | 2(k−l)+1 | k |", "| LRU | 2−1/l | 3 | k | k |"),
        ("| FIFO | k | k |", "| FIFO | 2−1/l | k |"),
        ("| guided-far | ≤ l | ≤ l |", "| guided-far | ≤ l | ≤ 5/2 |"),
        ("| guided-keep | 2−1/l | ≤ 5/2 |", "| guided-keep | 2−1/l | k−l+1 |"),
    ],
)
def test_a_wrong_cell_is_found(row: str, planted: str) -> None:
    text = README.read_text()
    assert text.count(row) == 1
    assert next(wrong(text.replace(row, planted)))[0] == row.split("|")[1].strip()


def test_guided_keep_with_one_slot_per_layer() -> None:
    """No theorem of its own: there it replaces each layer's page, as LRU does."""
    there = [row for row in ATLAS if row["layers"] == row["cache"] > 1]
    assert there
    for row in there:
        assert Fraction(row["cells"]["guided-keep"]["upper"]) == 2 - Fraction(1, row["layers"])
