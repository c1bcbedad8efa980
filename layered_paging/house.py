"""The packages of this project have generic names; another module of such a name must not be taken for one of them."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

FLOORS = ("paging", "adversaries", "bounds", "proofs")
"""From the bottom up; ``layered_paging`` stands on top."""


class ForeignModule(ImportError):
    """A module of the user's has the name of one of this project's packages."""


def check_house() -> None:
    """Load the project's packages, before anyone puts other folders on the path. Raises ForeignModule."""
    root = Path(__file__).resolve().parent.parent
    for name in FLOORS:
        loaded = sys.modules.get(name)
        spec = find_spec(name) if loaded is None else loaded.__spec__
        origin = None if spec is None else spec.origin
        if origin is None or Path(origin).resolve().parent != root / name:
            raise ForeignModule(
                f"the module {name!r} of {origin or 'another folder'} hides the package of this name that "
                "layered-paging needs: rename it, or run from a folder without it"
            )
        import_module(name)
