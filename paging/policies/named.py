"""Which policy is meant: by an id, a class, a function that builds it, or the value itself."""

from __future__ import annotations

from typing import Any, TypeAlias

from paging.errors import InvalidArgument
from paging.names import look_up
from paging.policies.base import Policy
from paging.policies.entry import MakePolicy as MakePolicy
from paging.policies.entry import NamedPolicy as NamedPolicy
from paging.policies.registry import POLICIES
from paging.policies.registry import registered as registered

PolicyLike: TypeAlias = "NamedPolicy | str | MakePolicy"
"""What functions take: an id of the registry, a class or a function that builds the policy, or a NamedPolicy."""


def named(given: PolicyLike) -> NamedPolicy:
    """The policy that is meant, by an id, a class or a function; the registry's own entry for the classes there.

    Raises UnknownName for an id that is not in the registry, InvalidArgument for a policy of one's own that has an id of the
    registry, and for what is none of these.
    """
    if isinstance(given, str):
        return look_up("policy", given, POLICIES)
    if isinstance(given, NamedPolicy):
        if given.id in POLICIES and not registered(given):
            raise InvalidArgument(
                f"policy {given.id}: an id of the registry, expected another for a policy of one's own"
            )
        return given
    if not callable(given):
        raise InvalidArgument(
            f"policy {given!r}: expected an id, a class, or a function that builds the policy"
        )
    own = (policy for policy in POLICIES.values() if policy.make is given)
    return next(own, None) or NamedPolicy(spelled(given), given)


def playing(given: Policy | PolicyLike) -> Policy:
    """A policy in play as it is, any other one newly built. Raises as ``named``."""
    return given if isinstance(given, Policy) else named(given)()


def spelled(given: Any) -> str:
    """MODULE:CLASS, as one would write it."""
    where = given if hasattr(given, "__qualname__") else type(given)
    return f"{where.__module__}:{where.__qualname__}"
