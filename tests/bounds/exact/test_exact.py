"""Exact ratios: fast against slow, with symmetry against without, and both against networkx and plain fixed points."""

from __future__ import annotations

import pickle
from fractions import Fraction
from math import inf

import networkx as nx
import numpy as np
import pytest

from adversaries.duel import duel
from bounds.exact.board import Board
from bounds.exact.deterministic import best_deterministic
from bounds.exact.game import build_game, estimated_states, start_labels
from bounds.exact.product import KINDS, ProductGraph, kernel_graph
from bounds.exact.ratio import exact_ratio
from bounds.exact.strategies import moved_labels
from paging.errors import PreconditionNotMet, UnsupportedProblem
from paging.model import Instance
from paging.offline.offset import OffsetFunction
from paging.policies.base import Policy
from paging.policies.lru import LRU
from paging.policies.named import NamedPolicy
from paging.policies.registry import POLICIES, SHARED
from paging.replay import Player, replay
from tests.bounds.exact.naive_game import adversary_forces, moves, policy_keeps

TINY = [Instance(*numbers) for numbers in ((1, 3, 2), (2, 2, 1), (2, 2, 2), (2, 2, 3), (3, 2, 2))]
SMALL = [*TINY, Instance(1, 4, 3), Instance(1, 5, 2), Instance(2, 3, 2), Instance(3, 2, 3)]


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("instance", [*TINY, Instance(1, 4, 2), Instance(2, 3, 2)], ids=str)
def test_best_deterministic_against_plain_fixed_points(instance: Instance, guided: bool) -> None:
    """The value is enough for a policy that begins with an empty cache, and almost as much can be forced."""
    ratio = best_deterministic(instance, guided=guided).ratio
    graph = moves(instance.layers, instance.experts, instance.cache, guided)
    assert policy_keeps(graph, ratio)
    assert adversary_forces(graph, ratio - Fraction(1, 50))


def test_values_known_before() -> None:
    """theory.md: l = 1 gives k; (2,2,3) gives 2 for the best policy and 3 for LRU; MRU is finite at k = 1 and at n = 1."""
    for experts in range(2, 8):
        for cache in range(1, experts):
            assert best_deterministic(Instance(1, experts, cache)).ratio == cache
    assert best_deterministic(Instance(2, 2, 3)).ratio == 2
    assert exact_ratio(Instance(2, 2, 3), "lru").ratio == 3
    assert exact_ratio(Instance(2, 2, 3), "mru").ratio == inf
    assert exact_ratio(Instance(2, 2, 1), "mru").ratio < inf


@pytest.mark.parametrize("name", [policy.id for policy in KINDS])
def test_symmetry_and_kernels_change_nothing(name: str) -> None:
    """The reduced graph of the kernel against the graph of the policy object with real pages."""
    for instance in SMALL:
        if (name, instance) == ("mru", Instance(3, 2, 3)):
            continue  # many thousand states without symmetry
        fast = exact_ratio(instance, name)
        slow = exact_ratio(instance, NamedPolicy("by replay", POLICIES[name].make))
        assert fast.ratio == slow.ratio, instance
        assert fast.product.states <= slow.product.states


@pytest.mark.parametrize("name", [policy.id for policy in KINDS])
@pytest.mark.parametrize(
    "instance", [Instance(1, 4, 3), Instance(2, 2, 3), Instance(3, 2, 3), Instance(2, 3, 4)], ids=str
)
def test_kernel_and_policy_agree_on_every_reachable_state(name: str, instance: Instance) -> None:
    from bounds.exact.kernels import policies

    kind = getattr(policies, KINDS[POLICIES[name]])
    board = Board(instance, np.full(instance.pages, (instance.cache + 1) << 4, np.int64))
    empty = np.arange(1, instance.cache + 1)
    start = (
        Player(POLICIES[name](), instance, np.random.default_rng(0)),
        OffsetFunction(instance),
        board,
        empty,
    )
    waiting = [pickle.dumps(start)]
    seen = set()
    while waiting:
        saved = waiting.pop()
        for expert in range(instance.experts):
            player, offset, board, empty = pickle.loads(saved)
            page = instance.page(board.turn, expert)
            order = board.order()
            labels = board.sorted_labels(order)
            cost, bits = policies.step(
                kind, labels, empty, order.index(page), instance.layers, instance.experts, instance.cache
            )
            hit = player.serve(page)
            assert cost & 1 == (not hit)
            assert cost >> 1 == offset.request(page)
            assert {order[i] for i in range(instance.pages) if bits >> i & 1} == set(player.last_victims)
            board.move(order, labels)
            assert {p for p in range(instance.pages) if board.labels[p] & 15} == set(player.cache)
            order = board.order()
            key = (board.sorted_labels(order).tobytes(), np.sort(empty).tobytes())
            if key not in seen:
                seen.add(key)
                waiting.append(pickle.dumps((player, offset, board, empty)))
    graph = kernel_graph(instance, KINDS[POLICIES[name]])
    assert len(seen) in (graph.states, graph.states - 1)  # the empty cache itself need not recur


