"""The independent verifier, as a function."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paging.errors import InvalidArgument
from proofs.verify import FIELDS, Rejected, load, shown, verify


@dataclass(frozen=True, slots=True)
class Certified:
    """What the verifier says of one file; ``kind`` and ``ratio`` as claimed (None if they
    are not of the form that a claim has)."""

    path: str
    valid: bool
    said: str
    kind: str | None
    ratio: str | None

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "file": self.path,
            "valid": self.valid,
            "kind": self.kind,
            "ratio": self.ratio,
            "message": self.said,
        }


def certify(path: str | Path) -> Certified:
    """Check one certificate. Raises InvalidArgument for a file that is not there."""
    if not Path(path).is_file():
        raise InvalidArgument(f"{path}: no such file, expected a certificate")
    document: Any = None
    try:
        document = load(str(path))
        valid, said = True, verify(document)
    except Rejected as error:
        valid, said = False, str(error)
    except (OSError, ValueError, EOFError, RecursionError, MemoryError, zlib.error) as error:
        valid, said = False, f"cannot be read: {shown(error)}"
    claims = document if isinstance(document, dict) else {}
    kind, ratio = claims.get("kind"), claims.get("ratio")
    return Certified(
        str(path),
        valid,
        said,
        kind if isinstance(kind, str) and kind in FIELDS else None,
        ratio if isinstance(ratio, str) and re.fullmatch("inf|[0-9]+(/[0-9]+)?", ratio) else None,
    )
