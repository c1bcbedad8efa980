"""The judge of randomized claims: theorems against strategies played out, and strategies that are not what they say."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

from tests.proofs.forgers.board import Claim
from tests.proofs.forgers.teleport import teleport
from tests.proofs.forgers.true_ones import certificate
from tests.proofs.judge import randomized
from tests.proofs.judge.chain import remembered
from tests.proofs.judge.offsets import NotAStrategy, first
from tests.proofs.judge.optimum import Optimum, Problem
from tests.proofs.judge.randomized import shows
from tests.proofs.judge.spread import Spread, least_loads, spread
from tests.proofs.judge.verdict import DECIDED, judge

OPEN = [numbers for numbers in DECIDED if randomized.theorem(*numbers) is None]
LITTLE = Fraction(1, 1000)
QUICK = [(1, 3, 2), (1, 4, 2), (1, 4, 3), (1, 5, 2), (2, 2, 3), (3, 2, 5)]


def test_values_of_the_theorems() -> None:
    assert randomized.value(1, 5, 3) == (Fraction(11, 6), Fraction(11, 6))
    assert randomized.value(2, 2, 3) == (Fraction(7, 4), Fraction(7, 4))
    for numbers in ((3, 2, 1), (3, 1, 2), (6, 1, 5), (2, 1, 1)):
        assert set(randomized.value(*numbers)) == {Fraction(1)}


@pytest.mark.parametrize("numbers", DECIDED)
def test_no_value_is_below_1_or_above_the_harmonic_number(numbers: tuple[int, int, int]) -> None:
    low, high = randomized.theorem(*numbers) or (Fraction(1), randomized.harmonic(numbers[2]))
    assert 1 <= low <= high <= randomized.harmonic(numbers[2])


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param(numbers, marks=() if numbers in QUICK else pytest.mark.slow)
        for numbers in DECIDED
        if numbers not in OPEN and 1 not in numbers[1:]
    ],
)
def test_theorems_against_strategies_played_out(numbers: tuple[int, int, int]) -> None:
    """Two sources of one number. Solvers found the strategies; those from below may miss a millionth."""
    low, high = randomized.played(*numbers)
    exact, _ = randomized.value(*numbers)
    assert exact - Fraction(1, 10**5) < low <= exact == high


def test_values_without_a_theorem() -> None:
    """Of (2,2,2) and, from above, (3,2,3) theory tells them: a chain with three states of memory, and an LP."""
    low, high = randomized.value(2, 2, 2)
    assert Fraction(4, 3) - Fraction(1, 10**5) < low <= high == Fraction(4, 3)
    low, high = randomized.value(3, 2, 3)
    assert Fraction(7, 5) < low < high == Fraction(31, 21)


def strategy(side: str, layers: int, experts: int, slots: int) -> tuple[dict[str, Any], Problem, Fraction]:
    """The certificate of the atlas, its instance and its ratio."""
    c = certificate(f"randomized-{side}", Claim(layers, experts, slots, ""))
    return c, Problem(layers, experts, slots), Fraction(c["ratio"])


@pytest.mark.parametrize("side", ["lower", "upper"])
@pytest.mark.parametrize("numbers", [(1, 3, 2), (1, 4, 3), (2, 2, 2), (2, 2, 3), (2, 3, 2)])
def test_a_strategy_is_worth_what_it_says_and_no_more(numbers: tuple[int, int, int], side: str) -> None:
    c, problem, ratio = strategy(side, *numbers)
    better = 1 if side == "lower" else -1
    assert shows(c, problem, ratio)
    assert shows(c, problem, ratio - better * LITTLE)
    assert not shows(c, problem, ratio + better * LITTLE)


def test_a_claim_between_is_as_true_as_its_strategy() -> None:
    """At (3,2,3) less is known from below than from above."""
    c, _, ratio = strategy("lower", 3, 2, 3)
    d, _, best = strategy("upper", 3, 2, 3)
    low, high = randomized.value(3, 2, 3)
    middle = str((low + high) / 2)
    assert low == ratio < high == best
    assert judge(c) == judge(d) == "true"
    for document in (c, d):
        assert judge({**document, "ratio": middle}) == "false"
    assert judge({**c, "ratio": str(high + LITTLE)}) == "false"
    assert judge({**d, "ratio": str(low - LITTLE)}) == "false"


def test_what_is_shown_between_is_true(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same documents, were nothing known but 1 and the harmonic number."""
    monkeypatch.setattr(randomized, "value", lambda *numbers: (Fraction(1), randomized.harmonic(numbers[2])))
    for side in ("lower", "upper"):
        c, _, ratio = strategy(side, 2, 2, 3)
        better = 1 if side == "lower" else -1
        assert judge(c) == "true"
        assert judge({**c, "ratio": str(ratio + better * LITTLE)}) == "false"


