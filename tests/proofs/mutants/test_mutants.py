"""Some thousand mutants; the rest of the campaign is in benchmarks/forgery.py."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from benchmarks.forgery import TITLE, table
from benchmarks.sections import section, with_section
from proofs import verify as verifier
from tests.proofs.judge.verdict import judge
from tests.proofs.mutants.bases import bases
from tests.proofs.mutants.count import tally
from tests.proofs.mutants.mutate import MUTATIONS, mutant

BASES = [base for base in bases() if len(base) < 1000 and not base.count("#") > 40]


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_the_originals_are_accepted_and_true(every: int) -> None:
    kinds = set()
    for base in BASES[::every]:
        c = json.loads(base)
        verifier.verify(c)
        assert judge(c) == "true"
        kinds.add(c["kind"])
    assert len(kinds) == 6


def test_no_mutant_is_accepted_and_false() -> None:
    found = tally(verifier.verify, verifier.Rejected, BASES, 3000, random.Random(11))
    assert found.wrong == []
    assert found.of("rejected") > 2000
    assert found.of("accepted, true") > 100
    assert sum(found.counts.values()) == 3000


def test_a_verifier_without_judgement_is_caught() -> None:
    """Otherwise the test above could not fail."""

    def credulous(c: Any) -> str:
        if "ratio" not in c:
            raise verifier.Rejected
        return ""

    found = tally(credulous, verifier.Rejected, BASES, 300, random.Random(12))
    assert found.of("accepted, false") > 30
    assert len(found.wrong) >= found.of("accepted, false")


def test_another_exception_is_a_fault() -> None:
    def fails(c: Any) -> str:
        raise ZeroDivisionError(c)

    found = tally(fails, verifier.Rejected, BASES, 20, random.Random(13))
    assert found.of("failed: ZeroDivisionError") == len(found.wrong) == 20


def test_a_section_is_replaced_and_the_others_stay() -> None:
    text = "# What\n\n## one\n\n1\n\n## two\n\n2\n"
    assert section(text, "one") == ["## one", "", "1", ""]
    assert section(text, "three") == []
    more = with_section(text, "three", ["## three", "", "3"])
    assert more == text + "\n## three\n\n3\n"
    assert with_section(more, "three", section(more, "three")) == more
    new = with_section(more, "one", ["## one", "", "11"])
    assert section(new, "two") == section(more, "two")
    assert section(new, "three") == section(more, "three")
    assert section(new, "one") == ["## one", "", "11", ""]
    assert with_section(new, "one", section(text, "one")) == more


def test_the_table_adds_up() -> None:
    found = tally(verifier.verify, verifier.Rejected, BASES, 200, random.Random(15))
    lines = table([found, found], 15, 400, 60)
    assert lines[0] == f"## {TITLE}"
    cells = [
        cell.strip() for cell in next(line for line in lines if line.startswith("| all")).split("|")[2:-1]
    ]
    assert sum(int(cell.replace(",", "")) for cell in cells) == 400


def test_every_mutation_changes_something() -> None:
    rng = random.Random(14)
    for mutation in MUTATIONS:
        changed = 0
        for base in BASES:
            c = json.loads(base)
            mutation(rng, c)
            changed += c != json.loads(base)
        assert changed > 5, mutation.__name__


def test_equal_seeds_give_equal_mutants() -> None:
    assert mutant(random.Random(5), BASES[0]) == mutant(random.Random(5), BASES[0])
