"""Ratios against an optimum with fewer slots: against plain fixed points, the classical values, and the page of results."""

from __future__ import annotations

import json
import re
from fractions import Fraction

import pytest

from bounds.exact.deterministic import best_deterministic
from bounds.exact.ratio import exact_ratio
from bounds.theorems.registry import THEOREMS
from paging.errors import InvalidArgument
from paging.model import Instance
from paging.policies.named import NamedPolicy
from paging.policies.registry import POLICIES
from proofs.atlas_cells import instances
from proofs.augmented import PAGE, PAGES, line, rows
from tests.bounds.exact.naive_game import adversary_forces, moves, policy_keeps

CASES = [
    (Instance(*numbers), slots)
    for numbers in ((1, 3, 2), (2, 2, 2), (2, 2, 3), (3, 2, 3), (2, 3, 3))
    for slots in range(1, numbers[2] + 1)
]


@pytest.mark.parametrize(("instance", "slots"), [case for case in CASES if case[0].pages < 6], ids=str)
def test_the_game_against_plain_fixed_points(instance: Instance, slots: int) -> None:
    ratio = best_deterministic(instance, optimum=slots).ratio
    graph = moves(instance.layers, instance.experts, instance.cache, optimum=slots)
    assert policy_keeps(graph, ratio)
    assert adversary_forces(graph, ratio - Fraction(1, 50))


def test_one_layer_is_classical() -> None:
    """k / (k - h + 1) for the best policy and for LRU (Sleator & Tarjan 1985)."""
    for experts in range(2, 8):
        for cache in range(1, experts):
            for slots in range(1, cache + 1):
                instance = Instance(1, experts, cache)
                expected = Fraction(cache, cache - slots + 1)
                assert best_deterministic(instance, optimum=slots).ratio == expected
                assert exact_ratio(instance, "lru", optimum=slots).ratio == expected


@pytest.mark.parametrize("name", ["lru", "llru"])
def test_theorems_of_fewer_slots_hold(name: str) -> None:
    theorem = THEOREMS["augmented-upper" if name == "lru" else "llru-upper"]
    for instance, slots in CASES:
        ratio = exact_ratio(instance, name, optimum=slots).ratio
        assert ratio <= theorem.bound(instance, slots)
        assert ratio >= best_deterministic(instance, optimum=slots).ratio


@pytest.mark.parametrize("name", ["lru", "guided-far", "fifo"])
def test_a_policy_is_no_better_than_the_best(name: str) -> None:
    """guided-far has a kernel for its own optimum only: the policy itself plays."""
    for instance, slots in ((Instance(2, 2, 3), 2), (Instance(3, 2, 3), 2)):
        found = exact_ratio(instance, name, optimum=slots)
        assert found.ratio >= best_deterministic(instance, optimum=slots).ratio
        assert (
            found.ratio == exact_ratio(instance, NamedPolicy("x", POLICIES[name].make), optimum=slots).ratio
        )
        assert found.product.slots == slots


def test_equal_slots_are_the_default() -> None:
    for numbers in ((2, 2, 3), (3, 2, 4)):
        instance = Instance(*numbers)
        for same in (None, instance.cache):
            assert best_deterministic(instance, optimum=same).ratio == best_deterministic(instance).ratio
            assert exact_ratio(instance, "llru", optimum=same).ratio == exact_ratio(instance, "llru").ratio


@pytest.mark.parametrize("slots", [0, 4, -1])
def test_slots_that_there_cannot_be(slots: int) -> None:
    for compute in (
        lambda: best_deterministic(Instance(2, 2, 3), optimum=slots),
        lambda: exact_ratio(Instance(2, 2, 3), "lru", optimum=slots),
    ):
        with pytest.raises(InvalidArgument, match=f"an optimum with {slots} slots, expected 1 to 3"):
            compute()


@pytest.mark.parametrize("numbers", [(1, 4, 3, 2), (2, 3, 4, 3), (2, 3, 5, 4), (3, 2, 5, 3)])
def test_guided_policies_hold_what_the_optimum_could(numbers: tuple[int, int, int, int]) -> None:
    """In every state at least i cached pages are of the levels 1..i, for i <= h; here a guided policy is as good as any."""
    instance, slots = Instance(*numbers[:3]), numbers[3]
    found, free = (best_deterministic(instance, guided=guided, optimum=slots) for guided in (True, False))
    for state in range(found.game.states):
        labels = found.game.labels(state).tolist()
        for i in range(1, slots + 1):
            assert sum(label & 1 and label >> 4 <= i for label in labels) >= i
    assert found.game.states < free.game.states
    assert found.ratio == free.ratio


def test_as_many_slots_are_the_atlas() -> None:
    """The rows of the page with h = k are the atlas's cells."""
    text = PAGE.read_text()
    for row in json.loads((PAGE.parent / "atlas.json").read_bytes())["rows"]:
        layers, experts, cache = (row[key] for key in ("layers", "experts", "cache"))
        if layers > 1 and layers * experts <= PAGES:
            best, lru, llru = (row["cells"][name]["lower"] for name in ("deterministic", "lru", "llru"))
            formula = cache - layers + 1
            assert (
                f"| {layers} | {experts} | {cache} | {cache} | {best} | {formula} | {lru} | {llru} |" in text
            )


def test_the_page_has_the_values() -> None:
    """The small rows computed again; the sentences counted again from the page's own table."""
    text = PAGE.read_text()
    for row in rows(5):
        assert line(row) in text
    found = re.findall(
        r"^\| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\S+) \| (\S+) \| (\S+) \| (\S+) \|$", text, re.MULTILINE
    )
    assert len(found) == sum(i.cache for i in instances(PAGES) if i.layers > 1)
    less = equal = wide = full = 0
    for numbers, ratios in (([int(x) for x in each[:4]], [Fraction(x) for x in each[4:]]) for each in found):
        (layers, experts, cache, slots), (best, formula, lru, llru) = numbers, ratios
        instance = Instance(layers, experts, cache)
        assert formula == Fraction(cache - layers + 1, cache - slots + 1)
        assert best <= min(lru, llru)
        assert lru <= THEOREMS["augmented-upper"].bound(instance, slots)
        assert llru <= THEOREMS["llru-upper"].bound(instance, slots)
        if slots >= layers:
            wide, less = wide + 1, less + (best < formula)
            if cache == instance.pages - 1:
                full, equal = full + 1, equal + (best == formula)
    assert f"smaller on {less} of the {wide} instances" in text
    assert f"equal on {equal} of the {full} with k" in text
