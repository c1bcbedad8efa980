"""The contract of policies, as a pytest class to inherit."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import pytest

from layered_paging.policy_spec import as_policy
from layered_paging.testing.checks import CHECKS, Check
from layered_paging.testing.declared import DECLARABLE, PROPERTIES
from layered_paging.testing.fault import TIME_LIMIT, Fault
from layered_paging.testing.finding import Finding
from layered_paging.testing.guard import SECONDS, guarded
from layered_paging.testing.hunt import hunt
from layered_paging.testing.known_games import KNOWN, SMALL, Game
from layered_paging.testing.soundness import unsound_state
from paging.policies.named import MakePolicy


class PolicyContract:
    """What every policy must satisfy. Two lines give the whole suite::

        class TestMine(PolicyContract):
            make = MyPolicy

    ``make``: the class, anything that builds the policy without arguments, an id of the registry, FILE.py:CLASS, a cache
    class as those of cachetools, or a function victim(candidates, history). ``examples``: games tried per test;
    ``seconds``: time limit per decision. A test fails with the smallest run that was found, round by round.
    """

    make: ClassVar[Any] = None
    examples: ClassVar[int] = 100
    seconds: ClassVar[float] = SECONDS

    @pytest.fixture
    def policy(self) -> MakePolicy:
        """What builds the policy, under guard. May be overridden, by a parametrized fixture for example."""
        given = inspect.getattr_static(type(self), "make")  # a function must not become a method
        if isinstance(given, staticmethod):
            given = given.__func__
        if given is None:
            pytest.fail(f"{type(self).__name__}: expected a class attribute make, the policy to be tested")
        return guarded(as_policy(given), self.seconds)

    def test_legality(self, policy: MakePolicy) -> None:
        """It names a candidate, in time, without raising, and changes nothing it is given."""
        self._try(policy, CHECKS["legality"], SMALL)

    def test_reproducibility(self, policy: MakePolicy) -> None:
        """Equal seeds give equal decisions."""
        self._try(policy, CHECKS["reproducibility"])

    def test_clean_restart(self, policy: MakePolicy) -> None:
        """start() forgets everything."""
        self._try(policy, CHECKS["restart"])

    def test_copies_in_mid_run(self, policy: MakePolicy) -> None:
        """Copies, deep or by pickle, go on alike and apart."""
        self._try(policy, CHECKS["copies"])

    def test_no_look_into_the_future(self, policy: MakePolicy) -> None:
        """Equal pasts give equal decisions."""
        self._try(policy, CHECKS["only-the-past"])

    def test_independent_instances(self, policy: MakePolicy) -> None:
        """Two policies of the class do not influence each other."""
        self._try(policy, CHECKS["independence"])

    def test_atomic_and_sequential_agree_at_width_one(self, policy: MakePolicy) -> None:
        """A set of one page is a page."""
        self._try(policy, CHECKS["semantics"])

    @pytest.mark.parametrize("name", DECLARABLE)
    def test_declared_properties(self, policy: MakePolicy, name: str) -> None:
        """What the policy declares is not refuted."""
        if not getattr(_built(policy), name):
            pytest.skip(f"{name} is not declared")
        self._try(policy, PROPERTIES[name], KNOWN.values())

    def test_canonical_state(self, policy: MakePolicy) -> None:
        """Equal canonical states have equal futures."""
        self._try(policy, CHECKS["repeatable-state"])
        self._report(_unless_faulty(lambda: unsound_state(policy, pasts=max(60, self.examples), futures=5)))

    def _try(self, policy: MakePolicy, check: Check, known: Iterable[Game] = ()) -> None:
        found = hunt(policy, check, examples=self.examples, known=known)
        if found.smallest is not None and check not in (CHECKS["legality"], CHECKS["reproducibility"]):
            cause = hunt(policy, CHECKS["reproducibility"], examples=self.examples).smallest
            if cause is not None:  # then whatever compares two runs finds something
                pytest.skip(f"{cause.name}: {cause.says}: see test_reproducibility")
        self._report(found.smallest)
        if found.fault is not None and found.fault.name == TIME_LIMIT:
            pytest.skip(f"{found.fault}: see test_legality")

    def _report(self, found: Finding | None) -> None:
        if found is not None:
            pytest.fail(found.text(), pytrace=False)


def _built(policy: MakePolicy) -> Any:
    try:
        return policy()
    except Fault as fault:
        pytest.skip(f"{fault}: see test_legality")


def _unless_faulty(call: Callable[[], Finding | None]) -> Finding | None:
    try:
        return call()
    except Fault as fault:
        pytest.skip(f"{fault}: see test_legality")
