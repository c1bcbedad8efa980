"""The randomized interval: known values, the program without symmetry, and both strategies played."""

from __future__ import annotations

from fractions import Fraction
from math import inf

import numpy as np
import pytest

from bounds.exact.deterministic import best_deterministic
from bounds.exact.randomized.behaviour import draw
from bounds.exact.randomized.best import BestRandomized, best_randomized
from bounds.exact.randomized.chains import inherited, normalized, remembering
from bounds.exact.randomized.exact_vertex import feasible, solve_exactly
from bounds.exact.randomized.labels import LabelledPages, state_graph
from bounds.exact.randomized.linear import LinearProgram
from bounds.exact.randomized.lower import proven, randomized_lower
from bounds.exact.randomized.orbits import arrangements, bases, split
from bounds.exact.randomized.response import explore, respond
from bounds.exact.randomized.upper import RandomizedUpper, randomized_upper
from paging.errors import InvalidArgument, PreconditionNotMet, SolverFailed, UnsupportedProblem
from paging.model import Instance, Requests
from paging.offline.engines import opt
from paging.policies.registry import POLICIES
from paging.replay import replay
from tests.bounds.exact.naive_game import update
from tests.bounds.exact.naive_randomized import upper_value


@pytest.mark.parametrize(("experts", "cache"), [(n, k) for n in range(2, 8) for k in range(1, n)])
def test_one_layer_gives_the_harmonic_number(experts: int, cache: int) -> None:
    """Classical: H_k (McGeoch & Sleator 1991; Achlioptas, Chrobak & Noga 2000), for every n > k."""
    expected = sum((Fraction(1, i) for i in range(1, cache + 1)), Fraction(0))
    assert randomized_upper(Instance(1, experts, cache)).ratio == expected


@pytest.mark.parametrize(
    ("numbers", "value"),
    [((2, 2, 3), "7/4"), ((3, 2, 3), "31/21"), ((2, 2, 2), "4/3")],
)
def test_values_known_before(numbers: tuple[int, int, int], value: str) -> None:
    """theory.md, section 4; 4/3 at (2,2,2) is what its chain forces."""
    assert randomized_upper(Instance(*numbers)).ratio == Fraction(value)


@pytest.mark.parametrize(
    "numbers", [(1, 3, 1), (1, 3, 2), (1, 4, 2), (2, 2, 1), (2, 2, 2), (2, 2, 3), (2, 3, 2)]
)
def test_bases_and_symmetry_lose_nothing(numbers: tuple[int, int, int]) -> None:
    """The program on real pages, with all caches and all pairs of them."""
    assert float(randomized_upper(Instance(*numbers)).ratio) == pytest.approx(upper_value(*numbers), abs=1e-7)


@pytest.mark.parametrize(
    ("numbers", "memory", "value"),
    [((1, 3, 2), 0, "3/2"), ((1, 4, 3), 0, "11/6"), ((2, 2, 3), 0, "7/4"), ((2, 2, 2), 2, "4/3")],
)
def test_both_sides_meet(numbers: tuple[int, int, int], memory: int, value: str) -> None:
    found = best_randomized(Instance(*numbers), memory)
    assert found.ratio == found.lower == found.upper == Fraction(value)
    assert found.notes == ()


def test_a_chain_without_memory_forces_less() -> None:
    """theory.md: at (2,2,2) the memory helps. That no chain on the offset function reaches 4/3 is not proved here."""
    found = best_randomized(Instance(2, 2, 2), 0)
    assert Fraction(6, 5) < found.lower < found.upper == Fraction(4, 3)
    assert found.ratio is None


def test_the_memory_rises_until_both_sides_meet() -> None:
    """4/3 at (2,2,2) needs memory 2 (see above); 7/4 none. No limit of time: the search ends as they meet."""
    seen: list[tuple[Fraction, Fraction, int]] = []
    found = best_randomized(Instance(2, 2, 2), seconds=inf, keep=lambda *better: seen.append(better))
    assert (found.ratio, found.memory) == (Fraction(4, 3), 2)
    assert [lower for lower, _, _ in seen] == sorted({lower for lower, _, _ in seen})
    assert seen[0][2] == 0
    assert seen[-1] == (found.lower, found.upper, found.memory)
    found = best_randomized(Instance(2, 2, 3), seconds=inf)
    assert (found.ratio, found.memory) == (Fraction(7, 4), 0)


def test_without_time_there_is_still_an_interval() -> None:
    found = best_randomized(Instance(3, 2, 3), seconds=0)
    assert 1 <= found.lower < found.upper == Fraction(31, 21)
    assert found.lower_bound is not None
    lower = found.lower_bound
    assert proven(lower.nodes, lower.weights, lower.potential, lower.ratio)


def test_a_cache_smaller_than_a_round() -> None:
    """One expert in each layer: there is one sequence, which is known. (There is no chain of fewer experts to begin with.)"""
    found = best_randomized(Instance(3, 1, 2), seconds=0)
    assert found.lower == found.upper == 1


