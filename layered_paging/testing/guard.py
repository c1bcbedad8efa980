"""A policy under guard: whatever it does wrong while it plays becomes a Fault with a name."""

from __future__ import annotations

import copy
import pickle
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import FrozenInstanceError, replace
from functools import partial
from typing import Any, ParamSpec, TypeVar

import numpy as np

from layered_paging.testing.fault import ILLEGAL, MUTATION, NONSENSE, PICKLE, RAISES, TIME_LIMIT, Fault
from layered_paging.testing.watched import MUTATORS, Watched
from paging.errors import InvalidPartition, OutOfSeconds, UnsupportedProblem
from paging.fast import has_kernel
from paging.model import Instance, Page
from paging.policies.base import Policy
from paging.policies.named import MakePolicy, NamedPolicy
from paging.time_limit import OutOfTime, TimeLimit

P = ParamSpec("P")
T = TypeVar("T")

SECONDS = 2.0
"""Time limit per decision."""

CANONICAL_STATE = "canonical-state"


class _End:
    at = float("inf")


@contextmanager
def until(at: float) -> Iterator[None]:
    """After ``at`` (time.monotonic) every call of a policy under guard raises OutOfSeconds, as long as the body runs."""
    before = _End.at
    _End.at = min(before, at)
    try:
        yield
    finally:
        _End.at = before


class Guarded(Policy):
    """Passes every call on to the policy that ``make`` builds, and judges what comes back. Raises Fault.

    InvalidPartition and UnsupportedProblem in ``start`` are no faults: they say that the instance is none of the policy's.
    """

    def __init__(
        self, make: MakePolicy, seconds: float = SECONDS, withdrawn: frozenset[str] = frozenset()
    ) -> None:
        self._seconds = seconds
        self._has_state = CANONICAL_STATE not in withdrawn
        self.inner = self._ask("the constructor", make)
        for name in ("deterministic", "marking", "conservative", "stack", "one_size"):
            setattr(self, name, getattr(self.inner, name) and name not in withdrawn)

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """Also notes the partition."""
        given = replace(instance)
        self._ask("start", self.inner.start, given, rng)
        self.partition = self.inner.partition
        if given != instance:
            raise Fault(MUTATION, f"start changed the instance to {given}")

    def request(self, page: Page, hit: bool) -> None:
        """Nothing is expected to come back."""
        self._ask("request", self.inner.request, page, hit)

    def victim(self, page: Page, candidates: Set[Page]) -> Page | Set[Page]:
        """One or more of the candidates, which are the same afterwards."""
        before = frozenset(candidates)
        offered = Watched(candidates)
        answer = self._ask("victim", self.inner.victim, page, offered)
        self._unchanged("victim", "candidates", candidates, before)
        if offered.tried:
            raise Fault(MUTATION, f"victim called {offered.tried[0]} on what it was given to read")
        pages = answer if isinstance(answer, Set) else {answer}
        if not pages or not all(isinstance(q, int | np.integer) and not isinstance(q, bool) for q in pages):
            raise Fault(NONSENSE, f"victim returned {_short(answer)}: expected one of the candidates")
        if not pages <= before:
            raise Fault(
                ILLEGAL, f"victim returned {_short(answer)}: expected one of the candidates {sorted(before)}"
            )
        return answer

    def marks(self, cache: Set[Page]) -> Mapping[Page, int] | None:
        """The cache is the same afterwards; bounds.exact.view judges the marks."""
        if not self._has_state:
            return None
        before = frozenset(cache)
        marks = self._ask("marks", self.inner.marks, cache)
        self._unchanged("marks", "the cache", cache, before)
        return marks

    def canonical_state(self, cache: Set[Page]) -> Hashable | None:
        """Something hashable; the cache is the same afterwards."""
        if not self._has_state:
            return None
        before = frozenset(cache)
        state = self._ask("canonical_state", self.inner.canonical_state, cache)
        self._unchanged("canonical_state", "the cache", cache, before)
        try:
            hash(state)
        except TypeError as error:
            raise Fault(NONSENSE, f"canonical_state returned {_short(state)}: {error}") from None
        return state

    def __reduce__(self) -> tuple[Any, ...]:
        try:
            return _restored, (pickle.dumps(self.__dict__),)
        except Exception as error:
            raise Fault(PICKLE, f"cannot be pickled: {type(error).__name__}: {error}") from error

    def __deepcopy__(self, memo: dict[int, Any]) -> Guarded:
        twin = Guarded.__new__(Guarded)
        twin.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return twin

    def _unchanged(self, method: str, what: str, now: Set[Page], before: Set[Page]) -> None:
        if frozenset(now) != before:
            raise Fault(MUTATION, f"{method} changed {what} from {sorted(before)} to {sorted(now)}")

    def _ask(self, method: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if time.monotonic() > _End.at:
            raise OutOfSeconds("out of time")
        try:
            with TimeLimit(self._seconds, __file__) as limit:
                answer = call(*args, **kwargs)
            if not limit.over:
                return answer
            raise OutOfTime
        except OutOfTime:
            raise Fault(TIME_LIMIT, f"{method} did not end within {self._seconds:g} s") from None
        except (KeyboardInterrupt, InvalidPartition, UnsupportedProblem, Fault):
            raise
        except FrozenInstanceError as error:
            raise Fault(MUTATION, f"{method} tried to change what it was given: {error}") from error
        except BaseException as error:  # SystemExit is no way out for a policy either
            if (
                isinstance(error, AttributeError)
                and error.name in MUTATORS
                and any(error.obj is given for given in args)
            ):
                raise Fault(MUTATION, f"{method} called {error.name} on what it was given to read") from error
            raise Fault(RAISES, f"{method} raised {type(error).__name__}: {_said(error)}") from error


def _restored(state: bytes) -> Guarded:
    policy = Guarded.__new__(Guarded)
    policy.__dict__.update(pickle.loads(state))
    return policy


def guarded(
    make: MakePolicy, seconds: float = SECONDS, withdrawn: frozenset[str] = frozenset()
) -> MakePolicy:
    """What builds the policy under guard; ``withdrawn``: declared properties, or CANONICAL_STATE, not to be believed."""
    return partial(Guarded, make, seconds, withdrawn)


def under_guard(
    policy: NamedPolicy, seconds: float = SECONDS, withdrawn: frozenset[str] = frozenset()
) -> NamedPolicy:
    """The policy under guard, by a name of its own; one with a kernel as it is: its kernel plays, and is tested against it."""
    if has_kernel(policy):
        return policy
    return NamedPolicy(f"{policy.id} under guard", guarded(policy, seconds, withdrawn))


def _short(value: object) -> str:
    try:
        text = repr(value)
    except Exception:
        text = f"a {type(value).__name__}"
    return text if len(text) <= 80 else text[:77] + "..."


def _said(error: BaseException) -> str:
    """The message in one line, and the place in the user's code."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" (line {trace.tb_lineno} of {trace.tb_frame.f_code.co_filename})"
    try:
        text = " ".join(str(error).split())
    except Exception:
        text = ""
    return (text if len(text) <= 200 else text[:197] + "...") + place
