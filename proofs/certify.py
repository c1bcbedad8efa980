"""The independent verifier, and the checker that is proved correct in Coq, as a function."""

from __future__ import annotations

import re
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paging.errors import InvalidArgument
from proofs import verify as verifier
from proofs.verify import FIELDS, Rejected, load, shown, unpack, verify

CHECKER = Path(verifier.__file__).parents[1] / "build" / "formal" / "checker"
"""The program that ``make formal`` builds."""


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


def prove(path: str | Path) -> str:
    """What the verified checker says is proved by a file. Raises Rejected, and what reading the file raises."""
    done = subprocess.run([CHECKER, "-"], input=unpack(str(path)), capture_output=True, check=False)
    _, _, said = done.stdout.decode("ascii").strip().partition(": ")
    verdict, _, message = said.partition(": ")
    if done.returncode != 0 or verdict != "proved":
        raise Rejected(shown(message or f"the verified checker failed with status {done.returncode}"))
    return message


def certify(path: str | Path, *, verified: bool = False) -> Certified:
    """Check one certificate, with proofs/verify.py or with the program that ``make formal`` builds.

    Raises InvalidArgument for a file that is not there, or if the program is not.
    """
    if not Path(path).is_file():
        raise InvalidArgument(f"{path}: no such file, expected a certificate")
    if verified and not CHECKER.is_file():
        raise InvalidArgument(f"{CHECKER}: the verified checker is not built, expected `make formal` before")
    document: Any = None
    try:
        document = load(str(path))
        valid, said = True, prove(path) if verified else verify(document)
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