Change = Callable[[dict[str, Any]], None]


def each(change: Callable[[dict[str, str]], None]) -> Change:
    """The change, for the caches of every state."""

    def all_of_them(c: dict[str, Any]) -> None:
        for entry in c["states"].values():
            change(entry[1])

    return all_of_them


def halve(masses: dict[str, str]) -> None:
    masses.update({text: str(Fraction(mass) / 2) for text, mass in masses.items()})


def negative(masses: dict[str, str]) -> None:
    name = min(masses)
    masses[name] = str(Fraction(masses[name]) + 1)
    masses[name.replace(".1", ".0")] = "-1"


def tag(masses: dict[str, str]) -> None:
    """One cache under two texts."""
    name = min(masses)
    masses[name.replace(".0", ".4")] = masses[name] = str(Fraction(masses[name]) / 2)


def all_pages(masses: dict[str, str]) -> None:
    name = min(masses)
    masses[name.replace(".0", ".1")] = masses.pop(name)


def no_page(masses: dict[str, str]) -> None:
    """An empty cache pays nothing where only loads are counted, until something is requested."""
    name = min(masses)
    masses[name.replace(".1", ".0")] = masses.pop(name)


@pytest.mark.parametrize("change", [halve, negative, tag, all_pages, no_page])
def test_what_is_no_distribution_is_worth_nothing(change: Callable[[dict[str, str]], None]) -> None:
    for numbers in ((1, 3, 2), (2, 2, 3)):
        c, problem, _ = strategy("upper", *numbers)
        each(change)(c)
        assert not shows(c, problem, Fraction(1000))


def test_a_policy_of_another_shape_is_worth_nothing() -> None:
    c, problem, ratio = strategy("upper", 2, 2, 3)
    states: Any
    for states in (
        None,
        [],
        {},
        dict.fromkeys(c["states"]),
        {name: ["0", {}, {}] for name in c["states"]},
    ):
        assert not shows({**c, "states": states}, problem, ratio)
    assert not shows({key: c[key] for key in c if key != "states"}, problem, ratio)


def test_the_old_forgery_is_worth_nothing() -> None:
    forged = teleport(Claim(2, 2, 3, "101/100"), 121)
    assert forged is not None
    assert not shows(forged, Problem(2, 2, 3), Fraction(1000))


def test_even_on_all_optimal_caches() -> None:
    """(1,3,2): a new page costs 1 and leaves two optimal caches, then one of the two older pages costs 1/2: exactly 3/2."""
    c, problem, _ = strategy("upper", 1, 3, 2)
    c["states"] = {
        "1.0 2.0 3.0": ["0", {"1.1 2.1 3.0": "1"}, {}],
        "1.0 2.0 2.0": ["0", {"1.1 2.0 2.1": "1"}, {}],
    }
    assert shows(c, problem, Fraction(3, 2))
    assert not shows(c, problem, Fraction(3, 2) - Fraction(1, 10**9))


def test_the_requested_page_is_in_the_cache() -> None:
    """(1,3,2): who does not load a new page until something else is requested pays 1 for each growth of OPT."""
    c, problem, _ = strategy("upper", 1, 3, 2)
    c["states"] = {
        "1.0 2.0 3.0": ["0", {"1.1 2.1 3.0": "1"}, {}],
        "1.0 2.0 2.0": ["0", {"1.0 2.1 2.1": "1"}, {}],
    }
    assert not shows(c, problem, Fraction(1000))


def test_caches_that_look_alike_share_evenly() -> None:
    problem = Problem(1, 3, 2)
    state, _ = first(problem, Optimum(problem))
    after = state._replace(levels=(2, 2, 1))
    states = {"1.0 2.0 2.0": ["0", {"1.1 2.0 2.1": "3/4", "1.0 2.1 2.1": "1/4"}, {}]}
    assert spread(problem, after, states) == {
        0b101: Fraction(3, 8),
        0b110: Fraction(3, 8),
        0b011: Fraction(1, 4),
    }
    for masses in ({"1.1 2.1 2.0": "1"}, {"1.1 2.0 2.1": "1", "1.0 2.1 2.1": "1"}, {"1.1 2.1 3.0": "1"}, {}):
        with pytest.raises(NotAStrategy):
            spread(problem, after, {"1.0 2.0 2.0": ["0", masses, {}]})


def test_loads_against_every_way_to_pair_caches() -> None:
    """Distributions of six equal parts: the best of all pairings, by definition."""
    rng = random.Random(4)
    for _ in range(40):
        sides = [
            [rng.choice([0b0011, 0b0101, 0b1001, 0b0110, 0b1010, 0b1100]) for _ in range(6)] for _ in "ab"
        ]
        before, after = (Spread({c: Fraction(n, 6) for c, n in Counter(side).items()}) for side in sides)
        best = min(
            sum((new & ~old).bit_count() for old, new in zip(sides[0], order, strict=True))
            for order in permutations(sides[1])
        )
        assert least_loads(before, after) == Fraction(best, 6)


