"""The checker that is proved correct says of every certificate what verify.py says."""

from __future__ import annotations

import copy
import gzip
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from benchmarks.side_by_side import table
from bounds.exact.deterministic import best_deterministic
from bounds.exact.randomized.lower import randomized_lower
from bounds.exact.randomized.upper import randomized_upper
from bounds.exact.ratio import exact_ratio
from layered_paging.__main__ import main
from paging.errors import InvalidArgument
from paging.model import Instance
from proofs.certificates import deterministic, policy, randomized
from proofs.certificates.document import encode
from proofs.certify import certify
from tests.proofs.forgers.forge import forgeries
from tests.proofs.forgers.test_forgers import LEAST
from tests.proofs.formal.beside import answers, by_verify, claim, compare
from tests.proofs.formal.test_formal import ATLAS, FORMAL, ROOT, build, needs_coq
from tests.proofs.mutants.bases import bases

Document = dict[str, Any]

ATTACKS = ROOT.parent / "shared" / "attacks"
KINDS = {
    "deterministic-lower": 24,
    "deterministic-upper": 48,
    "policy-lower": 144,
    "policy-upper": 144,
    "randomized-lower": 24,
    "randomized-upper": 24,
}
"""What the checker knows, and how many certificates of the atlas there are."""

pytestmark = needs_coq


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    done = build(FORMAL)
    assert done.returncode == 0, done.stderr


def atlas() -> list[Document]:
    return [json.loads(gzip.decompress(path.read_bytes())) for path in sorted(ATLAS.glob("*.json.gz"))]


def test_the_atlas_is_accepted_with_the_same_claims(tmp_path: Path) -> None:
    documents = atlas()
    said = answers([json.dumps(c) for c in documents], tmp_path)
    assert Counter(c["kind"] for c in documents) == KINDS
    assert [claim(line) for line in said] == [claim(by_verify(c)) for c in documents]


def test_no_finite_ratio(tmp_path: Path) -> None:
    """MRU is brought as a table; the cycle costs, and OPT stands still."""
    c = json.loads(encode(policy.lower_certificate(exact_ratio(Instance(2, 2, 3), "mru"))))
    assert (c["ratio"], "moves" in c) == ("inf", True)
    (said,) = answers([json.dumps(c)], tmp_path)
    assert claim(said) == ("policy-lower", "2", "2", "3", ">=", "inf") == claim(by_verify(c))
    assert "calls itself" in said


def test_a_cache_smaller_than_a_round(tmp_path: Path) -> None:
    """No requests of k pages alone lead to a full cache that OPT knows: other pages are requested in between."""
    solution = best_deterministic(Instance(4, 2, 3))
    documents = [deterministic.lower_certificate(solution), deterministic.upper_certificate(solution)]
    documents.append(randomized.upper_certificate(randomized_upper(Instance(3, 2, 2))))
    said = answers([encode(c).decode() for c in documents], tmp_path)
    assert [claim(line)[1:] for line in said[:2]] == [("4", "2", "3", sign, "2") for sign in (">=", "<=")]
    assert claim(said[2]) == claim(by_verify(documents[2]))


@pytest.mark.slow
def test_ten_pages(tmp_path: Path) -> None:
    """Both are made in some twenty seconds, and checked in one."""
    solution = best_deterministic(Instance(2, 5, 6))
    documents = [deterministic.lower_certificate(solution), deterministic.upper_certificate(solution)]
    said = answers([encode(c).decode() for c in documents], tmp_path)
    assert [claim(line)[1:] for line in said] == [("2", "5", "6", sign, "5") for sign in (">=", "<=")]


def test_pages_that_look_alike_are_written_out(tmp_path: Path) -> None:
    """Four pages in each layer: caches of one text differ in more than one page, and a plan moves some of each."""
    c = randomized.upper_certificate(randomized_upper(Instance(2, 4, 3)))
    document = json.loads(encode(c))
    (said,) = answers([json.dumps(document)], tmp_path)
    assert claim(said) == claim(by_verify(document)) == ("randomized-upper", "2", "4", "3", "<=", "7/4")


