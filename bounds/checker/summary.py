"""``verify`` on several cores, and what its checks amount to, theorem by theorem."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass
from typing import Any

from bounds.checker.check import Check
from bounds.checker.verify import verify_instance
from bounds.theorems.registry import THEOREMS
from bounds.theorems.theorem import Theorem
from paging.exact import Value
from paging.model import Instance
from paging.policies.named import PolicyLike


@dataclass(frozen=True, slots=True)
class Summary:
    """All checks of one theorem. Margins are measured over bound: 1 is tight."""

    theorem: Theorem
    checks: tuple[Check, ...]

    @property
    def instances(self) -> int:
        """Number of different instances among the checks."""
        return len({check.instance for check in self.checks})

    @property
    def tightest(self) -> Value | None:
        """The margin that is closest to a violation: the largest of an upper bound, the least of a lower one."""
        margins = [check.margin for check in self.checks]
        return (max if self.theorem.direction == "upper" else min)(margins, default=None)

    @property
    def loosest(self) -> Value | None:
        """The margin at the other end."""
        margins = [check.margin for check in self.checks]
        return (min if self.theorem.direction == "upper" else max)(margins, default=None)

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.ok is False)

    @property
    def verdict(self) -> str:
        """holds, violated, inconclusive (nothing but open checks) or not tried."""
        if self.failed:
            return "VIOLATED"
        if not self.checks:
            return "not tried"
        return "holds" if any(check.ok for check in self.checks) else "inconclusive"


def summarize(checks: Sequence[Check], theorems: Sequence[str]) -> tuple[Summary, ...]:
    """One summary per theorem, in the order given."""
    return tuple(
        Summary(THEOREMS[name], tuple(check for check in checks if check.theorem.id == name))
        for name in theorems
    )


def report(checks: Sequence[Check]) -> dict[str, Any]:
    """Ready for JSON."""
    return {
        "passed": sum(check.ok is True for check in checks),
        "failed": sum(check.ok is False for check in checks),
        "inconclusive": sum(check.ok is None for check in checks),
        "checks": [check.to_dict() for check in checks],
    }


def check_instance(
    instance: Instance, theorems: Sequence[str], policies: Sequence[PolicyLike], seed: int
) -> list[Check]:
    """All checks of one instance; theorems by their ids, so that another process can do it."""
    chosen = [THEOREMS[name] for name in theorems]
    return list(verify_instance(instance, chosen, policies, seed))


def verify_all(
    instances: Sequence[Instance],
    theorems: Sequence[str],
    policies: Sequence[PolicyLike],
    seed: int,
    executor: Executor,
) -> Iterator[tuple[Instance, list[Check]]]:
    """The checks of each instance as they are ready; long instances are submitted first."""
    futures: dict[Future[list[Check]], Instance] = {}
    for instance in sorted(instances, key=lambda one: -one.pages * one.layers):
        futures[executor.submit(check_instance, instance, theorems, policies, seed)] = instance
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        for future in futures:
            future.cancel()
