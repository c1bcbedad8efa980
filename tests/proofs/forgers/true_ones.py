"""Valid certificates to begin with, from the atlas."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from tests.proofs.forgers.board import Claim

ATLAS = Path(__file__).parents[3] / "proofs" / "atlas"


def certificate(kind: str, claim: Claim) -> dict[str, Any]:
    """The one of this kind at the instance of the claim; of policies that of LRU."""
    name = kind.replace("policy", "lru")
    path = ATLAS / f"{claim.layers}-{claim.experts}-{claim.slots}-{name}.json.gz"
    result: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return result
