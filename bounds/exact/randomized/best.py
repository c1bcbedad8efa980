"""The best randomized policy against oblivious adversaries, enclosed from both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from bounds.exact.deterministic import BestDeterministic, best_deterministic
from bounds.exact.game import check_nontrivial, check_size, optimum_slots
from bounds.exact.randomized.lower import RandomizedLower, check_memory, randomized_lower
from bounds.exact.randomized.rising import rising_lower
from bounds.exact.randomized.upper import RandomizedUpper, randomized_upper
from paging.errors import SolverFailed, UnsupportedProblem
from paging.exact import exact
from paging.model import Instance
from paging.policies.base import Policy

if TYPE_CHECKING:
    from bounds.exact.randomized.behaviour import YaoAdversary


@dataclass(frozen=True, slots=True, eq=False)
class BestRandomized:
    """Both bounds with their proofs; where a proof failed, a weaker bound in its place, and ``notes`` say so.

    ``upper_bound``: a policy on the offset function; else the best deterministic one. ``lower_bound``: a chain; None: only 1
    (or, of an ``optimum`` with fewer slots than the policy, nothing) is proven.
    """

    instance: Instance
    optimum: int
    memory: int
    upper_bound: RandomizedUpper | BestDeterministic
    lower_bound: RandomizedLower | None
    notes: tuple[str, ...]

    @property
    def lower(self) -> Fraction:
        """No randomized policy has a smaller ratio."""
        if self.lower_bound is None:
            return Fraction(int(self.optimum == self.instance.cache))
        return self.lower_bound.ratio

    @property
    def upper(self) -> Fraction:
        """``policy()`` has no larger ratio."""
        return self.upper_bound.ratio

    @property
    def ratio(self) -> Fraction | None:
        """The exact value where the bounds meet."""
        return self.upper if self.lower == self.upper else None

    def policy(self) -> Policy:
        """The policy of the upper bound."""
        from bounds.exact.randomized.behaviour import OptimalRandomizedPolicy

        if isinstance(self.upper_bound, BestDeterministic):
            return self.upper_bound.policy()
        return OptimalRandomizedPolicy(self.upper_bound)

    def adversary(self) -> YaoAdversary:
        """The adversary of the lower bound. Raises SolverFailed when none was found."""
        from bounds.exact.randomized.behaviour import YaoAdversary

        if self.lower_bound is None:
            raise SolverFailed(f"{self.instance}: no chain was proven")
        return YaoAdversary(self.lower_bound)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        found = self.upper_bound
        return {
            "ratio": None if self.ratio is None else exact(self.ratio),
            "lower": exact(self.lower),
            "upper": exact(self.upper),
            "states": found.game.states if isinstance(found, BestDeterministic) else len(found.graph.states),
            "memory": self.memory,
            "optimum_slots": self.optimum,
            "notes": list(self.notes),
        }


SECONDS = 60.0
"""For the search for a random adversary, by default."""


def best_randomized(
    instance: Instance,
    memory: int | None = None,
    seconds: float = SECONDS,
    keep: Callable[[Fraction, Fraction, int], None] = lambda *_: None,
    optimum: int | None = None,
) -> BestRandomized:
    """Enclose the best randomized ratio; ``memory``: how many recent requests the adversary of the lower bound remembers.

    Without one the memory rises by itself until both sides meet or ``seconds`` are over; ``keep`` sees every better interval,
    with the memory. The bound from above, one linear program, is solved before, however long it takes. ``optimum``: slots of
    OPT, at most k (default: k).

    Raises UnsupportedProblem for trivial instances and those that do not fit, InvalidArgument for a memory > k, and for slots
    of OPT that there cannot be.
    """
    check_size(instance)
    check_nontrivial(instance)
    check_memory(instance, memory or 0)
    slots = optimum_slots(instance, optimum)
    notes = []
    upper: RandomizedUpper | BestDeterministic
    try:
        upper = randomized_upper(instance, slots)
    except SolverFailed as error:
        upper = best_deterministic(instance, optimum=slots)
        notes.append(
            f"upper bound: that of the best deterministic policy, as the exact solution failed ({error})"
        )
    ratio, lower = upper.ratio, None

    def better(found: RandomizedLower) -> None:
        keep(found.ratio, ratio, found.memory)

    try:
        lower = (
            rising_lower(instance, ratio, seconds, better, slots)
            if memory is None
            else randomized_lower(instance, memory, ratio, optimum=slots)
        )
    except (SolverFailed, UnsupportedProblem) as error:
        notes.append(f"lower bound: {int(slots == instance.cache)}, as no chain was proven ({error})")
    used = lower.memory if lower is not None else memory or 0
    return BestRandomized(instance, slots, used, upper, lower, tuple(notes))