def test_too_many_caches_are_refused(tmp_path: Path) -> None:
    """Two of the 38 pages beyond the sets: 703 caches. (The argument is none: nothing is moved.)"""

    def text(second: int, cached: dict[int, int]) -> str:
        counts = {1: 1, 2: second, 3: 39 - second}
        labels = [
            [f"{level}.{int(i >= counts[level] - cached.get(level, 0))}" for i in range(counts[level])]
            for level in counts
        ]
        return " ".join(label for row in labels for label in row)

    c = {"format": "layered-paging certificate", "version": 1, "kind": "randomized-upper", "ratio": "1"}
    c |= {"layers": 1, "experts": 40, "cache": 2}
    c["states"] = {
        text(second, {}): [
            "0",
            {text(second, {3: 2} if second == 1 else {1: 1, 2: 1}): "1"},
            {str(i): [] for i in (0, 1, 1 + second) if i < 40},
        ]
        for second in range(1, 40)
    }
    (said,) = answers([json.dumps(c)], tmp_path)
    assert said == "REJECTED: too many caches to be written out"
    assert by_verify(c).startswith("REJECTED")


def test_a_state_that_is_missing_ends_the_walk(tmp_path: Path) -> None:
    """The certificate of (1,5,3) called one of (5,5,5): few states of very many, which nobody shall list."""
    c = {**good("1-5-3-lru-upper"), "layers": 5, "cache": 5}
    (said,) = answers([json.dumps(c)], tmp_path)
    assert said.startswith("REJECTED")
    assert "is missing [F7]" in said
    assert by_verify(c).startswith("REJECTED")


def good(name: str) -> Document:
    document: Document = json.loads(gzip.decompress((ATLAS / f"{name}.json.gz").read_bytes()))
    return document


def larger(c: Document) -> None:
    c["ratio"] = "201/100"


def hits_for_ever(c: Document) -> None:
    """The adversary asks for nothing but cached pages, V = 0."""
    for key in list(c["states"]):
        row = [label.split(".")[1] for label in key.split("|")[0].split(" ")]
        if "1" in row:
            c["states"][key] = ["0", row.index("1")]
        else:
            c["states"][key][0] = "0"


def first_state(c: Document) -> str:
    keys: list[str] = sorted(c["states"])
    return keys[0]


def without_a_state(c: Document) -> None:
    del c["states"][first_state(c)]


def one_more_potential(c: Document) -> None:
    value = c["states"][first_state(c)]
    value[0] = str(int(value[0]) + 1) if "/" not in value[0] else "7"


def a_state_that_nothing_reaches(c: Document) -> None:
    c["states"]["1.1 1.1|1.1 1.1"] = ["0", 0]


def out_of_the_layer(c: Document) -> None:
    c["states"][first_state(c)][1] = c["experts"]


def wrong_order(c: Document) -> None:
    key = next(key for key in sorted(c["states"]) if len(set(key.split("|")[0].split(" "))) > 1)
    row, _, rest = key.partition("|")
    c["states"][" ".join(reversed(row.split(" "))) + "|" + rest] = c["states"].pop(key)


def a_trivial_instance(c: Document) -> None:
    c["cache"] = c["layers"] * c["experts"]


def a_smaller_cache(c: Document) -> None:
    c["cache"] -= 1


def smaller(c: Document) -> None:
    c["ratio"] = "199/100"


def one_less_potential(c: Document) -> None:
    for row in c["states"].values():
        row[0] = str(Fraction(row[0]) * 9 / 10)


def another_victim(c: Document) -> None:
    """The page that is requested, or one that is not cached."""
    victims = next(row[1] for row in c["states"].values() if row[1])
    position = next(iter(victims))
    victims[position] = int(position)


def no_victim(c: Document) -> None:
    next(row[1] for row in c["states"].values() if row[1]).popitem()


def some_move(c: Document) -> Any:
    """The victims and tokens of a move that evicts."""
    return next(move for row in c["moves"].values() for move in row.values() if move[0])


def a_move_without_its_victim(c: Document) -> None:
    some_move(c)[0].clear()


