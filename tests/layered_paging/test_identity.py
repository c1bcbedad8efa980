"""A policy has one identity: a name alone opens no kernel, and a policy without a kernel works everywhere."""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections.abc import Callable, Set

import numpy as np
import pytest

from bounds.checker.verify import verify as try_theorems
from bounds.exact.product import KINDS
from bounds.exact.ratio import exact_ratio
from bounds.search.search import search
from bounds.theorems.registry import THEOREMS
from layered_paging.__main__ import main
from layered_paging.policy_spec import as_policy
from layered_paging.report import card as card_module
from layered_paging.report import ratios as ratios_module
from layered_paging.report.card import check
from layered_paging.testing import assert_competitive
from paging.errors import InvalidArgument, UnknownName
from paging.fast import has_kernel
from paging.measure import measure
from paging.model import Instance, Page, Requests
from paging.policies.base import Policy
from paging.policies.lru import LRU
from paging.policies.mru import MRU
from paging.policies.named import NamedPolicy, named, registered
from paging.policies.registry import POLICIES, SHARED
from paging.replay import replay
from paging.traces.formats import write_trace
from paging.traces.synthetic import synthetic
from proofs.certificates.cycle import cycle_certificate
from proofs.certificates.document import encode
from proofs.certificates.policy import lower_certificate
from proofs.verify import verify

SMALL = Instance(2, 2, 3)


class Youngest(LRU):
    """A subclass of LRU that evicts as MRU does."""

    marking = conservative = stack = False

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        youngest = next(q for q in reversed(self._order) if q in candidates)
        del self._order[youngest]
        return youngest


def test_no_function_takes_a_name_beside_a_policy() -> None:
    """MRU misses for ever at (2,2,3) while OPT stands still; under the name of guided-far it had the ratio 2."""
    assert exact_ratio(SMALL, MRU).ratio == math.inf
    with pytest.raises(TypeError, match="positional"):
        exact_ratio(SMALL, MRU, "guided-far")  # type: ignore[call-arg, arg-type]
    with pytest.raises(InvalidArgument, match="guided-far: an id of the registry, expected another"):
        exact_ratio(SMALL, NamedPolicy("guided-far", MRU))


def test_a_false_name_is_refused_at_every_door() -> None:
    false = NamedPolicy("lru", MRU)
    requests = Requests.of(2, 2, [0, 2, 1, 3])
    doors: list[Callable[[], object]] = [
        lambda: search(SMALL, false, seconds=1),
        lambda: check(false, seconds=1),
        lambda: replay(false, SMALL, [0, 2]),
        lambda: assert_competitive(false, 3),
        lambda: list(try_theorems([SMALL], [THEOREMS["lru-upper"]], [false])),
        lambda: measure(requests, [3], [false]),
        lambda: as_policy(false),
    ]
    for door in doors:
        with pytest.raises(InvalidArgument, match="lru: an id of the registry"):
            door()


def test_kernels_belong_to_the_entries_of_the_registry() -> None:
    for other in (named(Youngest), NamedPolicy("mine", LRU), NamedPolicy("lru", LRU)):
        assert not has_kernel(other)
        assert KINDS.get(other) is None
        assert not registered(other)
    assert KINDS[named(LRU)] == "LRU"
    assert exact_ratio(SMALL, Youngest).ratio == math.inf


@pytest.mark.parametrize("policy", POLICIES.values(), ids=str)
def test_an_entry_stays_itself(policy: NamedPolicy) -> None:
    """In copies and in other processes; and its class leads to it."""
    assert pickle.loads(pickle.dumps(policy)) is policy
    assert copy.deepcopy(policy) is policy
    assert named(policy.id) is named(policy) is named(policy.make) is as_policy(policy.id) is policy
    twin = NamedPolicy(policy.id, policy.make)
    assert twin != policy
    assert twin not in KINDS


def test_a_policy_of_ones_own_stays_what_it_is() -> None:
    own = named(Youngest)
    assert own.id == f"{__name__}:Youngest"
    again = pickle.loads(pickle.dumps(own))
    assert (again.id, again.make) == (own.id, Youngest)
    assert type(again()) is Youngest


