"""The test kit for policies; PolicyContract needs the extra ``[testing]``. What it offers is loaded on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from paging.errors import LayeredPagingError

if TYPE_CHECKING:
    from layered_paging.testing.competitive import assert_competitive as assert_competitive
    from layered_paging.testing.contract import PolicyContract as PolicyContract
    from layered_paging.testing.strategies import games as games
    from layered_paging.testing.strategies import instances as instances
    from layered_paging.testing.strategies import policies as policies
    from layered_paging.testing.strategies import request_sequences as request_sequences
    from layered_paging.testing.strategies import traces as traces
    from paging.policies.adapters import CachePolicy as CachePolicy
    from paging.policies.adapters import FunctionPolicy as FunctionPolicy

PUBLIC = {
    "CachePolicy": "paging.policies.adapters",
    "FunctionPolicy": "paging.policies.adapters",
    "PolicyContract": "layered_paging.testing.contract",
    "assert_competitive": "layered_paging.testing.competitive",
    "games": "layered_paging.testing.strategies",
    "instances": "layered_paging.testing.strategies",
    "policies": "layered_paging.testing.strategies",
    "request_sequences": "layered_paging.testing.strategies",
    "traces": "layered_paging.testing.strategies",
}
"""Public names and the modules they live in."""

__all__ = list(PUBLIC)


class MissingExtra(LayeredPagingError, ImportError):
    """pytest is not installed."""


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module 'layered_paging.testing' has no attribute {name!r}")
    try:
        return getattr(import_module(PUBLIC[name]), name)
    except ModuleNotFoundError as error:
        if error.name != "pytest":
            raise
        raise MissingExtra(
            f"layered_paging.testing.{name} needs pytest: install the extra, pip install 'layered-paging[testing]'"
        ) from None
