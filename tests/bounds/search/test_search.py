"""The search: never above the exact ratio, reproducible, proven; and every check of it can fail."""

from __future__ import annotations

import math
from collections.abc import Hashable, Set
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from bounds.exact.product import KINDS, kernel_graph
from bounds.exact.ratio import exact_ratio
from bounds.search.embedding import embed, embedded, smaller_instances
from bounds.search.found import Candidate, Found
from bounds.search.judge import better, glance, judge, measure, prove
from bounds.search.mutations import MUTATIONS, flat, random_rounds, rounds_of
from bounds.search.problem import Problem
from bounds.search.search import search
from bounds.search.searchers.base import Harvest, Order, Searcher
from bounds.search.searchers.registry import SEARCHERS
from bounds.search.shrink import shrink, size
from bounds.theorems.of_policy import best_lower, best_upper
from paging.errors import InvalidArgument, InvalidRequests, UnknownName, UnsupportedProblem
from paging.model import Instance, Page, Requests
from paging.offline.engines import opt
from paging.policies.fifo import FIFO
from paging.policies.lru import LRU
from paging.policies.named import NamedPolicy, named
from paging.policies.registry import POLICIES
from paging.pool import InProcess
from paging.replay import replay
from proofs.atlas_cells import instances
from proofs.certificates.cycle import cycle_certificate
from proofs.verify import Rejected, verify

SMALL = Instance(2, 3, 4)
NAMES = ("lru", "fifo", "llru", "mru", "guided-far", "guided-lru")
LONG = 3600.0


def units(name: str, instance: Instance, most: int, **options: object) -> Found:
    """A search of so many units, however long they take."""
    return search(instance, name, seconds=LONG, most_units=most, **options)  # type: ignore[arg-type]


def costs(found: Found, name: str, repetitions: int) -> tuple[int, int]:
    """Misses and OPT of the whole sequence, by replay and by Belady."""
    pages = np.array(found.prefix + found.cycle * repetitions, np.int32)
    run = replay(POLICIES[name](), found.instance, pages)
    requests = Requests.of(found.instance.layers, found.instance.experts, pages)
    return run.misses, opt(found.instance, requests, "belady").cost


@pytest.mark.parametrize("name", NAMES)
def test_never_above_the_exact_ratio_and_mostly_equal(name: str) -> None:
    """On all instances with n*l <= 6, for different seeds; the product searcher sees these graphs whole."""
    reached = 0
    every = list(instances(6))
    for seed, instance in enumerate(every):
        exact = exact_ratio(instance, name).ratio
        found = units(name, instance, 20, seed=seed)
        assert found.proven
        assert found.ratio <= exact
        reached += found.ratio == exact
        assert not found.optimal or found.ratio == exact
    assert reached == len(every)


@pytest.mark.parametrize("name", NAMES)
def test_fewer_slots_of_the_optimum(name: str) -> None:
    """Never above the exact ratio, reached where the whole graph is seen; the cycle's costs are those of replay and of Belady's
    rule with h slots, and its certificate says h."""
    for numbers, slots in (((1, 4, 3), 2), ((2, 2, 3), 2), ((2, 2, 3), 1), ((2, 3, 3), 2)):
        instance = Instance(*numbers)
        exact = exact_ratio(instance, name, optimum=slots).ratio
        found = units(name, instance, 12, optimum=slots, seed=1)
        assert (found.proven, found.optimum, found.to_dict()["optimum_slots"]) == (True, slots, slots)
        assert found.ratio == exact or (not found.optimal and found.ratio < exact)
        assert found.ratio == exact or name.startswith("guided")
        pages = {i: np.array(found.prefix + found.cycle * i, np.int32) for i in (4, 8)}
        run = {i: Requests.of(*numbers[:2], sequence) for i, sequence in pages.items()}
        paid = [replay(POLICIES[name](), instance, pages[i]).misses for i in (4, 8)]
        best = [opt(replace(instance, cache=slots), run[i], "belady").cost for i in (4, 8)]
        assert (paid[1] - paid[0], best[1] - best[0]) == (4 * found.misses, 4 * found.growth)
        if found.growth:
            document = cycle_certificate(found)
            assert document["opt_cache"] == slots
            assert f"against OPT with h={slots} slots" in verify(document)


