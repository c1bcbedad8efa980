"""Mutants of valid certificates, and what the forgers make, tried on the verifier; what is accepted is judged.

.venv/bin/python -m benchmarks.forgery                       # 1,000,000 mutants: about half an hour of one core
.venv/bin/python -m benchmarks.forgery --mutants 20000 --seed 7
.venv/bin/python -m benchmarks.forgery --mutants 0           # the forgers alone: some seconds
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from pathlib import Path

from benchmarks.sections import with_section
from paging.files import write_atomically
from proofs import verify as verifier
from tests.proofs.forgers.forge import CLAIMS, forgeries
from tests.proofs.mutants.bases import bases
from tests.proofs.mutants.count import Tally, accepts, tally

RESULT = Path(__file__).parent / "results" / "reliability.md"
"""The file of benchmarks/reliability.py, which keeps these sections."""
TITLE, FORGED = "Forged certificates", "Certificates made for false claims"
STEP = 20_000
"""Mutants between two writings of the table."""


def table(found: list[Tally], seed: int, count: int, seconds: float) -> list[str]:
    total = Tally()
    for one in found:
        total.counts.update(one.counts)
        total.wrong += one.wrong
    kinds = sorted({kind for kind, _ in total.counts})
    names = ("rejected", "accepted, true", "accepted, false", "accepted, undecided")
    other = sorted({name for _, name in total.counts} - set(names))
    rows = [[kind, *(total.counts[kind, name] for name in (*names, *other))] for kind in kinds]
    rows.append(["all", *(total.of(name) for name in (*names, *other))])
    done = sum(total.counts.values())
    return [
        f"## {TITLE}",
        "",
        f"Command: `.venv/bin/python -m benchmarks.forgery --mutants {count} --seed {seed}`; {len(bases())} certificates",
        f"of at most six pages, changed in one to four places; {done:,} different ones in {seconds / 60:.0f} minutes.",
        f"The judge (tests/proofs/judge) shares nothing with the verifier ({digest()}).",
        "",
        "| kind of the original | " + " | ".join((*names, *other)) + " |",
        "| --- |" + " ---: |" * len(rows[0][1:]),
        *(f"| {row[0]} | " + " | ".join(f"{number:,}" for number in row[1:]) + " |" for row in rows),
        "",
        *(f"* `{text[:500]}`" for text in total.wrong[:20]),
    ]  # fmt: skip


def digest() -> str:
    """Which verifier it was."""
    return f"SHA-256 {hashlib.sha256(Path(verifier.__file__).read_bytes()).hexdigest()[:16]}…"


def of_forgers() -> list[str]:
    """What the forgers make, tried on the verifier."""
    counts, wrong = dict[str, tuple[int, int, int, int]](), list[str]()
    for kind, claims in CLAIMS.items():
        documents = {json.dumps(c) for c in forgeries(kind)}
        accepted = [c for c in documents if accepts(verifier.verify, verifier.Rejected, json.loads(c))]
        wrong += accepted
        counts[kind] = len(claims), len(documents), len(documents) - len(accepted), len(accepted)
    rows = [*counts.items(), ("all", tuple(map(sum, zip(*counts.values(), strict=True))))]
    return [
        f"## {FORGED}",
        "",
        "Command: `.venv/bin/python -m benchmarks.forgery --mutants 0`; for each kind a forger (tests/proofs/forgers) is given",
        f"false claims and uses every freedom of the format; the same verifier ({digest()}) reads what it makes.",
        "",
        "| kind | claims | different documents | rejected | accepted |",
        "| --- |" + " ---: |" * 4,
        *(f"| {kind} | " + " | ".join(f"{number:,}" for number in numbers) + " |" for kind, numbers in rows),
        "",
        *(f"* `{text[:500]}`" for text in wrong[:20]),
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mutants", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    rng, found, begin = random.Random(chosen.seed), list[Tally](), time.process_time()
    originals, seen = bases(), set[int]()
    lines = of_forgers()
    write_atomically(RESULT, with_section(RESULT.read_text(), FORGED, lines).encode())
    while (done := sum(sum(one.counts.values()) for one in found)) < chosen.mutants:
        count = min(STEP, chosen.mutants - done)
        found.append(tally(verifier.verify, verifier.Rejected, originals, count, rng, seen))
        lines = table(found, chosen.seed, chosen.mutants, time.process_time() - begin)
        write_atomically(RESULT, with_section(RESULT.read_text(), TITLE, lines).encode())
    print("\n".join(lines))


if __name__ == "__main__":
    main()
