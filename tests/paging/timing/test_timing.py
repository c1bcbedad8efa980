"""Schedules in time: the kernel and the plain version, the rules of the model, the bounds against all schedules."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paging.errors import InvalidArgument
from paging.fast import run_of
from paging.model import Instance, Requests
from paging.offline.belady import optimal_misses
from paging.offline.engines import opt
from paging.policies.registry import POLICIES, SHARED
from paging.replay import replay
from paging.timing import best as best_module
from paging.timing import least
from paging.timing.best import Best, best
from paging.timing.cheapest import cheapest_flow
from paging.timing.clock import clock
from paging.timing.critical import critical
from paging.timing.model import Timing
from paging.timing.schedule import Schedule, of_hits, of_run
from paging.timing.simulate import ends
from paging.traces.synthetic import synthetic
from paging.variant import Variant
from tests.paging.timing.brute_force import Game, shortest
from tests.paging.timing.machines import Machine, machines
from tests.paging.timing.simulated import simulate


def schedules(machine: Machine) -> list[Schedule]:
    """Of some policies, and the best one found."""
    rng = np.random.default_rng(0)
    names = ("lru", "mru", "flush-when-full", "marker")
    runs = [replay(POLICIES[name](), machine.instance, machine.requests, rng) for name in names]
    return [*map(of_run, runs), best(machine.instance, machine.requests, machine.clock).schedule]


def game(machine: Machine) -> Game:
    """The same machine, as the exhaustive search takes it."""
    requests, timing = machine.requests, machine.timing
    in_visit = requests.width // requests.batch
    wrong = machine.clock.wrong.reshape(-1, requests.batch).tolist()
    known = []
    for step, failed in enumerate(wrong):
        visit = step // in_visit
        ahead = max(0, visit - timing.lookahead) * in_visit
        known.append([visit * in_visit if fails else ahead for fails in failed])
        if not timing.overlap:
            known[-1] = [step] * requests.batch
    elsewhere = None if timing.elsewhere is None else int(timing.elsewhere)
    compute = timing.compute / in_visit
    assert compute.denominator == 1
    return Game(
        requests.batches.tolist(),
        known,
        machine.instance.cache,
        machine.loads.tolist(),
        int(compute),
        timing.overlap,
        elsewhere,
    )


@settings(max_examples=60, deadline=None)
@given(machines(pages=12, requests=60, warmup=True))
def test_the_kernel_is_the_simulation(machine: Machine) -> None:
    for schedule in schedules(machine):
        assert ends(schedule, machine.clock).tolist() == list(simulate(schedule, machine.clock).ends)


@settings(max_examples=60, deadline=None)
@given(machines(pages=12, requests=60))
def test_the_rules_of_the_model(machine: Machine) -> None:
    """Looked at from outside: channel, knowledge, presence, slots."""
    at, batch, timing = machine.clock, machine.requests.batch, machine.timing
    stream = machine.requests.stream.tolist()
    for schedule in schedules(machine):
        found = simulate(schedule, at)
        starts = [end - at.compute for end in found.ends]
        for step in range(at.steps):
            here = schedule.elsewhere[step * batch : (step + 1) * batch]
            starts[step] -= int(here.sum()) * (at.elsewhere or 0)
            assert starts[step] >= (found.ends[step - 1] if step else 0)
        free = 0
        spans: list[tuple[int, int]] = []
        live: dict[int, tuple[int, int]] = {}
        for t, begin in enumerate(found.begins):
            step = t // batch
            if schedule.elsewhere[t]:
                continue
            if begin is not None:
                visit = step // (machine.requests.width // batch)
                last = max(0, visit - (0 if at.wrong[t] else timing.lookahead)) * (
                    machine.requests.width // batch
                )
                known = found.ends[last - 1] if last else 0
                assert begin >= max(free, known)
                if not timing.overlap:
                    assert begin >= (found.ends[step - 1] if step else 0)
                free = begin + int(at.load[t])
                assert free <= starts[step]
                if stream[t] in live:
                    spans.append(live[stream[t]])
                live[stream[t]] = (begin, found.ends[step])
            else:  # a hit: it has been there since its load
                live[stream[t]] = (live[stream[t]][0], found.ends[step])
        spans += live.values()
        for begin, _ in spans:
            assert sum(one <= begin < other for one, other in spans) <= machine.instance.cache


@settings(max_examples=150, deadline=None)
@given(machines())
def test_against_all_schedules(machine: Machine) -> None:
    found = best(machine.instance, machine.requests, machine.clock)
    truth = shortest(game(machine))
    assert found.lower <= truth <= found.upper
    if not machine.timing.overlap:
        assert found.exact
    for schedule in schedules(machine):
        assert ends(schedule, machine.clock)[-1] >= truth


def caught(bound: str) -> bool:
    """Whether the comparison with all schedules finds a fault, among machines with overlap."""
    for seed in range(60):
        asked = synthetic(2, 3, 3, zipf=0.5, rng=np.random.default_rng(seed)).requests()
        timing = Timing(Fraction(1), compute=Fraction(2), overlap=True, lookahead=seed % 3)
        machine = Machine(Instance(2, 3, 1 + seed % 4), asked, np.array([2, 2]), timing)
        found: Best = best_module.best(machine.instance, machine.requests, machine.clock)
        truth = shortest(game(machine))
        if found.lower > truth if bound == "lower" else found.upper < truth:
            return True
    return False


def test_no_fault_is_found_where_none_is() -> None:
    assert not caught("lower")
    assert not caught("upper")


def test_a_bound_that_adds_what_may_overlap_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def planted(at: object, loads: object) -> object:
        fixed, priced = critical(at, loads)  # type: ignore[arg-type]
        return fixed + 1, priced

    monkeypatch.setattr(best_module, "critical", planted)
    assert caught("lower")
    monkeypatch.setattr(
        best_module, "critical", lambda at, loads: (at.compute * at.steps, np.ones_like(loads))
    )
    assert caught("lower")


def test_a_schedule_without_slots_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def planted(*arguments: object) -> Schedule:
        found = of_hits(*arguments)  # type: ignore[arg-type]
        return replace(found, after=np.full_like(found.after, -1))

    monkeypatch.setattr(best_module, "of_hits", planted)
    assert caught("upper")


@settings(max_examples=60, deadline=None)
@given(machines(pages=12, requests=60, warmup=True))
def test_bounds_hold_after_a_warm_up(machine: Machine) -> None:
    found = best(machine.instance, machine.requests, machine.clock)
    assert all(ends(schedule, machine.clock)[-1] >= found.lower for schedule in schedules(machine))
    if not machine.timing.overlap:
        assert found.exact


@pytest.mark.parametrize("semantics", ["sequential", "atomic"])
def test_without_overlap_it_is_misses_times_load(semantics: str) -> None:
    """To the last digit, with times that no float holds."""
    requests = synthetic(4, 9, 50, width=3, rng=np.random.default_rng(3)).requests(semantics=semantics)  # type: ignore[arg-type]
    instance = Instance(4, 9, 14)
    timing = Timing(Fraction(247 * 10**8), Fraction(1, 3 * 10**5), compute=Fraction(1, 7000))
    at = clock(requests, np.full(4, 3_059_712), timing)
    load = Fraction(1, 3 * 10**5) + Fraction(3_059_712, 247 * 10**8)
    computing = Fraction(50 * 4, 7000)
    for policy in SHARED.values():
        run = run_of(policy, instance, requests)
        assert at.seconds(int(ends(of_run(run), at)[-1])) == run.misses * load + computing
    found = best(instance, requests, at)
    assert found.exact
    assert at.seconds(found.upper) == optimal_misses(instance, requests) * load + computing


def test_tokens_add_up() -> None:
    requests = synthetic(3, 5, 20, width=2, rng=np.random.default_rng(1)).requests(
        semantics="sequential", warmup=4
    )
    at = clock(requests, np.array([3, 4, 5]), Timing(Fraction(1), overlap=True, lookahead=1))
    end = ends(of_run(run_of(SHARED["lru"], Instance(3, 5, 7), requests)), at)
    assert at.tokens(end).sum() == end[-1]
    assert len(at.tokens(end)) == 16


def test_a_failed_prediction_loads_twice() -> None:
    """Two layers, one slot for each of their experts; the second is predicted while the first is computed."""
    requests = Requests.of(2, 1, [0, 1])
    timing = Timing(Fraction(1), compute=Fraction(10), overlap=True, lookahead=1)

    def total(accuracy: int) -> int:
        at = clock(requests, np.array([3, 4]), replace(timing, accuracy=Fraction(accuracy)))
        return int(ends(of_run(run_of(SHARED["lru"], Instance(2, 1, 2), requests)), at)[-1])

    assert total(1) == 3 + 10 + 10  # loaded while the first layer is computed
    assert total(0) == 3 + 10 + 4 + 10  # the wrong one as well; then the right one


@settings(max_examples=60, deadline=None)
@given(machines(pages=12, requests=60, overlap=True))
def test_the_chain_is_exact_for_its_own_loads(machine: Machine) -> None:
    at = replace(machine.clock, wrong=np.zeros(machine.requests.counted, np.bool_))
    for schedule in schedules(machine):
        if schedule.elsewhere.any():
            continue
        roomy = replace(schedule, after=np.full_like(schedule.after, -1))
        fixed, priced = critical(at, schedule.loads)
        assert fixed + int(at.load[priced & schedule.loads].sum()) == ends(roomy, at)[-1]


@settings(max_examples=60, deadline=None)
@given(machines(pages=12, requests=60, warmup=True, overlap=False), st.integers(0, 2**32 - 1))
def test_least_prices(machine: Machine, seed: int) -> None:
    """By another solver; and the bounds for long sequences, which need none, stay below."""
    instance, requests = machine.instance, machine.requests
    rng = np.random.default_rng(seed)
    prices = rng.integers(0, 9, requests.layers)
    exact = least.of_layers(instance, requests, prices)
    weights = np.repeat(prices, requests.experts)
    assert exact.bound == opt(instance, requests, "flow", variant=Variant(weights=weights)).cost
    assert least.above_thresholds(instance, requests, prices) <= exact.bound
    load = weights[requests.stream[requests.warmup :]] + 1
    away = least.with_elsewhere(instance, requests, load, 3)
    paid = int(load[~away.hits & ~away.elsewhere].sum()) + 3 * int(away.elsewhere.sum())
    assert paid == away.bound
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(least, "MOST_WORK", -1)
        assert least.with_elsewhere(instance, requests, load, 3).bound <= away.bound
        found = best(instance, requests, machine.clock)
        assert found.lower <= best(instance, requests, machine.clock).upper


def test_prices_of_one_step_are_exact_by_thresholds() -> None:
    requests = synthetic(3, 6, 60, rng=np.random.default_rng(2)).requests()
    instance = Instance(3, 6, 7)
    prices = np.full(3, 5)
    assert least.above_thresholds(instance, requests, prices) == 5 * optimal_misses(instance, requests)


def test_dear_prices_are_rounded_down() -> None:
    requests = synthetic(2, 4, 30, rng=np.random.default_rng(2)).requests()
    instance = Instance(2, 4, 3)
    load = np.where(np.arange(60) % 2, 2**45 + 1, 2**44 + 1)
    found = least.of_requests(instance, requests, load)
    paid = int(load[~found.hits].sum())
    assert paid * (1 - 2**-30) < found.bound <= paid


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 8), st.integers(0, 20), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_cheapest_flow(nodes: int, arcs: int, units: int, seed: int) -> None:
    """Against the network simplex of networkx."""
    rng = np.random.default_rng(seed)
    pairs = [sorted(rng.choice(nodes, 2, replace=False).tolist()) for _ in range(arcs)]
    ends_ = np.array(pairs, np.int64).reshape(-1, 2)
    tail = np.concatenate([ends_[:, 0], np.arange(nodes - 1)])
    head = np.concatenate([ends_[:, 1], np.arange(1, nodes)])
    room = np.concatenate([rng.integers(0, 3, arcs), np.full(nodes - 1, units)])
    cost = np.concatenate([rng.integers(-5, 6, arcs), np.zeros(nodes - 1, np.int64)])
    flow, total = cheapest_flow(nodes, tail, head, room, cost, units)
    graph = nx.MultiDiGraph()
    graph.add_node(0, demand=-units)
    graph.add_node(nodes - 1, demand=units)
    for one, other, most, price in zip(
        tail.tolist(), head.tolist(), room.tolist(), cost.tolist(), strict=True
    ):
        graph.add_edge(one, other, capacity=most, weight=price)
    assert total == int((flow * cost).sum()) == nx.network_simplex(graph)[0]
    assert (flow >= 0).all()
    assert (flow <= room).all()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"bandwidth": Fraction(0)}, "bandwidth: expected a positive number, got 0"),
        ({"bandwidth": 25e9}, "bandwidth: expected an exact number, an int or a Fraction, got 25000000000"),
        ({"accuracy": None}, "accuracy: expected an exact number, an int or a Fraction, got None"),
        ({"latency": Fraction(-1)}, "latency: expected at least 0, got -1"),
        ({"accuracy": Fraction(3, 2)}, "accuracy: expected 0 to 1, got 3/2"),
        ({"lookahead": 1}, "lookahead: expected overlap too"),
    ],
)
def test_numbers_outside(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidArgument, match=said):
        Timing(**{"bandwidth": Fraction(1), **wrong})  # type: ignore[arg-type]


def test_whole_numbers_are_exact_too() -> None:
    assert Timing(7, 2, elsewhere=3) == Timing(Fraction(7), Fraction(2), elsewhere=Fraction(3))  # type: ignore[arg-type]
    assert Timing(7, 2).load(1) == Fraction(15, 7)  # type: ignore[arg-type]


def test_times_without_a_common_unit() -> None:
    requests = Requests.of(1, 1, [0])
    with pytest.raises(InvalidArgument, match="give fewer digits"):
        clock(requests, np.array([1]), Timing(Fraction(1), Fraction(1, 10**17)))


def test_a_layer_is_one_layer_where_sets_differ_in_size() -> None:
    """Two layers, of one and two experts: those of the second are known together, one layer ahead."""
    requests = Requests.of(2, 2, [0, 2, 3, 1, 2], "sequential", sizes=[1, 2, 1, 1])
    timing = Timing(Fraction(1), compute=Fraction(4), overlap=True, lookahead=1)
    at = clock(requests, np.array([1, 1]), timing)
    assert at.compute == 2
    assert at.known.tolist() == [-1, 0, 0, 2, 3]
    assert at.release.tolist() == [-1, -1, -1, 0, 2]
    assert at.ends.tolist() == [2, 4]
    assert simulate(of_hits(requests, 4, np.array([0, 0, 0, 0, 1], np.bool_)), at).begins == (
        0,
        1,
        2,
        3,
        None,
    )
