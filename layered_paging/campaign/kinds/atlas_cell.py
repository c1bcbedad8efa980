"""``atlas-cell``: an exact ratio (or the interval of the randomized one) at one instance, with its certificates.

[[tasks]]
kind = "atlas-cell"
pages = 6                            # all instances with n*l <= 6; or instances = [[2, 3, 4], [2, 3, 5]]
columns = ["lru", "deterministic"]   # default: all that the atlas has at each instance
certificates = 6                     # kept for instances with n*l up to this; default: for all
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from layered_paging.campaign.kinds.kind import LIBRARIES, Kind, Outcome
from layered_paging.campaign.section import Section
from layered_paging.campaign.task import Parameters
from paging.model import Instance
from proofs.atlas_cells import COLUMNS, METHOD, POLICY_COLUMNS, columns, compute
from proofs.certificates.document import encode

MOST_PAGES = 64
"""The certificates' verifier takes no more."""

GROWTH = {
    "lru": 2.0,
    "guided-far": 2.2,
    "guided-keep": 2.2,
    "guided-lru": 2.0,
    "llru": 3.2,
    "fifo": 5.0,
    "guided": 2.8,
    "deterministic": 2.8,
    "randomized": 2.6,
}
"""How many times more memory a cell needs, libraries apart, per page; rough, from benchmarks/results/exact.md."""

SEED_BYTES = {"fifo": 1200, "randomized": 60_000}
"""What the growth starts from; 6,000 for the others."""


def parameters(instance: Instance, column: str, certificates: bool) -> Parameters:
    """Those of one cell; ``certificates``: whether they are kept."""
    return {
        "layers": instance.layers,
        "experts": instance.experts,
        "cache": instance.cache,
        "column": column,
        "certificates": certificates,
    }


def expand(section: Section) -> Iterator[tuple[Parameters, int]]:
    """All instances times all columns."""
    chosen = section.instances()
    asked = section.names("columns", dict.fromkeys(COLUMNS), "column") if "columns" in section else None
    certified = section.integer("certificates", 0, MOST_PAGES)
    for instance in chosen:
        if not instance.layers <= instance.cache < instance.pages <= MOST_PAGES:
            raise section.fault("instances", f"l <= k < n*l <= {MOST_PAGES}", str(instance))
    return (
        (parameters(instance, column, instance.pages <= certified), 0)
        for instance in chosen
        for column in asked or columns(instance)
    )


def run(parameters: Parameters, _: int) -> Outcome:
    """The cell as atlas.json has it; the checksums of its certificates are part of the result."""
    cell = compute(_instance(parameters), parameters["column"])
    kept = cell.documents if parameters["certificates"] else {}
    return Outcome(cell.to_dict(), {f"{side}.json": encode(document) for side, document in kept.items()})


def memory(parameters: Parameters) -> int:
    """Exponential in the pages, up to the kind of column."""
    column = parameters["column"]
    grown = SEED_BYTES.get(column, 6_000) * GROWTH[column] ** (parameters["layers"] * parameters["experts"])
    return LIBRARIES + int(grown)


def work(parameters: Parameters) -> float:
    """As the memory."""
    return float(memory(parameters))


def claims(parameters: Parameters, result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A certificate proves the side of this cell's value, for this instance and policy."""
    column = parameters["column"]
    whose = {"policy": column} if column in POLICY_COLUMNS else {}
    kind = "policy" if whose else column
    numbers = {name: parameters[name] for name in ("layers", "experts", "cache")}
    return {
        f"{side}.json": {"kind": f"{kind}-{side}", "ratio": result[side], **numbers, **whose}
        for side in ("lower", "upper")
    }


def _instance(parameters: Parameters) -> Instance:
    return Instance(parameters["layers"], parameters["experts"], parameters["cache"])


KIND = Kind("atlas-cell", METHOD, expand, run, memory, work, claims)
