"""Valid certificates of tiny instances, to be changed: those of the atlas that the judge decides, as text."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from tests.proofs.judge.verdict import DECIDED

ATLAS = Path(__file__).parents[3] / "proofs" / "atlas"


def bases(largest: int = 2000, randomized: int = 10_000, tables: int = 4) -> list[str]:
    """JSON of at most so many characters, more where the claim is of a randomized ratio.

    Tables of moves on at most so many pages, for each of them is played by the judge.
    """
    result = []
    for path in sorted(ATLAS.glob("*.json.gz")):
        layers, experts, slots = map(int, path.name.split("-")[:3])
        if (layers, experts, slots) not in DECIDED:
            continue
        c = json.loads(gzip.decompress(path.read_bytes()))
        text = json.dumps(c)
        most = randomized if c["kind"].startswith("randomized") else largest
        if len(text) <= most and not ("moves" in c and layers * experts > tables):
            result.append(text)
    return result
