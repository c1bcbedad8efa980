"""The checked-in atlas: its certificates are verified, its page is what the rows say, its conjectures are re-checked."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable
from fractions import Fraction
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bounds.exact.deterministic import best_deterministic
from bounds.exact.randomized.upper import randomized_upper
from bounds.exact.ratio import exact_ratio
from paging.model import Instance, Requests
from paging.offline.engines import opt
from paging.policies.registry import POLICIES
from paging.replay import replay
from proofs import verify as verifier
from proofs.atlas_cells import METHOD, POLICY_COLUMNS, columns, instances, proven_bounds
from proofs.atlas_table import best, headline, meets, optimal, page, tight, value
from proofs.certificates.deterministic import upper_certificate
from proofs.certificates.policy import lower_certificate
from proofs.certify import certify
from proofs.verify import load

PROOFS = Path(verifier.__file__).parent
README = (PROOFS.parent / "README.md").read_text()
ROWS: list[dict[str, Any]] = json.loads((PROOFS / "atlas.json").read_bytes())["rows"]
FILES = sorted((PROOFS / "atlas").glob("*.json.gz"))
BY_INSTANCE = {(row["layers"], row["experts"], row["cache"]): row for row in ROWS}


def cell(row: dict[str, Any], column: str, side: str = "upper") -> Fraction | float:
    return value(row["cells"][column][side])


def solved(row: dict[str, Any]) -> bool:
    """Whether the best deterministic ratio is known."""
    return best(row) is not None


def test_every_instance_and_every_cell_is_there() -> None:
    assert [Instance(*key) for key in BY_INSTANCE] == list(instances(12))
    for row in ROWS:
        assert set(row["cells"]) == set(columns(Instance(row["layers"], row["experts"], row["cache"])))
        small = row["layers"] * row["experts"] <= 10
        for column, found in row["cells"].items():
            assert found["method"] == METHOD
            assert found["refused"] is None
            assert ("upper" if column == "guided" else "lower") in found["certificates"] or not small
    assert all(solved(row) for row in ROWS)


def test_the_page_is_written_from_the_rows() -> None:
    assert (PROOFS / "atlas.md").read_text() == page(ROWS)


def test_the_headline_is_in_the_readme() -> None:
    text = " ".join(README.split())
    for line in headline(ROWS):
        assert line in text


def test_the_bounds_are_those_of_the_theorems() -> None:
    for row in ROWS:
        found = proven_bounds(Instance(row["layers"], row["experts"], row["cache"]))
        assert row["bounds"] == {name: str(bound) for name, bound in found.items()}


def test_no_cell_contradicts_a_theorem_or_another_cell() -> None:
    for row in ROWS:
        bounds = {name: Fraction(text) for name, text in row["bounds"].items()}
        if solved(row):
            ratio = cell(row, "deterministic")
            assert bounds["deterministic_lower"] <= ratio <= bounds["deterministic_upper"]
            assert all(ratio <= cell(row, name) for name in POLICY_COLUMNS if name in row["cells"])
            assert ratio <= cell(row, "guided") <= cell(row, "guided-far")
        if "randomized" in row["cells"]:
            assert bounds["randomized_lower"] <= cell(row, "randomized") <= bounds["randomized_upper"]
            assert cell(row, "randomized", "lower") <= cell(row, "randomized") <= ratio
        assert cell(row, "guided-lru") == cell(row, "lru")  # the same policy, see LRUPriority
        for name in set(POLICY_COLUMNS) & set(row["cells"]):
            more = row["layers"] - 1 if name == "llru" else 0
            assert bounds["deterministic_lower"] <= cell(row, name) <= row["cache"] + more


def test_marks() -> None:
    """At (2,2,3): LRU 3, best 2 = k-l+1 < k = 3, only the guided ones are optimal, randomized 7/4 on both sides."""
    row = BY_INSTANCE[2, 2, 3]
    assert (tight(row), optimal(row), meets(row)) == ("lower", ["guided-far", "guided-keep"], True)
    assert not meets(BY_INSTANCE[3, 2, 3])
    assert tight(BY_INSTANCE[2, 2, 2]) == "neither"


@pytest.mark.parametrize("row", [row for row in ROWS if row["layers"] * row["experts"] <= 6], ids=lambda r: str(
    (r["layers"], r["experts"], r["cache"])))  # fmt: skip
def test_checked_in_certificates(row: dict[str, Any]) -> None:
    """Each proves what its cell says, and is the one whose checksum stands there."""
    for column, found in row["cells"].items():
        for side, checksum in found["certificates"].items():
            numbers = (row["layers"], row["experts"], row["cache"])
            path = PROOFS / "atlas" / "{}-{}-{}-{}-{}.json.gz".format(*numbers, column, side)
            assert hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest() == checksum
            assert certify(path).valid
            c = load(str(path))
            kind = {"guided": "deterministic", **dict.fromkeys(POLICY_COLUMNS, "policy")}.get(column, column)
            assert (c["kind"], c["ratio"]) == (f"{kind}-{side}", found[side])
            assert (c["layers"], c["experts"], c["cache"]) == numbers
            assert c.get("policy", column) == column


def test_no_other_certificates_lie_there() -> None:
    expected = sum(
        len(found["certificates"])
        for row in ROWS
        if row["layers"] * row["experts"] <= 6
        for found in row["cells"].values()
    )
    assert len(FILES) == expected > 300


def test_a_planted_fault_is_seen(tmp_path: Path) -> None:
    content = gzip.decompress((PROOFS / "atlas" / "2-2-3-lru-lower.json.gz").read_bytes())
    (tmp_path / "c.json").write_bytes(content.replace(b'"ratio":"3"', b'"ratio":"4"'))
    assert not certify(tmp_path / "c.json").valid


def harmonic(m: int) -> Fraction:
    return sum((Fraction(1, i) for i in range(1, m + 1)), Fraction(0))


def one_page_missing(layers: int, experts: int) -> Fraction:
    return harmonic((experts - 1) * layers) + Fraction(layers - 1, experts * layers)


Row = dict[str, Any]


def randomized_known(row: Row) -> bool:
    return "randomized" in row["cells"]


CONJECTURES: dict[str, tuple[Callable[[Row], bool], Callable[[Row], bool]]] = {
    "guided-is-enough": (solved, lambda row: cell(row, "guided") == cell(row, "deterministic")),
    "one-slot-more": (
        lambda row: row["cache"] == row["layers"] + 1 >= 4 and row["layers"] * row["experts"] > 6,
        lambda row: cell(row, "deterministic") == Fraction(7, 3),
    ),
    "guided-far-below-2l-1": (
        lambda row: row["layers"] + 2 <= row["cache"] < 2 * row["layers"] - 1,
        lambda row: cell(row, "guided-far") == row["cache"] - row["layers"] + 1,
    ),
    "two-layers-randomized": (
        lambda row: (
            row["layers"] == 2
            and (2, row["experts"] - 1, row["cache"]) in BY_INSTANCE
            and randomized_known(row)
        ),
        lambda row: (
            cell(row, "randomized") == cell(BY_INSTANCE[2, row["experts"] - 1, row["cache"]], "randomized")
        ),
    ),
}


def documented() -> dict[str, int]:
    """The conjectures of conjectures.md with the number of instances that they state."""
    text = (PROOFS / "conjectures.md").read_text()
    found = re.findall(r"^## `([a-z0-9-]+)`$.*?^Holds on all (\d+) instances", text, re.MULTILINE | re.DOTALL)
    return {name: int(count) for name, count in found}


def test_conjectures_are_documented() -> None:
    assert set(documented()) == set(CONJECTURES)


@pytest.mark.parametrize("name", CONJECTURES)
def test_conjectures_hold_in_the_atlas(name: str) -> None:
    applies, holds = CONJECTURES[name]
    chosen = [row for row in ROWS if applies(row)]
    assert len(chosen) == documented()[name]
    assert all(holds(row) for row in chosen)
    assert inf > len(chosen) >= 2


def sizes(row: Row) -> tuple[int, int]:
    return row["layers"], row["cache"]


def lru_value(row: Row) -> bool:
    layers, k = sizes(row)
    return cell(row, "lru") == (2 - Fraction(1, layers) if k == layers else min(k, 2 * (k - layers) + 1))


def fifo_value(row: Row) -> bool:
    return "fifo" not in row["cells"] or cell(row, "fifo") == row["cache"]


def llru_value(row: Row) -> bool:
    layers, k = sizes(row)
    return k < 4 * layers - 1 or "llru" not in row["cells"] or cell(row, "llru") == k + layers - 1


def guided_far_value(row: Row) -> bool:
    layers, k = sizes(row)
    found = cell(row, "guided-far")
    return found <= max(layers, k - layers + 1) and (k < 2 * layers - 1 or found == k - layers + 1)


def guided_keep_value(row: Row) -> bool:
    layers, k = sizes(row)
    found = cell(row, "guided-keep")
    if k == layers + 1 >= 4:
        return 2 <= found <= Fraction(5, 2)
    return found == (2 - Fraction(1, layers) if k == layers else k - layers + 1)


def deterministic_value(row: Row) -> bool:
    layers, k = sizes(row)
    best = cell(row, "deterministic")
    if k == layers + 1 >= 4:
        return 2 <= best <= Fraction(5, 2)
    return best == (2 - Fraction(1, layers) if k == layers else k - layers + 1)


def one_page_missing_value(row: Row) -> bool:
    applies = row["cache"] == row["layers"] * row["experts"] - 1 and randomized_known(row)
    return not applies or cell(row, "randomized") == one_page_missing(row["layers"], row["experts"])


def two_layers_value(row: Row) -> bool:
    """R(k), once more."""
    k = row["cache"]
    if row["layers"] != 2 or k < 3 or not randomized_known(row):
        return True
    odd = harmonic(k - 1) + Fraction(1, k + 1)
    return cell(row, "randomized") == (
        odd if k % 2 else harmonic(k - 2) + Fraction(2 * k + 4, (k + 1) ** 2 - 2)
    )


@pytest.mark.parametrize(
    "agrees",
    [
        one_page_missing_value,
        two_layers_value,
        lru_value,
        fifo_value,
        llru_value,
        guided_far_value,
        guided_keep_value,
        deterministic_value,
    ],
)
def test_what_is_proved_agrees_with_every_cell(agrees: Callable[[Row], bool]) -> None:
    """The formulas of the page "What is known", written once more."""
    assert len(ROWS) == 137
    assert all(map(agrees, ROWS))


def test_guided_keep_is_optimal_but_at_two_instances() -> None:
    """Both have k = l+1; at the third one where guided-far is not optimal, (4,3,5), guided-keep is."""
    exceptions = {key: row for key, row in BY_INSTANCE.items() if "guided-keep" not in optimal(row)}
    assert set(exceptions) == {(5, 2, 6), (6, 2, 7)}
    assert {cell(row, "guided-keep") for row in exceptions.values()} == {Fraction(12, 5)}


def test_a_planted_value_is_seen() -> None:
    row = json.loads(json.dumps(BY_INSTANCE[2, 3, 4]))
    assert guided_keep_value(row)
    row["cells"]["guided-keep"]["lower"] = row["cells"]["guided-keep"]["upper"] = "4"
    assert not guided_keep_value(row)


def test_one_slot_more_has_an_exception() -> None:
    assert cell(BY_INSTANCE[3, 2, 4], "deterministic") == 2
    assert cell(BY_INSTANCE[3, 3, 4], "deterministic") == Fraction(7, 3)


def test_certified_bounds_come_close_where_one_page_is_missing() -> None:
    for row in ROWS:
        if row["cache"] == row["layers"] * row["experts"] - 1 and randomized_known(row):
            gap = cell(row, "randomized", "upper") - cell(row, "randomized", "lower")
            assert gap < Fraction(1, 10**4)


def test_guided_far_is_not_optimal_everywhere() -> None:
    """The counterexample at (5,2,6), three times over: in the atlas, by replay against three algorithms for OPT, and by the
    verifier, which knows neither."""
    instance = Instance(5, 2, 6)
    row = BY_INSTANCE[5, 2, 6]
    assert cell(row, "guided-far") == Fraction(12, 5) > cell(row, "deterministic") == Fraction(7, 3)
    exceptions = [key for key, row in BY_INSTANCE.items() if solved(row) and "guided-far" not in optimal(row)]
    assert sorted(exceptions) == [(4, 3, 5), (5, 2, 6), (6, 2, 7)]
    found = exact_ratio(instance, "guided-far")
    misses, growth = [], []
    for repetitions in (2, 12):
        requests = Requests.of(5, 2, np.array(found.sequence(repetitions), np.int32))
        misses.append(replay(POLICIES["guided-far"](), instance, requests).misses)
        costs = {opt(instance, requests, engine).cost for engine in ("belady", "offset", "flow")}
        assert len(costs) == 1
        growth.append(costs.pop())
    assert Fraction(misses[1] - misses[0], growth[1] - growth[0]) == Fraction(12, 5)
    optimum = best_deterministic(instance)
    assert "ratio >= 12/5" in verifier.verify(lower_certificate(found))
    assert "ratio <= 7/3" in verifier.verify(upper_certificate(optimum))


@pytest.mark.slow
def test_guided_far_falls_behind_beyond_the_atlas() -> None:
    """By certificates of both sides, at the smallest of the instances that conjectures.md names."""
    instance = Instance(4, 4, 5)
    found = exact_ratio(instance, "guided-far")
    assert "ratio >= 12/5 of guided-far" in verifier.verify(lower_certificate(found))
    guided = upper_certificate(best_deterministic(instance, 5_000_000, guided=True))
    assert "ratio <= 7/3, 80704 states" in verifier.verify(guided)


@pytest.mark.slow
def test_further_randomized_instances() -> None:
    for layers, experts in ((5, 2), (3, 3)):
        found = randomized_upper(Instance(layers, experts, layers * experts - 1)).ratio
        assert found == one_page_missing(layers, experts)
    assert randomized_upper(Instance(2, 5, 3)).ratio == Fraction(7, 4)