def test_bounds_against_fewer_slots() -> None:
    """k / (k - h + 1) for LRU is classical; what is proved from below speaks of as many slots, and is not said."""
    assert best_upper(SMALL, "lru", 2) == Fraction(4, 3)
    assert best_upper(SMALL, "lru", 4) == best_upper(SMALL, "lru") == 4
    assert best_lower(SMALL, "lru", 4) == best_lower(SMALL, "lru")
    assert best_lower(SMALL, "lru", 2) is None
    with pytest.raises(InvalidArgument, match="an optimum with 5 slots, expected 1 to 4"):
        search(SMALL, "lru", seconds=1, optimum=5)


@pytest.mark.parametrize("searcher", SEARCHERS)
@pytest.mark.parametrize("name", ["lru", "guided-far"])
def test_each_searcher_alone(name: str, searcher: str) -> None:
    exact = exact_ratio(SMALL, name).ratio
    found = units(name, SMALL, 30, searchers=[searcher])
    assert found.searcher == searcher
    assert 2 <= found.ratio <= exact


@pytest.mark.parametrize("name", ["lru", "fifo", "llru", "guided-far"])
def test_the_ratio_is_that_of_a_replay(name: str) -> None:
    found = units(name, Instance(2, 4, 5), 4)
    (a, b), (c, d) = costs(found, name, 3), costs(found, name, 8)
    assert (c - a, d - b) == (5 * found.misses, 5 * found.growth)
    assert Fraction(c - a, d - b) == found.ratio


def test_a_policy_object_without_kernel_finds_the_same() -> None:
    """The same policy, but not the registry's own, is walked in real pages."""
    found = search(SMALL, NamedPolicy("mine", LRU), seconds=LONG, most_units=4)
    assert (found.ratio, found.proven) == (4, True)
    assert found.visited > units("lru", SMALL, 1).visited


@pytest.mark.parametrize("name", ["llru", "guided-far", "lfu", "marker"])
def test_equal_seeds_equal_results_with_any_executor(name: str) -> None:
    def run(seed: int, executor: Executor | None) -> dict[str, object]:
        most = 26 if POLICIES[name]().deterministic else 8  # draws take long
        return units(name, Instance(3, 2, 4), most, seed=seed, executor=executor).to_dict()

    alone = run(1, None)
    assert run(1, InProcess()) == alone
    with ThreadPoolExecutor(3) as threads:
        assert run(1, threads) == alone


def test_every_improvement_is_told() -> None:
    kept: list[Found] = []
    found = units("llru", Instance(2, 4, 6), 8, keep=kept.append)
    assert kept[-1] == found
    assert all(one.ratio <= other.ratio for one, other in pairwise(kept))


def test_seeds_are_played() -> None:
    exact = exact_ratio(SMALL, "llru")
    given = exact.cycle if len(exact.prefix) % 2 == 0 else exact.cycle[1:] + exact.cycle[:1]
    found = units("llru", SMALL, 1, searchers=["adversaries"], seeds=[given])
    assert found.ratio == exact.ratio