def test_what_is_no_policy() -> None:
    with pytest.raises(UnknownName, match="did you mean 'lru'"):
        named("lur")
    with pytest.raises(InvalidArgument, match="expected an id, a class, or a function"):
        named(LRU())  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match=r"builtins:dict: expected a subclass of layered_paging.Policy"):
        exact_ratio(SMALL, dict)  # type: ignore[arg-type]


def test_certificates_name_the_policy_that_was_played() -> None:
    for policy, said in ((named(Youngest), f"{__name__}:Youngest"), (POLICIES["mru"], "mru")):
        assert lower_certificate(exact_ratio(SMALL, policy))["policy"] == said
        assert cycle_certificate(search(SMALL, policy, seconds=60, most_units=4))["policy"] == said


class Newcomer(Policy):
    """LRU, written anew: in the registry, and without a kernel."""

    conservative = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self._last: list[Page] = []

    def request(self, page: Page, hit: bool) -> None:
        self._last = [q for q in self._last if q != page] + [page]

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        return next(q for q in self._last if q in candidates)

    def canonical_state(self, cache: Set[Page]) -> tuple[Page, ...]:
        return tuple(q for q in self._last if q in cache)


@pytest.fixture
def newcomer(monkeypatch: pytest.MonkeyPatch) -> NamedPolicy:
    entry = NamedPolicy("newcomer", Newcomer)
    for registry in (POLICIES, SHARED):
        monkeypatch.setitem(registry, "newcomer", entry)
    return entry


@pytest.fixture
def short_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a policy without a kernel has its exact ratio, and as many games as find the planted bugs."""
    monkeypatch.setattr(ratios_module, "PAGES", 4)
    monkeypatch.setattr(card_module, "MOST", 50)


@pytest.mark.usefixtures("newcomer", "short_card")
def test_a_registered_policy_without_a_kernel_works_in_every_command(
    tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = f"{tmp_path}/some.trace"
    write_trace(synthetic(2, 6, 60, zipf=1.0, rng=np.random.default_rng(0)), trace)
    where, certificate = ("-l", "2", "-n", "2", "-k", "3"), f"{tmp_path}/c.json"
    for words in (
        ("measure", trace, "-k", "4", "--all"),
        ("explain", trace, "-k", "4", "--policy", "newcomer"),
        ("curve", trace, "--policies", "newcomer"),
        ("ratio", "newcomer", *where, "--certificate", certificate),
        ("certify", certificate),
        ("search", "newcomer", *where, "--seconds", "2", "--jobs", "1"),
        ("verify", "--policy", "newcomer", *where, "--jobs", "1"),
        ("check", f"{__name__}:Newcomer", "--seconds", "20"),  # plays in new processes, which know no fixture
    ):
        assert main(list(words)) == 0, words
        out = capsys.readouterr().out
        assert "newcomer" in out or words[0] in ("verify", "curve", "check"), words


def test_and_plays_as_its_double_with_a_kernel(newcomer: NamedPolicy) -> None:
    requests = synthetic(2, 6, 60, zipf=1.0, rng=np.random.default_rng(0)).requests()
    misses = {row.policy: row.misses for row in measure(requests, [4]).rows}
    assert misses["newcomer"] == misses["lru"]
    for instance in (SMALL, Instance(2, 3, 4)):
        assert exact_ratio(instance, "newcomer").ratio == exact_ratio(instance, "lru").ratio
    found = search(SMALL, "newcomer", seconds=60, most_units=4)
    assert (found.ratio, found.proven, found.policy) == (3, True, newcomer)
    assert "identity not verified" in verify(json.loads(encode(cycle_certificate(found))))
    assert_competitive("newcomer", 3, 3, instances=SMALL, examples=10)


@pytest.mark.slow
@pytest.mark.usefixtures("short_card")
def test_the_card_of_a_policy_without_a_kernel() -> None:
    """Without the fixture: the card plays in new processes, which know the class and no registry of a test."""
    card = check(Newcomer, seconds=20)
    assert card.sound
    exact = [row.worst for row in card.ratios if row.worst is not None and row.worst.exact]
    assert exact
    assert all(one.ratio == exact_ratio(one.instance, "lru").ratio for one in exact)
