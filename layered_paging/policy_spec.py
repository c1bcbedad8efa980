"""Which policy is meant: an id of the registry, or a user's own class as MODULE:CLASS or FILE.py:CLASS."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from paging.errors import LayeredPagingError, UnknownName
from paging.policies.adapters import adapted
from paging.policies.base import Policy
from paging.policies.named import NamedPolicy, named, registered, spelled
from paging.time_limit import OutOfTime, TimeLimit

BUILDING = 10
"""Seconds in which a policy must be built."""


def as_policy(given: Any) -> NamedPolicy:
    """The policy that is meant: by an id, MODULE:CLASS or FILE.py:CLASS, a class, a function that builds it, or what the
    adapters take.

    Raises UnknownName, naming what was looked for and the nearest id, or what is no policy: not to be built without
    arguments, another class, no method ``victim``.
    """
    if isinstance(given, str) and ":" in given:
        policy = NamedPolicy(given, Spec(given).read())
    else:
        made = adapted(given)
        policy = named(given) if made is given else NamedPolicy(spelled(given), made)
    if not registered(policy):
        _try(policy, getattr(given, "__name__", policy.id))
    return policy


def as_policies(specs: Sequence[str]) -> tuple[NamedPolicy, ...]:
    """By their specs."""
    return tuple(map(as_policy, specs))


@dataclass(frozen=True)
class Spec:
    """Builds the policy of MODULE:CLASS or FILE.py:CLASS; another process, which cannot import a user's file, reads it anew."""

    text: str

    def __call__(self) -> Policy:
        """A new policy. Raises UnknownName where there is none of this name."""
        return self._made()  # type: ignore[no-any-return]

    def read(self) -> Spec:
        """Import what it names now. Raises as ``__call__``."""
        assert callable(self._made)
        return self

    @cached_property
    def _made(self) -> Any:
        place, _, name = self.text.rpartition(":")
        module = _from_file(Path(place)) if place.endswith(".py") else _from_path(place)
        made = getattr(module, name, None)
        if made is None:
            raise UnknownName(f"policy {self.text}: {place} has no class {name!r}")
        return adapted(made)

    def __reduce__(self) -> tuple[Callable[[str], Spec], tuple[str]]:
        return _spec, (self.text,)


@cache
def _spec(text: str) -> Spec:
    """In another process: a file is read once, not for every task."""
    return Spec(text)


def _try(policy: NamedPolicy, name: str) -> None:
    """Build it once, to complain before the work begins; ``name`` is for messages."""
    try:
        with TimeLimit(BUILDING, __file__):
            built = policy.make()
    except OutOfTime:
        raise UnknownName(f"policy {name}: its constructor did not end within {BUILDING} s") from None
    except LayeredPagingError:
        raise
    except (Exception, SystemExit) as error:
        raise UnknownName(f"policy {name}: cannot be built without arguments: {_said(error)}") from error
    if not isinstance(built, Policy):
        raise UnknownName(f"policy {name}: expected a subclass of layered_paging.Policy")
    if type(built).victim is Policy.victim:
        raise UnknownName(f"policy {name}: expected a method victim(page, candidates)")


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise UnknownName(f"policy file {path}: no such file")
    name = f"layered_paging_user_{path.stem}"
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look for it there
    return _run(module, spec.loader, path)


def _run(module: ModuleType, loader: Any, path: Path) -> ModuleType:
    try:
        loader.exec_module(module)
    except LayeredPagingError:
        raise
    except (Exception, SystemExit) as error:
        raise UnknownName(f"policy file {path}: cannot be imported: {_said(error)}") from error
    return module


def _from_path(name: str) -> ModuleType:
    if "" not in sys.path:
        sys.path.insert(0, "")  # as python -m would: modules of the folder the user stands in
    try:
        return import_module(name)
    except LayeredPagingError:
        raise
    except (Exception, SystemExit) as error:
        raise UnknownName(f"policy module {name}: cannot be imported: {_said(error)}") from error


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
