"""The version number of the package."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def number() -> str:
    """As installed; "unknown" where the sources are run without that."""
    try:
        return version("layered-paging")
    except PackageNotFoundError:
        return "unknown"
