"""What is known of the best ratios, against the atlas at all its cells, and at sizes that only theorems reach."""

from __future__ import annotations

import json
import time
from fractions import Fraction
from pathlib import Path

import pytest

import proofs
from bounds.theorems.registry import THEOREMS
from bounds.values import TRIVIAL, value
from layered_paging.__main__ import main
from paging.model import Instance
from proofs.known import ATLAS, known

ROWS = json.loads((Path(proofs.__file__).parent / "atlas.json").read_bytes())["rows"]


def test_theorems_enclose_every_cell_of_the_atlas() -> None:
    closed = 0
    for row in ROWS:
        found = value(Instance(row["layers"], row["experts"], row["cache"]))
        for column, one in (("deterministic", found.deterministic), ("randomized", found.randomized)):
            if column in row["cells"]:
                low, high = (Fraction(row["cells"][column][side]) for side in ("lower", "upper"))
                assert one.lower <= high
                assert low <= one.upper
        if found.deterministic.value is not None:
            closed += 1
            assert found.deterministic.value == Fraction(row["cells"]["guided"]["upper"])
    assert closed == 137 - sum(row["cache"] == row["layers"] + 1 >= 4 for row in ROWS) == 130


def test_the_atlas_narrows() -> None:
    found = known(Instance(5, 2, 6)).deterministic
    assert (found.value, found.lower_by, found.upper_by) == (Fraction(7, 3), ATLAS, ATLAS)
    theorems = value(Instance(5, 2, 6)).deterministic
    assert (theorems.lower, theorems.upper) == (2, Fraction(5, 2))
    drawn = known(Instance(2, 2, 3)).randomized
    assert drawn.value == Fraction(7, 4)


@pytest.mark.parametrize(
    ("numbers", "best"),
    [
        ((32, 8, 64), 33),
        ((48, 128, 576), 529),
        ((7, 9, 40), 34),
        ((16, 8, 18), 3),
        ((40, 3, 40), Fraction(79, 40)),
        ((1, 9, 5), 5),
        ((6, 4, 24), 1),
    ],
)
def test_large_sizes(numbers: tuple[int, int, int], best: Fraction) -> None:
    begin = time.process_time()
    found = known(Instance(*numbers))
    assert time.process_time() - begin < 5
    assert found.deterministic.value == best
    assert found.randomized.lower <= found.randomized.upper <= best
    for one in (found.deterministic, found.randomized):
        for by in (one.lower_by, one.upper_by):
            assert by in THEOREMS or by == TRIVIAL or one.lower == 1


def test_the_map_is_drawn_as_the_theorems_say() -> None:
    text = (Path(proofs.__file__).parents[1] / "docs" / "theory" / "known.md").read_text()
    lines = text.split("## The map")[1].split("## At any size")[0].splitlines()
    drawn = [line.strip("|").split("|") for line in lines if line[:4].strip("| ").isdecimal()]
    drawn = [[cell.strip() for cell in line if cell.strip()] for line in drawn]
    assert [int(k) for k, *_ in drawn] == list(range(12, 0, -1))
    for k, *cells in drawn:
        assert len(cells) == min(int(k), 10)
        for layers, cell in enumerate(cells, 1):
            found = value(Instance(layers, 20, int(k))).deterministic
            assert cell == ("?" if found.value is None else str(found.value))


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["known", "-l", "32", "-n", "8", "-k", "64"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("(l=32, n=8, k=64): ratio 33  (deterministic-lower; guided-far-upper)")
    assert len(second) < 140
    assert main(["known", "-l", "5", "-n", "2", "-k", "6", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["deterministic"] == {
        "lower": "7/3",
        "upper": "7/3",
        "by": {"lower": ATLAS, "upper": ATLAS},
    }
    assert set(document) == {"deterministic", "randomized"}


def test_the_theorems_speak_where_their_proofs_do() -> None:
    """Also below a round, k < l, where most say nothing: no bound is below 1, and no enclosure is empty."""
    for layers in range(1, 6):
        for experts in range(1, 5):
            for cache in range(1, layers * experts + 2):
                instance = Instance(layers, experts, cache)
                found = value(instance)
                for one in (found.deterministic, found.randomized):
                    assert 1 <= one.lower <= one.upper
                for name, theorem in THEOREMS.items():
                    if theorem.direction == "upper" and theorem.precondition.holds(instance):
                        assert theorem.bound(instance) >= 1, (name, instance)
                for name in ("lru-value-upper", "guided-keep-upper"):
                    proved = cache > layers or cache == layers == 1
                    assert THEOREMS[name].precondition.holds(instance) == proved


def test_one_slot_more_stays_open() -> None:
    found = known(Instance(9, 5, 10)).deterministic
    assert (found.lower, found.upper, found.value) == (2, Fraction(5, 2), None)
    assert found.to_dict() == {
        "lower": "2",
        "upper": "5/2",
        "by": {"lower": "deterministic-lower", "upper": "guided-keep-upper"},
    }