def test_a_chain_on_fewer_experts_or_with_less_memory_forces_as_much() -> None:
    """(2,2,2) has 4/3 with memory 2: so have (2,3,2), and memory 3."""
    few = randomized_lower(Instance(2, 2, 2), 2, Fraction(4, 3))
    graph = few.nodes.graph
    chain = normalized(graph, np.array(few.weights, np.float64))
    for nodes, carried in (
        (explore(state_graph(Instance(2, 3, 2), 2), 100), inherited),
        (explore(state_graph(Instance(2, 2, 2), 3), 100), remembering),
    ):
        response = respond(nodes, carried(nodes.graph, chain, graph))
        assert response.ratio == pytest.approx(4 / 3, abs=1e-9)


@pytest.mark.parametrize("numbers", [pytest.param((2, 3, 4), marks=pytest.mark.slow), (3, 2, 4), (2, 3, 5)])
def test_the_interval_is_below_the_deterministic_value(numbers: tuple[int, int, int]) -> None:
    instance = Instance(*numbers)
    found = best_randomized(instance, 0)
    assert 1 < found.lower <= found.upper < best_deterministic(instance).ratio
    assert found.upper - found.lower < Fraction(1, 20)


@pytest.fixture(scope="module")
def small() -> BestRandomized:
    return best_randomized(Instance(2, 2, 3))


def mean_ratio(found: BestRandomized, policy: str | None, rounds: int, seeds: int) -> tuple[float, float]:
    """Mean of ALG - r * OPT per OPT over sampled sequences, with its standard error."""
    instance = found.instance
    results = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        requests = Requests.of(instance.layers, instance.experts, found.adversary().sequence(rounds, rng))
        make = found.policy() if policy is None else POLICIES[policy]()
        misses = replay(make, instance, requests, rng).misses
        results.append(misses - float(found.upper) * opt(instance, requests).cost)
    return float(np.mean(results)), float(np.std(results) / np.sqrt(seeds))


@pytest.mark.parametrize("policy", ["lru", "fifo", "guided-far", "marker", "random", None])
def test_no_policy_escapes_the_chain(small: BestRandomized, policy: str | None) -> None:
    """E[ALG - r OPT] is at least -(largest potential - least) - r k; six standard errors of patience."""
    assert small.lower_bound is not None
    mean, error = mean_ratio(small, policy, 150, 40)
    least = (
        float(min(small.lower_bound.potential) - max(small.lower_bound.potential)) - float(small.upper) * 3
    )
    assert mean >= least - 6 * error


