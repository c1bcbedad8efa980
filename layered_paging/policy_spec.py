"""Which policy is meant: an id of the registry, or a user's own class as MODULE:CLASS or FILE.py:CLASS."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from layered_paging.adapters import adapted
from layered_paging.testing.time_limit import OutOfTime, TimeLimit
from paging.errors import LayeredPagingError, UnknownName
from paging.names import look_up
from paging.policies.base import Policy
from paging.policies.registry import POLICIES, MakePolicy

BUILDING = 10
"""Seconds in which a policy must be built."""


def make_policy(spec: str) -> MakePolicy:
    """What builds the policy. Raises UnknownName, naming what was looked for and the nearest id."""
    if ":" not in spec:
        return look_up("policy", spec, POLICIES)
    place, _, name = spec.rpartition(":")
    module = _from_file(Path(place)) if place.endswith(".py") else _from_path(place)
    made = getattr(module, name, None)
    if made is None:
        raise UnknownName(f"policy {spec}: {place} has no class {name!r}")
    return as_policy(made, spec)


def as_policy(given: Any, name: str | None = None) -> MakePolicy:
    """What builds the policy, out of a spec, a class, a function that builds it, or what the adapters take.

    ``name`` is for messages. Raises UnknownName for what is no policy: not to be built without arguments, another
    class, no method ``victim``.
    """
    if isinstance(given, str):
        return make_policy(given)
    name = name or getattr(given, "__name__", repr(given))
    made = adapted(given)
    try:
        with TimeLimit(BUILDING, __file__):
            policy = made()
    except OutOfTime:
        raise UnknownName(f"policy {name}: its constructor did not end within {BUILDING} s") from None
    except (Exception, SystemExit) as error:
        raise UnknownName(f"policy {name}: cannot be built without arguments: {_said(error)}") from error
    if not isinstance(policy, Policy):
        raise UnknownName(f"policy {name}: expected a subclass of layered_paging.Policy")
    if type(policy).victim is Policy.victim:
        raise UnknownName(f"policy {name}: expected a method victim(page, candidates)")
    return made  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Spec:
    """Builds the policy of a spec; can be pickled: another process, which cannot import a user's file, reads the spec anew."""

    text: str

    def __call__(self) -> Policy:
        """A new policy. Raises as ``make_policy``."""
        return _made(self.text)()


def portable(spec: str) -> MakePolicy:
    """What builds the policy, in this process and in others; the registry's own entry for an id. Raises as ``make_policy``."""
    made = _made(spec)
    return Spec(spec) if ":" in spec else made


def make_policies(specs: Sequence[str]) -> dict[str, MakePolicy]:
    """By their specs; all of the registry when none is given."""
    return {spec: make_policy(spec) for spec in specs} if specs else dict(POLICIES)


@cache
def _made(spec: str) -> MakePolicy:
    return make_policy(spec)


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