def a_token_of_the_other_kind(c: Document) -> None:
    some_move(c)[1][0] += 1


def a_free_load(c: Document) -> None:
    """The tokens say that a page is cached that nobody loaded."""
    tokens = some_move(c)[1]
    tokens[tokens.index(0)] = 1


def a_cycle_that_does_not_close(c: Document) -> None:
    c["cycle"] = c["cycle"][:-1]


def no_cycle(c: Document) -> None:
    c["cycle"] = []


def infinite(c: Document) -> None:
    c["ratio"] = "inf"


def fifo(c: Document) -> None:
    c["policy"] = "fifo"


def a_start_that_is_cached(c: Document) -> None:
    c["start"] = [1] + [0] * (c["layers"] * c["experts"] - 1)


def another_second_page(c: Document) -> None:
    """The second page of a label, not the first."""
    c["prefix"] = [1, *c["prefix"][1:]]


def a_memory_larger_than_the_cache(c: Document) -> None:
    c["memory"] = c["cache"] + 1


def a_memory_that_is_not_used(c: Document) -> None:
    c["memory"] = 1


def some_weights(c: Document) -> dict[str, str]:
    weights: dict[str, str] = c["chain"][min(c["chain"])]
    return weights


def a_weight_of_nothing(c: Document) -> None:
    some_weights(c)[min(some_weights(c))] = "0"


def a_negative_weight(c: Document) -> None:
    some_weights(c)[min(some_weights(c))] = "-1"


def a_label_that_is_not_there(c: Document) -> None:
    some_weights(c)["1.0"] = "1"


def no_weights(c: Document) -> None:
    some_weights(c).clear()


def another_weight(c: Document) -> None:
    some_weights(c)[min(some_weights(c))] = "1"


def draws_that_hit_for_ever(c: Document) -> None:
    """Two pages in turn, V = 0: OPT never grows, and L1 holds for every ratio."""
    c.update(layers=1, experts=3, cache=2, ratio="100", memory=0)
    c["chain"] = {"1.0 2.0 3.0": {"1.0": "1"}}
    c["states"] = {"1.1 2.1 3.0": ["0"]}


def a_chain_that_nothing_reaches(c: Document) -> None:
    c["chain"]["1.0 1.0|1.0 1.0"] = {"1.0": "1"}


def less(c: Document) -> None:
    c["ratio"] = str(Fraction(c["ratio"]) - Fraction(1, 1000))


def halves(c: Document) -> list[Any]:
    """A state in which two caches have the same probability, and no others are held."""
    row: list[Any] = next(row for row in c["states"].values() if list(row[1].values()) == ["1/2", "1/2"])
    return row


def a_share_too_large(c: Document) -> None:
    caches = halves(c)[1]
    caches[min(caches)] = "2/3"


def other_shares(c: Document) -> None:
    """They add up to 1, and no plan leads to them."""
    caches = halves(c)[1]
    caches.update({min(caches): "1/3", max(caches): "2/3"})


def a_cache_with_no_share(c: Document) -> None:
    caches = halves(c)[1]
    caches.update({min(caches): "0", max(caches): "1"})


def a_negative_share(c: Document) -> None:
    caches = halves(c)[1]
    caches.update({min(caches): "-1/2", max(caches): "3/2"})


def a_cache_too_small(c: Document) -> None:
    caches = halves(c)[1]
    caches[max(caches).replace(".1", ".0", 1)] = caches.pop(max(caches))


def a_cache_under_two_names(c: Document) -> None:
    """A token beside the cache makes another text of it, which gets a share of its own."""
    caches = halves(c)[1]
    caches[max(caches).replace(".0", ".2")] = caches.pop(max(caches))


def a_plan(c: Document) -> list[list[str]]:
    """One that begins with two caches, one without the requested page."""
    plans: dict[str, list[list[str]]] = halves(c)[2]
    return next(
        plan for plan in plans.values() if len(plan) == 2 and any(".2" in before for before, _, _ in plan)
    )


