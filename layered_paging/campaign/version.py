"""Which version of the package runs here."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from layered_paging.house import FLOORS
from layered_paging.release import number


@cache
def package_version() -> str:
    """The version number and a digest of the sources: two checkouts of one number can differ."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for floor in (*FLOORS, "layered_paging"):
        for path in sorted((root / floor).rglob("*.py")):
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{number()}+{digest.hexdigest()[:12]}"