def test_states_are_limited() -> None:
    states = kernel_graph(Instance(2, 4, 6), KINDS[POLICIES["llru"]]).states
    found = units("llru", Instance(2, 4, 6), 50, searchers=["product"], most_states=states // 10)
    assert 0 < found.visited <= states // 10


def test_the_whole_graph_is_seen_where_it_is_small() -> None:
    found = units("llru", SMALL, 1, searchers=["product"])
    assert found.optimal
    assert found.ratio < best_upper(SMALL, "llru")  # otherwise the search ends where the bound is met
    assert found.visited == kernel_graph(SMALL, KINDS[POLICIES["llru"]]).states


def test_an_upper_bound_ends_the_search() -> None:
    found = units("lru", SMALL, 1000)
    assert found.optimal
    assert found.units < 1000
    assert found.ratio == best_upper(SMALL, "lru") == SMALL.cache


def test_limits() -> None:
    assert best_lower(Instance(2, 2, 3), "lru") == ("lru-lower", Fraction(3))
    assert best_lower(SMALL, "guided-far") == ("deterministic-lower", Fraction(3))
    assert best_lower(SMALL, "lru-dist") == ("fixed-partition", math.inf)
    assert best_upper(SMALL, "llru") == 5
    assert best_upper(SMALL, "mru") == math.inf


class Forgetful(FIFO):
    """Its canonical state is a lie: it says that all pasts are alike."""

    def canonical_state(self, cache: Set[Page]) -> Hashable:
        return 0


def test_a_recurrence_is_a_recurrence_of_the_policy_too() -> None:
    """Cache and offset function are the same after some of these cycles, the queue is not: the lie would be believed."""
    rng = np.random.default_rng(0)
    honest, liar = Problem.of(SMALL, named(FIFO)), Problem.of(SMALL, named(Forgetful))
    differ = 0
    for _ in range(400):
        cycle = flat(SMALL, random_rounds(SMALL, rng))
        one, two = prove(honest, (), cycle), prove(liar, (), cycle)
        differ += (one and one.ratio) != (two and two.ratio) or (one and one.prefix) != (two and two.prefix)
    assert differ


def test_what_is_nothing_and_what_is_infinite() -> None:
    mru = Problem.of(SMALL, POLICIES["mru"])
    rng = np.random.default_rng(0)
    assert judge(mru, (), (0, 3), rng) is None  # two pages, hits for ever
    cycle = exact_ratio(SMALL, "mru")
    found = judge(mru, cycle.prefix, cycle.cycle, rng)
    assert found is not None
    assert (found.ratio, found.growth, found.proven) == (math.inf, 0, True)
    assert measure(mru, (), (0, 3)) is None
    assert glance(mru, (), (0, 3), rng) == 0


def test_without_a_canonical_state_nothing_is_proven() -> None:
    found = units("lfu", SMALL, 12)
    assert not found.proven
    assert not found.optimal
    first, second = costs(found, "lfu", found.repetitions), costs(found, "lfu", 2 * found.repetitions)
    assert (second[0] - first[0], second[1] - first[1]) == (found.misses, found.growth)
    with pytest.raises(UnsupportedProblem, match="no certificate without a proof"):
        cycle_certificate(found)


def test_what_is_proven_comes_first() -> None:
    proven = Candidate(Fraction(2), True, (), (0,), 2, 1)
    measured = Candidate(Fraction(9), False, (), (0,), 9, 1)
    assert better(proven, measured)
    assert not better(measured, proven)
    assert better(measured, None)
    assert not better(None, proven)


def test_shrinking_keeps_the_ratio() -> None:
    """Two pages in each of two layers, round and round: blown up by idle rounds, and with high page numbers."""
    instance = Instance(2, 5, 3)
    problem = Problem.of(instance, POLICIES["lru"])
    rng = np.random.default_rng(0)
    fat = tuple([3, 8, 3, 8] + [3, 8, 4, 9] * 6)
    big = judge(problem, (2, 7, 1, 6), fat, rng)
    assert big is not None
    small = shrink(problem, big, 500, lambda: False)
    assert small.ratio >= big.ratio
    assert small.proven
    assert size(small) < size(big)
    assert len(small.cycle) < len(big.cycle) // 2
    assert set(small.prefix + small.cycle) == {0, 1, 5, 6}
    assert shrink(problem, big, 0, lambda: False) == big


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_mutations_respect_the_layers(mutation: object) -> None:
    rng = np.random.default_rng(1)
    instance = Instance(3, 4, 5)
    rounds = random_rounds(instance, rng)
    changed = 0
    for _ in range(200):
        new = mutation(instance, rounds, rng)  # type: ignore[operator]
        Requests.of(3, 4, flat(instance, new))  # raises where the layers are out of order
        changed += flat(instance, new) != flat(instance, rounds)
        assert np.array_equal(rounds_of(instance, flat(instance, new)), new)
        rounds = new if len(new) < 20 else random_rounds(instance, rng)
    assert changed


def test_randomized_policies_get_an_interval_from_fresh_draws() -> None:
    found = units("marker", SMALL, 20)
    assert not found.proven
    assert found.interval is not None
    low, high = found.interval
    assert low <= found.ratio <= high
    assert found.ratio == Fraction(found.misses, found.draws * found.growth)
    again = judge(Problem.of(SMALL, POLICIES["marker"]), found.prefix, found.cycle, np.random.default_rng(99))
    assert again is not None
    assert again.interval is not None
    assert again.interval[0] <= high
    assert low <= again.interval[1]
    assert again.misses != found.misses


def test_the_chosen_estimate_is_not_the_reported_one() -> None:
    """The largest of many estimates of one and the same cost is too large; the figure reported is not the largest."""
    instance = Instance(1, 3, 2)
    problem = Problem.of(instance, POLICIES["random"])
    cycle = (0, 1, 2)
    estimates = [
        glance(problem, (), cycle, np.random.default_rng(seed)) for seed in range(200)
    ]  # what a search would choose by
    long_run = judge(problem, (), cycle, np.random.default_rng(1000))
    assert long_run is not None
    assert long_run.interval is not None
    assert max(estimates) > long_run.interval[1]  # biased upwards
    found = units("random", instance, 12)
    assert found.interval is not None
    fresh = judge(problem, found.prefix, found.cycle, np.random.default_rng(5))
    assert fresh is not None
    assert fresh.interval is not None
    assert fresh.interval[0] <= found.interval[1]
    assert found.interval[0] <= fresh.interval[1]


@pytest.mark.parametrize("name", NAMES)
def test_certificates(name: str) -> None:
    for instance in (Instance(1, 4, 3), SMALL, Instance(3, 2, 4)):
        found = units(name, instance, 20)
        certificate = cycle_certificate(found)
        assert f"ratio >= {found.ratio}" in verify(certificate)
        if found.ratio != math.inf:
            certificate["ratio"] = str(found.ratio + Fraction(1, 100))
            with pytest.raises(Rejected, match="the cycle costs"):
                verify(certificate)


def test_a_certificate_of_a_cycle_that_does_not_recur_is_rejected() -> None:
    """Up to the names of pages a quarter of this cycle recurs; no other part does."""
    found = units("guided-far", SMALL, 20)
    quarter = len(found.cycle) // 4
    for length in (quarter - 1, quarter + 1, 2 * quarter + 1, len(found.cycle) - 1):
        with pytest.raises(Rejected, match=r"does not recur|the cycle costs"):
            verify(cycle_certificate(replace(found, cycle=found.cycle[:length])))


def test_a_large_instance() -> None:
    """72 pages, more than the kernels take: the theorem's bound is reached, and certified."""
    instance = Instance(9, 8, 18)
    found = units("lru", instance, 8, searchers=["adversaries"])
    known = best_lower(instance, "lru")
    assert known is not None
    assert found.ratio >= known[1]
    assert f"ratio >= {found.ratio} of lru" in verify(cycle_certificate(found))


def test_bad_arguments() -> None:
    for seconds, expected in (
        (0, "more than 0"),
        (-1, "more than 0"),
        (math.nan, "more than 0"),
        (math.inf, "at most"),
    ):
        with pytest.raises(InvalidArgument, match=f"seconds: expected {expected}"):
            search(SMALL, LRU, seconds=seconds)
    with pytest.raises(UnknownName, match="unknown searcher 'x'"):
        search(SMALL, LRU, seconds=1, searchers=["x"])
    with pytest.raises(UnsupportedProblem, match="trivial"):
        search(Instance(2, 2, 4), LRU, seconds=1)
    with pytest.raises(InvalidArgument, match="whole rounds"):
        search(SMALL, LRU, seconds=1, seeds=[(0,)])
    with pytest.raises(InvalidRequests, match="belongs to layer"):
        search(SMALL, LRU, seconds=1, seeds=[(0, 1)])


def test_no_time_no_cycle() -> None:
    found = search(SMALL, LRU, seconds=1e-9)
    assert (found.ratio, found.proven, found.cycle, found.searcher) == (0, False, (), "none")


def test_searchers_come_home_late() -> None:
    """A unit that is late when it begins does nothing, and one that is not does something."""
    problem = Problem.of(SMALL, POLICIES["lru"])
    for name in ("product", "cycles"):
        searcher: Searcher = SEARCHERS[name]
        in_time = searcher.work(problem, Order(0, None, None, math.inf, np.random.default_rng(0)))
        assert isinstance(in_time, Harvest)
        assert in_time.best is not None


def test_embedded_cycles_are_legal_and_strong() -> None:
    instance = Instance(2, 5, 6)
    smaller = list(smaller_instances(instance))
    assert Instance(2, 4, 6) in smaller
    assert Instance(1, 5, 5) not in smaller
    cycles = embedded(instance, "guided-far")
    assert cycles
    for cycle in cycles:
        Requests.of(2, 5, cycle)
    found = units("guided-far", instance, len(cycles), searchers=["adversaries"], seeds=cycles)
    assert found.ratio == 5  # k-l+1, the game's value


def test_embedding() -> None:
    assert embed((1, 2), Instance(2, 2, 3), Instance(3, 4, 4)) == (1, 4, 8)