@pytest.mark.parametrize(("layered", "plain"), [("llru", "lru"), ("guided-llru", "guided-lru")])
def test_with_one_layer_ages_decide_as_recency_does(layered: str, plain: str) -> None:
    """So the kernel of LRU, which has smaller labels, serves both, also where those of LLRU do not fit."""
    rng = np.random.default_rng(5)
    for cache in range(1, 8):
        instance, pages = Instance(1, 8, cache), rng.integers(0, 8, 300)
        one, two = (replay(POLICIES[name](), instance, pages) for name in (layered, plain))
        assert one.evicted.tolist() == two.evicted.tolist()
    assert exact_ratio(Instance(1, 9, 8), layered).ratio == 8


def as_networkx(graph: ProductGraph, ratio: Fraction) -> nx.DiGraph[int]:
    """Weights p * growth - q * miss: a negative cycle has a larger ratio than p/q. Parallel edges: the least."""
    p, q = ratio.numerator, ratio.denominator
    result: nx.DiGraph[int] = nx.DiGraph()
    result.add_nodes_from(range(graph.states))
    for x in range(graph.states):
        for j in range(graph.first[x], graph.first[x + 1]):
            weight = p * (int(graph.cost[j]) >> 1) - q * (int(graph.cost[j]) & 1)
            y = int(graph.to[j])
            if not result.has_edge(x, y) or result[x][y]["weight"] > weight:
                result.add_edge(x, y, weight=weight)
    return result


@pytest.mark.parametrize("name", ["lru", "fifo", "llru", "guided-far", "guided-keep", "flush-when-full"])
@pytest.mark.parametrize("instance", TINY, ids=str)
def test_networkx_finds_no_better_cycle(name: str, instance: Instance) -> None:
    graph = kernel_graph(instance, KINDS[POLICIES[name]])
    ratio = exact_ratio(instance, name).ratio
    assert isinstance(ratio, Fraction)
    assert not nx.negative_edge_cycle(as_networkx(graph, ratio))
    assert nx.negative_edge_cycle(as_networkx(graph, ratio - Fraction(1, 10**6)))


@pytest.mark.parametrize("name", [policy.id for policy in KINDS])
@pytest.mark.parametrize(
    "instance", [Instance(2, 2, 3), Instance(3, 2, 4), Instance(2, 4, 4), Instance(3, 2, 2)], ids=str
)
def test_replaying_the_cycle_reproduces_the_ratio(name: str, instance: Instance) -> None:
    if name == "fifo" and instance.pages > 6:
        pytest.skip("many states")
    found = exact_ratio(instance, name)
    run = replay(POLICIES[name](), instance, found.sequence(5))
    offset = OffsetFunction(instance)
    optima = np.cumsum([offset.request(page) for page in found.sequence(5)])
    begin, length = len(found.prefix), len(found.cycle)
    costs = run.costs()
    at = [begin + length * i - 1 for i in range(1, 6)]
    misses, growth = np.diff(costs[at]), np.diff(optima[at])
    assert len(set(misses.tolist())) == len(set(growth.tolist())) == 1
    assert (Fraction(int(misses[0]), int(growth[0])) if growth[0] else inf) == found.ratio