def a_load(c: Document) -> list[str]:
    return next(triple for triple in a_plan(c) if ".2" in triple[0])


def nothing_is_loaded(c: Document) -> None:
    a_load(c)[1] = a_load(c)[0]


def no_mark(c: Document) -> None:
    a_load(c)[0] = a_load(c)[0].replace(".2", ".0")


def two_marks(c: Document) -> None:
    a_load(c)[1] = a_load(c)[1].replace(".0", ".2", 1)


def less_is_moved(c: Document) -> None:
    a_load(c)[2] = "1/4"


def more_is_moved(c: Document) -> None:
    a_load(c)[2] = "3/4"


def moved_twice(c: Document) -> None:
    a_plan(c).append(list(a_load(c)))


def moved_to_another(c: Document) -> None:
    """Another page leaves."""
    a_load(c)[1] = a_load(c)[0].replace(".1", ".0", 1).replace(".2", ".3")


def no_plan(c: Document) -> None:
    halves(c)[2].popitem()


def one_more_plan(c: Document) -> None:
    halves(c)[2]["2"] = a_plan(c)


FAULTS: dict[str, tuple[Callable[[Document], None], ...]] = {
    "2-2-3-deterministic-lower": (
        larger,
        hits_for_ever,
        without_a_state,
        one_more_potential,
        a_state_that_nothing_reaches,
        out_of_the_layer,
        wrong_order,
        a_trivial_instance,
        a_smaller_cache,
    ),
    "2-2-3-deterministic-upper": (
        smaller,
        one_less_potential,
        another_victim,
        no_victim,
        without_a_state,
        wrong_order,
        a_smaller_cache,
    ),
    "2-2-3-randomized-lower": (
        larger,
        without_a_state,
        one_more_potential,
        wrong_order,
        a_trivial_instance,
        a_smaller_cache,
        a_memory_larger_than_the_cache,
        a_memory_that_is_not_used,
        a_weight_of_nothing,
        a_negative_weight,
        a_label_that_is_not_there,
        no_weights,
        another_weight,
        draws_that_hit_for_ever,
        a_chain_that_nothing_reaches,
    ),
    "2-2-3-randomized-upper": (
        less,
        one_less_potential,
        without_a_state,
        wrong_order,
        a_trivial_instance,
        a_smaller_cache,
        a_share_too_large,
        other_shares,
        a_cache_with_no_share,
        a_negative_share,
        a_cache_too_small,
        a_cache_under_two_names,
        nothing_is_loaded,
        no_mark,
        two_marks,
        less_is_moved,
        more_is_moved,
        moved_twice,
        moved_to_another,
        no_plan,
        one_more_plan,
    ),
    "2-2-3-lru-upper": (smaller, one_less_potential, without_a_state, fifo, a_smaller_cache),
    "2-2-3-guided-far-upper": (
        smaller,
        one_less_potential,
        without_a_state,
        a_move_without_its_victim,
        a_token_of_the_other_kind,
        a_free_load,
        a_start_that_is_cached,
    ),
    "2-2-3-lru-lower": (
        a_cycle_that_does_not_close,
        no_cycle,
        infinite,
        another_second_page,
        a_smaller_cache,
    ),
    "2-2-3-guided-far-lower": (
        larger,
        infinite,
        a_cycle_that_does_not_close,
        a_move_without_its_victim,
        a_token_of_the_other_kind,
        a_free_load,
        a_start_that_is_cached,
    ),
}


