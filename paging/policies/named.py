"""A policy as it is spoken of: one value with its id and what builds it, the same in every function and every process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from paging.errors import InvalidArgument, UnknownName
from paging.names import look_up
from paging.policies.base import Policy

MakePolicy: TypeAlias = Callable[[], Policy]

PolicyLike: TypeAlias = "NamedPolicy | str | MakePolicy"
"""What functions take: an id of the registry, a class or a function that builds the policy, or a NamedPolicy."""


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

    def __reduce__(self) -> tuple[Callable[..., NamedPolicy], tuple[Any, ...]]:
        return (named, (self.id,)) if registered(self) else (NamedPolicy, (self.id, self.make))


def registered(policy: NamedPolicy) -> bool:
    """Whether it is the registry's own."""
    return _registry().get(policy.id) is policy


def named(given: PolicyLike) -> NamedPolicy:
    """The policy that is meant, by an id, a class or a function; the registry's own entry for the classes there.

    Raises UnknownName for an id that is not in the registry, InvalidArgument for a policy of one's own that has an id of the
    registry, and for what is none of these.
    """
    if isinstance(given, str):
        return look_up("policy", given, _registry())
    if isinstance(given, NamedPolicy):
        if given.id in _registry() and not registered(given):
            raise InvalidArgument(
                f"policy {given.id}: an id of the registry, expected another for a policy of one's own"
            )
        return given
    if not callable(given):
        raise InvalidArgument(
            f"policy {given!r}: expected an id, a class, or a function that builds the policy"
        )
    own = (policy for policy in _registry().values() if policy.make is given)
    return next(own, None) or NamedPolicy(spelled(given), given)


def playing(given: Policy | PolicyLike) -> Policy:
    """A policy in play as it is, any other one newly built. Raises as ``named``."""
    return given if isinstance(given, Policy) else named(given)()


def spelled(given: Any) -> str:
    """MODULE:CLASS, as one would write it."""
    where = given if hasattr(given, "__qualname__") else type(given)
    return f"{where.__module__}:{where.__qualname__}"


def _registry() -> Mapping[str, NamedPolicy]:
    from paging.policies.registry import POLICIES

    return POLICIES
