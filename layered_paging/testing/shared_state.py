"""State that all instances of a policy share: attributes of the class, defaults of its methods, globals of its module."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

from layered_paging.testing.guard import Guarded
from paging.policies.base import Policy


def shared_state(policy: Policy) -> dict[str, bytes]:
    """What can be pickled of it, by its name; equal if nothing has changed."""
    kind = type(policy.inner if isinstance(policy, Guarded) else policy)
    state = {}
    for name, value in _places(kind):
        try:
            state[name] = pickle.dumps(value)
        except Exception:  # what cannot be pickled is not compared
            continue
    return state


def changed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[str]:
    """The names whose values differ."""
    return [name for name in {**before, **after} if before.get(name) != after.get(name)]


def _places(kind: type[Policy]) -> Iterator[tuple[str, Any]]:
    for base in kind.__mro__:
        if base in (Policy, object):
            continue
        for name, value in vars(base).items():
            function = value.__func__ if isinstance(value, staticmethod | classmethod) else value
            if isinstance(function, FunctionType):
                for default in (function.__defaults__, function.__kwdefaults__):
                    if default:
                        yield f"the defaults of {base.__name__}.{name}", default
            elif not name.startswith("__"):
                yield f"the class attribute {base.__name__}.{name}", value
    for name, value in list(vars(sys.modules[kind.__module__]).items()):
        if not name.startswith("__") and not callable(value) and not isinstance(value, ModuleType):
            yield f"the global variable {name} of {kind.__module__}", value