@pytest.mark.parametrize(
    ("name", "fault"),
    [(name, fault) for name, faults in FAULTS.items() for fault in faults],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_planted_fault_is_rejected(name: str, fault: Callable[[Document], None], tmp_path: Path) -> None:
    c = good(name)
    assert answers([json.dumps(c)], tmp_path)[0].startswith("proved")
    planted = copy.deepcopy(c)
    fault(planted)
    assert planted != c
    assert answers([json.dumps(planted)], tmp_path)[0].startswith("REJECTED")
    assert by_verify(planted).startswith("REJECTED")


def test_an_optimum_with_fewer_slots_is_refused(tmp_path: Path) -> None:
    """The theorems behind the checker speak of as many slots: a document about fewer is refused, whatever it claims."""
    instance = Instance(2, 2, 3)
    solution, drawn = best_deterministic(instance, optimum=2), randomized_lower(instance, 0, optimum=2)
    lru, llru = exact_ratio(instance, "lru", optimum=2), exact_ratio(instance, "llru", optimum=2)
    documents = [
        deterministic.lower_certificate(solution),
        deterministic.upper_certificate(solution),
        randomized.lower_certificate(drawn),
        randomized.upper_certificate(randomized_upper(instance, 2)),
        *(
            write(found)
            for found in (lru, llru)
            for write in (policy.lower_certificate, policy.upper_certificate)
        ),
    ]
    assert {c["kind"] for c in documents} == set(KINDS)
    assert all(by_verify(c).startswith("proved") for c in documents)
    for said in answers([json.dumps(c) for c in documents], tmp_path):
        assert said.startswith("REJECTED")
        assert "unknown field" in said


@pytest.mark.parametrize("kind", KINDS)
def test_no_forgery_is_accepted(kind: str, tmp_path: Path) -> None:
    """Those that are made to get a false claim past verify.py."""
    documents = list(forgeries(kind))
    said = answers([json.dumps(c) for c in documents], tmp_path)
    assert len(documents) >= LEAST[kind]
    assert [one for one in said if not one.startswith("REJECTED")] == []


def test_mutants_are_judged_alike(tmp_path: Path) -> None:
    """Two thousand; 100,000 are the work of benchmarks/side_by_side.py."""
    found = compare(bases(), 2000, random.Random(16), tmp_path, set())
    assert found.differ == []
    assert sum(found.counts.values()) == 2000
    assert any(
        line.startswith("| all | 1,") and line.endswith(" | 0 |") for line in table(found, 16, 2000, 60)
    )
    for kind in KINDS:
        assert min(found.counts[kind, "both accept"], found.counts[kind, "both reject"]) > 5


def test_checkers_that_differ_are_seen(tmp_path: Path) -> None:
    """Otherwise the test above could not fail: one that accepts more, one that accepts less, one that reads another claim."""

    def credulous(_: Any) -> str:
        return "proved: policy-upper at (l=1, n=1, k=1): ratio <= 1 of lru"

    def sullen(_: Any) -> str:
        return "REJECTED: no"

    def blind(c: Any) -> str:
        return re.sub("l=[0-9]+", "l=9", by_verify(c))

    for other, reject, accept in ((credulous, False, False), (sullen, True, False), (blind, True, False)):
        found = compare(bases(), 200, random.Random(17), tmp_path, set(), other)
        names = Counter(name for (_, name), count in found.counts.items() for _ in range(count))
        assert names["differ"] == len(found.differ) > 10
        assert (names["both reject"] > 0, names["both accept"] > 0) == (reject, accept)


@pytest.mark.skipif(not ATTACKS.is_dir(), reason="the files of attacks are not beside the checkout")
def test_files_of_attacks() -> None:
    paths = sorted(ATTACKS.glob("*.json*"))
    assert paths
    for path in paths:
        found = certify(path, verified=True)
        assert not found.valid
        assert found.said.isascii()
        assert found.said.isprintable()


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = ATLAS / "2-2-3-deterministic-lower.json.gz"
    assert main(["certify", "--verified", str(path)]) == 0
    line = "proved: deterministic-lower at (l=2, n=2, k=3): ratio >= 2 of every deterministic policy"
    assert capsys.readouterr().out == f"{path}: {line}\n"
    c = good("2-2-3-deterministic-lower")
    larger(c)
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(c))
    assert main(["certify", "--verified", str(wrong), str(path)]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{wrong}: REJECTED: ")
    assert second == f"{path}: {line}"


def test_without_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys.modules[certify.__module__], "CHECKER", tmp_path / "checker")
    with pytest.raises(InvalidArgument, match="is not built, expected `make formal`"):
        certify(ATLAS / "2-2-3-deterministic-lower.json.gz", verified=True)