@pytest.mark.parametrize("instance", [Instance(2, 2, 3), Instance(2, 3, 3), Instance(3, 2, 4)], ids=str)
def test_the_guided_game_is_part_of_the_game(instance: Instance) -> None:
    """Fewer states; and in each, all evictions are there that leave a cache that an optimal algorithm could have: at least i
    pages of level <= i, for every i."""
    every, guided = build_game(instance), build_game(instance, guided=True)
    assert 1 < guided.states < every.states
    assert all(every.state(guided.labels(x)) >= 0 for x in range(guided.states))
    unsafe = 0
    for x in range(guided.states):
        labels = guided.labels(x)
        for j in range(guided.first[x], guided.first[x + 1]):
            page = int(guided.page[j])
            victims = guided.victim[guided.option[j] : guided.option[j + 1]]
            if labels[page] & 1:
                assert victims.tolist() == [-1]
                continue
            full = moved_labels(labels, page, -1, instance.cache)
            expected = set()
            for out in np.flatnonzero(labels & 1):
                after = moved_labels(labels, page, int(out), instance.cache)
                levels = np.sort(after[after & 1 == 1] >> 4)
                if np.all(levels <= np.arange(1, instance.cache + 1)):
                    expected.add((int(out) // instance.experts, int(full[out])))
            assert {(int(v) // instance.experts, int(full[v])) for v in victims} == expected
            unsafe += len(expected) < len(
                {(q // instance.experts, int(full[q])) for q in np.flatnonzero(labels & 1)}
            )
    assert unsafe > 0


def test_the_guided_game_says_nothing_about_other_policies() -> None:
    solution = best_deterministic(Instance(2, 2, 3), guided=True)
    with pytest.raises(PreconditionNotMet, match="expected the game of all policies"):
        solution.adversary()


@pytest.mark.parametrize("instance", TINY, ids=str)
def test_the_optimal_policy_has_the_optimal_ratio(instance: Instance) -> None:
    """Its own exact ratio, from its graph with real pages."""
    solution = best_deterministic(instance)
    assert exact_ratio(instance, solution.policy).ratio == solution.ratio


@pytest.mark.parametrize("name", [n for n, make in SHARED.items() if make().deterministic])
@pytest.mark.parametrize(
    "instance", [Instance(2, 2, 3), Instance(3, 2, 4), Instance(2, 4, 5), Instance(3, 3, 4)], ids=str
)
def test_no_policy_escapes_the_optimal_adversary(name: str, instance: Instance) -> None:
    """q * ALG - p * OPT stays above a constant: potentials are bounded, and OPT from empty pays at most k more."""
    solution = best_deterministic(instance)
    run = duel(POLICIES[name](), solution.adversary(), 120, np.random.default_rng(0))
    offset = OffsetFunction(instance)
    optima = np.cumsum([offset.request(page) for page in run.requests.stream.tolist()])
    p, q = solution.ratio.numerator, solution.ratio.denominator
    least = int(solution.potential[0] - solution.potential.max()) - p * instance.cache
    assert (q * run.costs() - p * optima).min() >= least
    assert run.misses > instance.cache + 10


def test_guided_far_is_optimal_on_all_small_instances() -> None:
    """An answer to the question of theory.md, instance by instance (n*l <= 8, l <= k < n*l)."""
    for layers in range(1, 5):
        for experts in range(2, 8 // layers + 1):
            for cache in range(layers, layers * experts):
                instance = Instance(layers, experts, cache)
                far = exact_ratio(instance, "guided-far").ratio
                assert far == best_deterministic(instance).ratio, instance


def test_labels_of_the_start_are_in_the_game() -> None:
    game = build_game(Instance(2, 3, 4))
    assert game.state(game.labels(0)) == 0
    assert game.state(np.zeros(6, np.int64)) == -1
    assert (start_labels(Instance(2, 3, 4)) & 1).sum() == 4


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UnsupportedProblem, match="at most 16 pages and 14 slots; this instance has 64 and 9"):
        best_deterministic(Instance(8, 8, 9))
    with pytest.raises(
        UnsupportedProblem, match=r"states or more, expected at most 1,000 to fit into memory"
    ):
        best_deterministic(Instance(2, 5, 6), most=1000)
    with pytest.raises(UnsupportedProblem, match="LRU has more than 50 states"):
        exact_ratio(Instance(2, 4, 5), "lru", most=50)
    with pytest.raises(UnsupportedProblem, match=r"mine at .*: more than 50 states"):
        exact_ratio(Instance(2, 4, 5), NamedPolicy("mine", LRU), most=50)
    with pytest.raises(UnsupportedProblem, match="trivial"):
        best_deterministic(Instance(2, 2, 4))
    with pytest.raises(UnsupportedProblem, match="trivial"):
        exact_ratio(Instance(2, 2, 4), POLICIES["lru"])


def test_the_estimate_is_an_upper_bound() -> None:
    for instance in (Instance(2, 3, 3), Instance(3, 2, 4), Instance(1, 6, 3), Instance(2, 4, 5)):
        assert best_deterministic(instance).game.states <= estimated_states(instance, 10**6)


def test_policies_without_a_finite_state() -> None:
    with pytest.raises(UnsupportedProblem, match="lfu: no finite state; expected a method canonical_state"):
        exact_ratio(Instance(2, 2, 3), "lfu")
    with pytest.raises(UnsupportedProblem, match="this one is randomized"):
        exact_ratio(Instance(2, 2, 3), "marker")


def test_partitioned_policies_have_no_finite_ratio_but_one_slot_each_has() -> None:
    """fixed-partition, and one-slot-partition-upper: at most 2, with one slot per layer."""
    assert exact_ratio(Instance(2, 2, 3), POLICIES["lru-dist"]).ratio == inf
    for instance in (Instance(2, 2, 2), Instance(3, 2, 3), Instance(2, 3, 2)):
        found = exact_ratio(instance, POLICIES["lru-dist"]).ratio
        assert best_deterministic(instance).ratio <= found <= 2


def test_a_users_policy() -> None:
    class Oldest(Policy):
        """LRU once more."""

        def start(self, instance: Instance, rng: np.random.Generator) -> None:
            self.order: list[int] = []

        def request(self, page: int, hit: bool) -> None:
            self.order = [q for q in self.order if q != page] + [page]

        def victim(self, page: int, candidates: object) -> int:
            return next(q for q in self.order if q in candidates)  # type: ignore[operator]

        def canonical_state(self, cache: object) -> tuple[int, ...]:
            return tuple(q for q in self.order if q in cache)  # type: ignore[operator]

    globals()["Oldest"] = Oldest
    Oldest.__qualname__ = "Oldest"
    assert exact_ratio(Instance(2, 2, 3), Oldest).ratio == 3


def test_the_optimal_policy_belongs_to_its_instance() -> None:
    policy = best_deterministic(Instance(2, 2, 3)).policy()
    with pytest.raises(PreconditionNotMet, match="started at"):
        policy.start(Instance(2, 2, 2), np.random.default_rng(0))
