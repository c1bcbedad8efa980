"""The verified checker (proofs/formal) and verify.py side by side on mutants of valid certificates of all kinds.

make formal && .venv/bin/python -m benchmarks.side_by_side          # 100,000 mutants: some minutes
"""

from __future__ import annotations

import argparse
import hashlib
import random
import tempfile
import time
from pathlib import Path

from benchmarks.forgery import RESULT, digest
from benchmarks.sections import with_section
from paging.files import write_atomically
from proofs.certify import CHECKER
from tests.proofs.formal.beside import Beside, compare
from tests.proofs.mutants.bases import bases

TITLE = "The verified checker and verify.py side by side"
STEP = 2000
"""Mutants for one call of the verified checker."""


def table(found: Beside, seed: int, count: int, seconds: float) -> list[str]:
    """The section: what both say, by kind, and every mutant of which they say different things."""
    names = ("both reject", "both accept", "differ")
    kinds = sorted({kind for kind, _ in found.counts})
    rows = {kind: [found.counts[kind, name] for name in names] for kind in kinds}
    rows["all"] = [sum(column) for column in zip(*rows.values(), strict=True)]
    done = sum(found.counts.values())
    written = f"SHA-256 {hashlib.sha256(CHECKER.with_suffix('.ml').read_bytes()).hexdigest()[:16]}…"
    return [
        f"## {TITLE}",
        "",
        f"Command: `.venv/bin/python -m benchmarks.side_by_side --mutants {count} --seed {seed}`; {len(bases())} certificates",
        f"of at most six pages, changed in one to four places; {done:,} different ones in {seconds / 60:.0f} minutes",
        "beside other work. Both accept: with the same claim.",
        "Documents about an optimum with fewer slots (`opt_cache`), which the verified checker refuses, are not among them.",
        f"`verify.py`: {digest()}; what Coq wrote: {written}.",
        "",
        f"| kind of the original | {' | '.join(names)} |",
        "| --- |" + " ---: |" * len(names),
        *(f"| {kind} | " + " | ".join(f"{number:,}" for number in row) + " |" for kind, row in rows.items()),
        "",
        *(f"* `{text[:500]}`" for text in found.differ[:20]),
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mutants", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    rng, seen, found, begun = random.Random(chosen.seed), set[int](), Beside(), time.perf_counter()
    originals = bases()
    with tempfile.TemporaryDirectory() as folder:
        while (left := chosen.mutants - sum(found.counts.values())) > 0:
            part = compare(originals, min(STEP, left), rng, Path(folder), seen)
            found.counts.update(part.counts)
            found.differ += part.differ
            print(f"{sum(found.counts.values()):,}: {len(found.differ)} differ", flush=True)
    lines = table(found, chosen.seed, chosen.mutants, time.perf_counter() - begun)
    write_atomically(RESULT, with_section(RESULT.read_text(), TITLE, lines).encode())
    print("\n".join(lines))


if __name__ == "__main__":
    main()
