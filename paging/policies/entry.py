"""A policy as it is spoken of: one value with its id and what builds it, the same in every function and every process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from paging.errors import UnknownName
from paging.policies.base import Policy

MakePolicy: TypeAlias = Callable[[], Policy]


@dataclass(frozen=True, slots=True, eq=False)
class NamedPolicy:
    """``id``: of the registry, or MODULE:CLASS for a policy of one's own; ``make`` builds the policy for a game.

    A policy of the registry is its entry there and equal to nothing else, whatever has the same id or builds the same: kernels
    are found by this value alone (paging.fast, bounds.exact.product.KINDS). In another process it is the entry of
    the registry there; any other one needs a ``make`` that can be pickled.
    """

    id: str
    make: MakePolicy

    def __call__(self) -> Policy:
        """A new policy. Raises UnknownName where ``make`` builds something else."""
        policy = self.make()
        if not isinstance(policy, Policy):
            raise UnknownName(f"policy {self.id}: expected a subclass of layered_paging.Policy")
        return policy

    def __str__(self) -> str:
        return self.id