def weigh(weights: Callable[[str], dict[str, str]]) -> Change:
    """Other weights in every state of the chain, from the labels of the layer whose turn it is."""

    def change(c: dict[str, Any]) -> None:
        c["chain"] = {state: weights(state.split("|")[0]) for state in c["chain"]}

    return change


BROKEN: dict[str, Change] = {
    "the newest page for ever": weigh(lambda row: {row.split(" ")[0]: "1"}),
    "no weights": weigh(lambda _: {}),
    "a weight of 0": weigh(lambda row: dict.fromkeys(row.split(" "), "0")),
    "a negative weight": weigh(lambda row: {row.split(" ")[0]: "-1", row.split(" ")[-1]: "2"}),
    "a label that nobody has": weigh(lambda _: {"9.0": "1"}),
    "a number": weigh(lambda row: {row.split(" ")[0]: 1}),  # type: ignore[dict-item]
    "no chain": lambda c: c.update(chain=None),
    "a state is missing": lambda c: c["chain"].pop(min(c["chain"])),
    "a memory that is none": lambda c: c.update(memory=True),
    "a negative memory": lambda c: c.update(memory=-1),
    "no potentials": lambda c: c.update(states={}),
    "potentials of another shape": lambda c: c.update(states=dict.fromkeys(c["states"], "0")),
    "one potential too large": lambda c: c["states"].update({max(c["states"]): ["1000"]}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_adversary_forces_nothing(name: str) -> None:
    for numbers in ((1, 3, 2), (2, 2, 2), (2, 2, 3)):
        c, problem, _ = strategy("lower", *numbers)
        BROKEN[name](c)
        assert not shows(c, problem, Fraction(1, 1000))


def test_an_adversary_that_lets_everybody_hit_forces_nothing() -> None:
    """It draws one page for ever. With potentials of 0 every inequality holds, and OPT pays nothing."""
    c = {"kind": "randomized-lower", "memory": 0, "chain": {"1.0 2.0 3.0": {"1.0": "1"}}}
    c["states"] = {"1.1 2.1 3.0": ["0"]}
    assert not shows(c, Problem(1, 3, 2), Fraction(7))


SMALL = ("1.1 2.1 3.0", "1.1 2.0 3.1", "1.0 2.1 3.1", "1.1 2.0 2.1", "1.0 2.1 2.1")
"""States with a cache at (1,3,2)."""


def test_probability_of_nothing_is_none() -> None:
    """Nearly all weight is that of a label which nobody has: were it counted, all that comes later would weigh nothing."""
    chain = {f"1.0 2.0 {last}.0": {"1.0": "1", f"{last}.0": "1"} for last in (2, 3)}
    c = {"kind": "randomized-lower", "memory": 0, "chain": chain, "states": {text: ["-1"] for text in SMALL}}
    assert not shows(c, Problem(1, 3, 2), Fraction(7))
    for weights in chain.values():
        weights["9.0"] = "1000000"
    assert not shows(c, Problem(1, 3, 2), Fraction(7))


def test_the_policy_evicts_what_is_best() -> None:
    """The page of no set is drawn, then one of two pages of level 2. Who keeps the page of no set hits it: less than 3/2.

    These potentials are those of policies that never keep it.
    """
    chain = {"1.0 2.0 3.0": {"3.0": "1"}, "1.0 2.0 2.0": {"2.0": "1"}}
    states = {"1.1 2.1 3.0": ["0"], "1.1 2.0 3.1": ["-1"], "1.1 2.0 2.1": ["1/2"]}
    c = {"kind": "randomized-lower", "memory": 0, "chain": chain, "states": states}
    assert not shows(c, Problem(1, 3, 2), Fraction(3, 2))
    states.update({"1.1 2.0 2.1": ["0"], "1.1 2.1 3.0": ["0"], "1.1 2.0 3.1": ["-1/2"]})
    assert shows(c, Problem(1, 3, 2), Fraction(1, 2))


def test_the_memory_of_an_adversary() -> None:
    """Newest first; a page in no set is forgotten and its place stays; the last place falls off."""
    levels = (1, 1, 1, 9, 1)
    assert remembered((0, 1, 2), 2, levels, 4) == (2, 0, 1)
    assert remembered((0, 1, 2), 4, levels, 4) == (4, 0, 1)
    assert remembered((0, 3, 2), 0, levels, 4) == (0, None, 2)
    assert remembered((0, None, 2), 2, levels, 4) == (2, 0, None)
