"""All forgers, by the kind of certificate that they make for a false claim."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import chain

from tests.proofs.forgers.adversaries import deterministic_lower, policy_lower, randomized_lower
from tests.proofs.forgers.board import Claim, Document
from tests.proofs.forgers.distributions import randomized_upper
from tests.proofs.forgers.tables import deterministic_upper, policy_upper
from tests.proofs.forgers.true_ones import certificate

FORGERS: dict[str, Callable[[Claim], Iterator[Document]]] = {
    "policy-upper": policy_upper,
    "policy-lower": policy_lower,
    "deterministic-upper": deterministic_upper,
    "deterministic-lower": deterministic_lower,
    "randomized-upper": randomized_upper,
    "randomized-lower": randomized_lower,
}

CLAIMS: dict[str, list[Claim]] = {
    "policy-upper": [Claim(1, 3, 2, "1/2"), Claim(2, 2, 2, "101/100"), Claim(2, 2, 3, "3/2")],
    "policy-lower": [Claim(1, 3, 2, "7"), Claim(2, 2, 2, "5"), Claim(2, 2, 3, "7/2")],
    "deterministic-upper": [Claim(1, 3, 2, "1/2"), Claim(2, 2, 2, "101/100"), Claim(2, 2, 3, "199/100")],
    "deterministic-lower": [
        Claim(1, 3, 2, "7"),
        Claim(2, 2, 2, "2"),
        Claim(2, 2, 3, "3"),
        Claim(2, 2, 3, "201/100"),
    ],
    "randomized-upper": [
        Claim(1, 3, 2, "1/100"),
        Claim(2, 2, 3, "101/100"),
        Claim(2, 2, 3, "3/2"),
        Claim(1, 4, 3, "3/2"),
        Claim(1, 4, 3, "9/5"),
        Claim(2, 2, 2, "5/4"),
    ],
    "randomized-lower": [Claim(1, 3, 2, "7"), Claim(2, 2, 3, "9/5"), Claim(2, 2, 3, "7")],
}
"""Claims that are false, of any policy where the kind speaks of one."""


def from_true_ones(kind: str, claim: Claim) -> Iterator[Document]:
    """A valid certificate at this instance that claims more; also with potentials of 0, and with a heading of other types."""
    document = {**certificate(kind, claim), "ratio": claim.ratio}
    yield document
    for row in document.get("states", {}).values():
        row[0] = "0"
    yield document
    document = certificate(kind, claim)
    for name, value in (
        ("layers", float(claim.layers)),
        ("cache", str(claim.slots)),
        ("version", True),
        ("version", 1.0),
    ):
        yield {**document, name: value}
    for ratio in ("2e0", "٢", "2.0", 2, "-1", "0", "inf", "nan", " 2", "2_0", "1/0"):
        yield {**document, "ratio": ratio}
    for h in (claim.slots, claim.slots + 1, 0, -1, True, str(claim.slots - 1)):
        yield {**document, "opt_cache": h}
    for h in range(1, claim.slots):
        yield {**document, "opt_cache": h, "ratio": claim.ratio}
    yield {**document, "format": "another"}
    yield {**document, "kind": [kind]}
    if claim.layers == 1:
        yield {**document, "layers": True}


def forgeries(kind: str) -> Iterator[Document]:
    """Documents as they come out of a file. Without meaning, or with a false one."""
    for claim in CLAIMS[kind]:
        for document in chain(FORGERS[kind](claim), from_true_ones(kind, claim)):
            yield json.loads(json.dumps(document))