@pytest.mark.parametrize("name", ["cyclic", "uniform", "own"])
def test_the_policy_keeps_its_ratio(small: BestRandomized, name: str) -> None:
    """E[ALG - r OPT] is at most the range of the potentials, plus k for the empty cache; on any sequence."""
    instance = small.instance
    assert isinstance(small.upper_bound, RandomizedUpper)
    rng = np.random.default_rng(1)
    rounds = 200
    pages = {
        "cyclic": np.array([[0, 2], [1, 3]] * (rounds // 2)).ravel(),
        "uniform": (rng.integers(0, 2, (rounds, 2)) + np.array([0, 2])).ravel(),
        "own": small.adversary().sequence(rounds, rng),
    }[name]
    requests = Requests.of(2, 2, pages.astype(np.int32))
    cost = opt(instance, requests).cost
    runs = [replay(small.policy(), instance, requests, np.random.default_rng(s)).misses for s in range(60)]
    potential = small.upper_bound.potential
    most = float(small.upper) * cost + float(max(potential) - min(potential)) + 3
    assert np.mean(runs) <= most + 6 * np.std(runs) / np.sqrt(len(runs))
    assert min(runs) >= cost


def test_a_wrong_chain_proves_nothing(small: BestRandomized) -> None:
    """Planted faults: a larger ratio, a raised potential, other weights."""
    lower = small.lower_bound
    assert lower is not None
    nodes, weights, potential = lower.nodes, lower.weights, lower.potential
    assert proven(nodes, weights, potential, lower.ratio)
    assert not proven(nodes, weights, potential, lower.ratio + Fraction(1, 1000))
    assert not proven(nodes, weights, (potential[0] + 10, *potential[1:]), lower.ratio)
    uniform = tuple(1 for _ in weights)
    assert not proven(nodes, uniform, potential, lower.ratio)


def test_labels_follow_the_offset_function() -> None:
    """Levels against the update rule on sets; recency against the sequence itself."""
    instance = Instance(3, 3, 5)
    rng = np.random.default_rng(0)
    pages = LabelledPages(instance, 4)
    sets = tuple(frozenset({p for p, (own, _) in enumerate(pages.labels) if own == i}) for i in range(1, 6))
    recent: list[int] = []
    for time in range(300):
        page = instance.page(time % 3, int(rng.integers(3)))
        sets, _ = update(sets, page)
        pages.request(page)
        recent = [page, *(p for p in recent if p != page)]
        for p, (level, recency) in enumerate(pages.labels):
            assert (level <= 5 and p in sets[level - 1]) or (level == 6 and not any(p in s for s in sets))
            if recency:  # forgotten pages leave gaps, so that the order counts, and the place is no smaller
                assert recency <= recent.index(p) + 1 <= 9
        order = sorted((recency, p) for p, (_, recency) in enumerate(pages.labels) if recency)
        assert [p for _, p in order] == [p for p in recent if pages.labels[p][1]]
        assert pages.labels[page] == (1, 1)


def test_counts_of_caches() -> None:
    """Bases by counting real caches that meet every union of levels often enough."""
    graph = state_graph(Instance(2, 3, 4))
    from itertools import combinations

    for groups in graph.groups:
        levels = [g.label[0] for g in groups for _ in range(g.size)]
        real = sum(
            all(sum(levels[p] <= i for p in cache) >= i for i in range(1, 5))
            for cache in combinations(range(6), 4)
            if all(levels[p] <= 4 for p in cache)
        )
        sizes = [g.size for g in groups]
        assert sum(arrangements(sizes, counts) for counts in bases(groups, 4, 4)) == real


def test_shares_of_a_split_add_up() -> None:
    graph = state_graph(Instance(2, 3, 4))
    for request in graph.requests:
        for counts in bases(graph.groups[request.source], 4, 4):
            parts = split(counts, request)
            assert sum(share for share, _ in parts) == 1
            assert all(sum(part) == sum(counts) for _, part in parts)


def test_an_exact_vertex() -> None:
    """minimize x + y with 3x + y >= 1, x + 7y >= 1: x = 3/10, y = 1/10."""
    program = LinearProgram()
    x, y = program.variable(cost=1), program.variable(cost=1)
    for a, b in ((3, 1), (1, 7)):
        row = program.row(1, float("inf"))
        program.add(row, x, a)
        program.add(row, y, b)
    found = solve_exactly(program)
    assert found == [Fraction(3, 10), Fraction(1, 10)]
    assert not feasible(program, [Fraction(3, 10), Fraction(1, 10) - Fraction(1, 10**30)])


def test_an_impossible_program_fails() -> None:
    program = LinearProgram()
    x = program.variable(0, 1)
    program.add(program.row(2, 3), x, 1)
    with pytest.raises(SolverFailed, match="linear program"):
        solve_exactly(program)


def test_a_failed_rational_solution_still_gives_two_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise SolverFailed("planted")

    monkeypatch.setattr("bounds.exact.randomized.best.randomized_upper", fail)
    found = best_randomized(Instance(2, 2, 3), 0)
    assert found.upper == 2  # of the best deterministic policy
    assert found.lower > Fraction(17, 10)
    assert "planted" in found.notes[0]
    assert found.policy().deterministic
    monkeypatch.setattr("bounds.exact.randomized.best.randomized_lower", fail)
    found = best_randomized(Instance(2, 2, 3), 0)
    assert found.lower == 1
    assert found.upper == 2
    assert len(found.notes) == 2
    with pytest.raises(SolverFailed, match="no chain"):
        found.adversary()


def test_a_memory_that_does_not_fit_leaves_the_upper_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bounds.exact.randomized.lower.MOST_NODES", 5)
    monkeypatch.setattr("bounds.exact.randomized.labels.MOST_STATES", 5)
    found = best_randomized(Instance(2, 2, 3), 2)
    assert (found.lower, found.upper) == (Fraction(1), Fraction(7, 4))
    assert "with memory 2" in found.notes[0]


def test_what_is_refused() -> None:
    with pytest.raises(UnsupportedProblem, match="trivial"):
        best_randomized(Instance(2, 2, 4))
    for memory in (-1, 4):
        with pytest.raises(InvalidArgument, match="memory: expected 0 to 3"):
            best_randomized(Instance(2, 2, 3), memory)
    with pytest.raises(UnsupportedProblem, match="more than 5 caches"):
        randomized_lower(Instance(2, 2, 3), 0, most=5)
    with pytest.raises(
        UnsupportedProblem, match="more than 3,000 states of the offset function, expected fewer"
    ):
        best_randomized(Instance(4, 4, 9))
    policy = best_randomized(Instance(1, 3, 2)).policy()
    with pytest.raises(PreconditionNotMet, match="started at"):
        policy.start(Instance(2, 2, 2), np.random.default_rng(0))


def test_draws_have_the_stated_probabilities() -> None:
    rng = np.random.default_rng(0)
    draws = [
        draw([("a", Fraction(1, 3)), ("b", Fraction(1, 6)), ("c", Fraction(0))], rng) for _ in range(3000)
    ]
    assert abs(draws.count("a") - 2000) < 6 * np.sqrt(3000 * 2 / 9)
    assert "c" not in draws


def test_the_adversary_is_the_same_for_a_seed(small: BestRandomized) -> None:
    one, two = (small.adversary().sequence(50, np.random.default_rng(3)) for _ in range(2))
    assert one.tolist() == two.tolist()
    assert len(one) == 100
