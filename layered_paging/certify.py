"""The independent verifier, as a function."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paging.errors import InvalidArgument
from paging.untrusted import read_regular, unpacked
from proofs.verify import Rejected, load, verify


@dataclass(frozen=True, slots=True)
class Certified:
    """What the verifier says of one file; ``kind`` and ``ratio`` as claimed (None if they cannot be read)."""

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
        unpacked(read_regular(path, "a certificate"), path)
        document = load(str(path))
        valid, said = True, verify(document)
    except (Rejected, InvalidArgument) as error:
        valid, said = False, str(error)
    except (OSError, ValueError, EOFError, RecursionError, MemoryError, zlib.error) as error:
        valid, said = False, f"cannot be read: {error}"
    claims = document if isinstance(document, dict) else {}
    kind, ratio = (
        claims.get(name) if isinstance(claims.get(name), str) else None for name in ("kind", "ratio")
    )
    return Certified(str(path), valid, said, kind, ratio)
