"""The verified checker and verify.py on the same documents: what each says, and where they differ."""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proofs.certify import CHECKER
from proofs.verify import FEWER, Rejected, verify
from tests.proofs.mutants.mutate import mutant

PROVED, REJECTED = "proved: ", "REJECTED: "


def answers(documents: list[str], folder: Path) -> list[str]:
    """What the verified checker says of each document: 'proved: ...' or 'REJECTED: ...'."""
    paths = [folder / f"{i}.json" for i in range(len(documents))]
    for path, text in zip(paths, documents, strict=True):
        path.write_text(text, "utf-8")
    done = subprocess.run([CHECKER, *paths], capture_output=True, text=True, check=False)
    said = done.stdout.splitlines()
    assert len(said) == len(documents), done.stderr
    assert done.returncode == int(any(f": {PROVED}" not in line for line in said))
    return [line.partition(": ")[2] for line in said]


def by_verify(c: Any) -> str:
    """What verify.py says, in the same form."""
    try:
        return PROVED + verify(c)
    except Rejected as error:
        return REJECTED + str(error)


def claim(said: str) -> tuple[str, ...]:
    """Kind, numbers and ratio of what was proved."""
    found = re.match(r"proved: (\S+) at \(l=(\d+), n=(\d+), k=(\d+)\): ratio (\S+) (\S+) of", said)
    assert found, said
    return found.groups()


@dataclass
class Beside:
    """``counts``: by kind of the certificate that was changed, and what both say of the mutant, or 'differ'."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    differ: list[str] = field(default_factory=list)
    """What the verified checker says, what verify.py says, and the mutant."""


def compare(
    originals: list[str],
    count: int,
    rng: random.Random,
    folder: Path,
    seen: set[int],
    other: Callable[[Any], str] = by_verify,
) -> Beside:
    """So many mutants, none of them an original, ``seen`` before or about an optimum with fewer slots.

    The same is said if both reject, or both accept and the claims are the same.
    """
    seen |= {hash(json.dumps(json.loads(text), sort_keys=True)) for text in originals}
    kinds, documents = list[str](), list[str]()
    while len(documents) < count:
        base = rng.choice(originals)
        c = mutant(rng, base)
        text = json.dumps(c, sort_keys=True)
        if hash(text) in seen or FEWER in c:
            continue
        seen.add(hash(text))
        kinds.append(json.loads(base)["kind"])
        documents.append(json.dumps(c))
    result = Beside()
    for kind, text, mine in zip(kinds, documents, answers(documents, folder), strict=True):
        theirs = other(json.loads(text))
        if mine.startswith(REJECTED) and theirs.startswith(REJECTED):
            result.counts[kind, "both reject"] += 1
        elif mine.startswith(PROVED) and theirs.startswith(PROVED) and claim(mine) == claim(theirs):
            result.counts[kind, "both accept"] += 1
        else:
            result.counts[kind, "differ"] += 1
            result.differ.append(f"{mine} | {theirs} | {text}")
    return result
