"""Certificates against an optimum with fewer slots: true ones are accepted, none passes for a claim about another optimum."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

import pytest

from bounds.exact.deterministic import best_deterministic
from bounds.exact.randomized.best import BestRandomized, best_randomized
from bounds.exact.ratio import exact_ratio
from paging.model import Instance
from proofs import verify as verifier
from proofs.certificates import deterministic, policy, randomized
from proofs.certificates.document import encode
from proofs.verify import Rejected, verify
from tests.proofs.forgers.plant import acceptor, changed, module
from tests.proofs.forgers.test_forgers import SOURCE
from tests.proofs.judge.game import Game
from tests.proofs.judge.optimum import Optimum, Problem
from tests.proofs.judge.verdict import decidable, judge
from tests.proofs.mutants.mutate import mutant

Document = dict[str, Any]
Numbers = tuple[int, int, int, int]

CASES: tuple[Numbers, ...] = ((1, 3, 2, 1), (2, 2, 2, 1), (2, 2, 3, 1), (2, 2, 3, 2))
"""l, n, k, h."""

POLICIES = ("lru", "fifo", "llru", "guided-lru")


@cache
def _randomized(numbers: Numbers) -> BestRandomized:
    return best_randomized(Instance(*numbers[:3]), 2, optimum=numbers[3])


@cache
def _written(numbers: Numbers) -> tuple[bytes, ...]:
    instance, h = Instance(*numbers[:3]), numbers[3]
    best, guided = (best_deterministic(instance, optimum=h, guided=guided) for guided in (False, True))
    drawn = _randomized(numbers)
    assert drawn.lower_bound is not None
    documents = [
        deterministic.lower_certificate(best),
        deterministic.upper_certificate(best),
        deterministic.upper_certificate(guided),
        randomized.lower_certificate(drawn.lower_bound),
        randomized.upper_certificate(drawn.upper_bound),  # type: ignore[arg-type]
    ]
    for name in POLICIES:
        found = exact_ratio(instance, name, optimum=h)
        documents += [policy.lower_certificate(found), policy.upper_certificate(found)]
    return tuple(encode(document) for document in documents)


def written(numbers: Numbers) -> Iterator[Document]:
    """Documents of all kinds, anew."""
    return map(json.loads, _written(numbers))


def accepted(document: Document) -> bool:
    try:
        verify(document)
    except Rejected:
        return False
    return True


@pytest.mark.parametrize("numbers", CASES)
def test_true_ones_are_accepted_and_say_h(numbers: Numbers) -> None:
    """(2,2,3) with h = 1, FIFO: the potentials of states that reach no worst cycle were not below those of the others."""
    for document in written(numbers):
        assert document["opt_cache"] == numbers[3]
        assert f"against OPT with h={numbers[3]} slots" in verify(document)


@pytest.mark.parametrize("numbers", CASES)
def test_no_sharper_claim_is_accepted(numbers: Numbers) -> None:
    for document in written(numbers):
        step = Fraction(1, 1000) * (1 if document["kind"].endswith("lower") else -1)
        document["ratio"] = str(Fraction(document["ratio"]) + step)
        assert not accepted(document)


@pytest.mark.parametrize("numbers", CASES)
def test_another_optimum_is_not_accepted(numbers: Numbers) -> None:
    """With h dropped or changed. What names no state (a cycle of LRU, FIFO) is judged anew, and accepted where it is true."""
    for document in written(numbers):
        claim = Fraction(document["ratio"])
        for other in (None, *range(1, numbers[2])):
            changed = {**document, "opt_cache": other}
            if other == numbers[3]:
                continue
            if other is None:
                del changed["opt_cache"]
            if accepted(changed):
                assert document["kind"] == "policy-lower"
                assert document["policy"] in ("lru", "fifo")
                assert claim <= exact_ratio(Instance(*numbers[:3]), document["policy"], optimum=other).ratio


def accepted_falsely(checker: Any, count: int) -> Iterator[Document]:
    """Mutants of documents that state h, accepted although the judge, which plays real pages, says that they are not true."""
    accepts, rng = acceptor(checker), random.Random(1)
    originals = [text.decode() for numbers in CASES for text in _written(numbers)]
    for _ in range(count):
        c = mutant(rng, rng.choice(originals))
        if isinstance(c, dict) and rng.random() < 0.2:
            c["opt_cache"] = rng.choice([1, 2, 3, 0, True, "1", None])
        if decidable(c) and accepts(c) and not _true(c):
            yield c


def _true(document: Document) -> bool:
    """Randomized ratios are known from both sides only: by the two programs."""
    said = judge(document)
    if said == "undecided" and document["kind"].startswith("randomized"):
        layers, n, k, h = (document[name] for name in ("layers", "experts", "cache", "opt_cache"))
        known, claim = _randomized((layers, n, k, h)), Fraction(document["ratio"])
        return claim <= known.upper if document["kind"].endswith("lower") else claim >= known.lower
    return said == "true"


@pytest.mark.parametrize("numbers", CASES)
def test_the_judge_says_so_too(numbers: Numbers) -> None:
    assert all(_true(document) for document in written(numbers))


def test_no_false_mutant_is_accepted() -> None:
    assert not list(accepted_falsely(verifier, 3000))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return int(at > self.optimum), self", "return int(at > self.slots), self"),
        ("0 < h < k)", "0 < h)"),
    ],
)
def test_a_verifier_that_confuses_h_and_k_is_found(old: str, new: str) -> None:
    assert next(accepted_falsely(module(changed(SOURCE, old, new)), 3000), None) is not None


@pytest.mark.parametrize("slots", [0, 3, 4, -1, True, "2", 2.0, None, [2]])
def test_slots_have_one_text(slots: object) -> None:
    """h = k is said by saying nothing."""
    for document in written((2, 2, 3, 2)):
        with pytest.raises(Rejected, match="F9"):
            verify({**document, "opt_cache": slots})


def test_a_reader_that_knows_no_h_refuses() -> None:
    """An unknown field is refused in every kind: the name is one that readers before it did not know."""
    for document in written((2, 2, 3, 2)):
        unknown = {("h" if key == "opt_cache" else key): value for key, value in document.items()}
        with pytest.raises(Rejected, match="F2"):
            verify(unknown)


@pytest.mark.parametrize("numbers", [*CASES, (1, 4, 3, 2), (3, 2, 3, 2)])
def test_best_ratios_against_real_pages(numbers: Numbers) -> None:
    """The game from the empty cache, by work functions: no sets (L_i), no symmetry, no start from a full cache (Lemma 4)."""
    layers, n, k, h = numbers
    ratio = best_deterministic(Instance(layers, n, k), optimum=h).ratio
    game = Game(Problem(layers, n, h), k)
    assert game.policy_keeps(ratio, 2000)
    assert game.adversary_forces(ratio, 2000)
    assert not game.policy_keeps(ratio - Fraction(1, 40), 200)


@pytest.mark.parametrize("numbers", [(2, 2, 1), (2, 2, 2), (2, 2, 3), (1, 3, 2), (3, 1, 2)])
def test_begins_full_or_empty(numbers: tuple[int, int, int]) -> None:
    """Lemma 4: OPT with h slots pays from x_1..x_h at most what it pays from empty, and at most h less."""
    layers, n, h = numbers
    problem = Problem(layers, n, h)
    optimum = Optimum(problem)
    pages = [-i % layers * n + (i - 1) // layers for i in range(1, h + 1)]
    known = optimum.begin(sum(1 << page for page in pages))
    saved = set()
    for requests in product(range(n), repeat=7 if n < 3 else 6):
        full, empty, paid, less = known, 0, 0, 0
        for turn, expert in enumerate(requests):
            page = turn % layers * n + expert
            full, grown = optimum.request(full, page)
            less += grown
            empty, grown = optimum.request(empty, page)
            paid += grown
            saved.add(paid - less)
    assert saved <= set(range(h + 1))
    assert len(saved) > 1 or h == 1
