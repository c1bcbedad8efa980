"""States, moves, seconds and peak memory of the exact computations, each in a process of its own; one run each.

.venv/bin/python -m benchmarks.exact
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.isolated import Measured, isolated
from bounds.exact.deterministic import best_deterministic
from bounds.exact.randomized.upper import randomized_upper
from bounds.exact.ratio import exact_ratio
from paging.errors import UnsupportedProblem
from paging.files import write_atomically
from paging.model import Instance
from proofs.atlas_cells import instances
from proofs.certificates.deterministic import lower_certificate, upper_certificate
from proofs.certificates.document import write_certificate
from proofs.certify import certify

ROOT = Path(__file__).parents[1]
RESULT = Path(__file__).parent / "results" / "exact.md"

Sizes = tuple[str, int, int]
"""Ratio, states, moves (requests, where only the adversary chooses)."""


def policy(instance: Instance, name: str) -> Sizes:
    try:
        found = exact_ratio(instance, name)
    except UnsupportedProblem as error:
        return f"refused: {error}", 0, 0
    return str(found.ratio), found.product.states, len(found.product.to)


def deterministic(instance: Instance) -> Sizes:
    found = best_deterministic(instance)
    return str(found.ratio), found.game.states, found.game.moves


def upper(instance: Instance) -> Sizes:
    found = randomized_upper(instance)
    return str(found.ratio), len(found.graph.states), sum(map(len, found.plans))


def certificates(folder: Path) -> int:
    """Check all of a folder; how many there are."""
    found = [certify(path) for path in sorted(folder.glob("*.json.gz"))]
    assert all(one.valid for one in found)
    return len(found)


def largest_certificates(instance: Instance) -> Iterator[tuple[str, Measured[bool]]]:
    """The time to verify both certificates of a solved game."""
    found = best_deterministic(instance)
    with tempfile.TemporaryDirectory() as folder:
        for side, make in (("lower", lower_certificate), ("upper", upper_certificate)):
            path = Path(folder) / f"{side}.json"
            write_certificate(make(found), path)
            yield side, isolated(_valid, path)


def _valid(path: Path) -> bool:
    return certify(path).valid


def section(title: str, limit: str, rows: list[tuple[Instance, Measured[Sizes]]]) -> list[str]:
    """A table; small instances (under 0.05 s) only count in the total."""
    total = sum(measured.seconds for _, measured in rows)
    peak = max(measured.peak for _, measured in rows)
    lines = [
        f"## {title}",
        "",
        f"{len(rows)} instances, {total:.1f} s together, peak {peak:,.0f} MiB. Aim: {limit}. Those over 0.05 s:",
        "",
        "| instance | ratio | states | moves | seconds | MiB |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for instance, measured in rows:
        ratio, states, moves = measured.value
        if measured.seconds > 0.05:
            numbers = f"{states:,} | {moves:,} | {measured.seconds:.2f} | {measured.peak:,.0f}"
            lines.append(f"| {instance} | {ratio} | {numbers} |")
    print("\n".join(lines[:3]), flush=True)
    return [*lines, ""]


def table(
    title: str, limit: str, chosen: list[Instance], work: Callable[..., Sizes], *more: str
) -> list[str]:
    """Measure and format."""
    return section(title, limit, [(i, isolated(work, i, *more)) for i in chosen])


def main() -> None:
    for warm in (("fifo",), ("llru",), ("guided-far",), ("lru",)):
        policy(Instance(2, 2, 3), *warm)  # compile once, before processes are forked
    deterministic(Instance(2, 2, 3))
    eight, ten = list(instances(8)), list(instances(10))
    lines = [
        "# Exact computations",
        "",
        "Command: `.venv/bin/python -m benchmarks.exact` (part of `make bench`); two cores, each instance in a process of",
        "its own, one run each; compiled kernels are cached. MiB: peak of the process, about 75 of them imported libraries.",
        "",
    ]
    for name in ("lru", "llru", "guided-far"):
        aim = "under 5 minutes for the three policies together"
        lines += table(f"Ratio of {name}, all n·l <= 8", aim, eight, policy, name)
    lines += table(
        "Ratio of fifo, all n·l <= 8", "as far as fits, refused cells recorded", eight, policy, "fifo"
    )
    aim = "under 10 minutes together, under 4 GiB"
    lines += table("Best deterministic policy, all n·l <= 10", aim, ten, deterministic)
    aim = "under 15 minutes, under 12 GiB"
    lines += table("Best deterministic policy, (2,6,6)", aim, [Instance(2, 6, 6)], deterministic)
    aim = "under 30 minutes together (moves: transports of the plans)"
    lines += table("Best randomized policy from above, all n·l <= 8", aim, eight, upper)
    checked = isolated(certificates, ROOT / "proofs" / "atlas")
    lines += [
        "## Verifier, plain Python",
        "",
        f"All {checked.value} checked-in certificates: {checked.seconds:.1f} s (aim: under 60 s).",
        *(
            f"The {side} certificate of (2,5,6): {one.seconds:.1f} s (aim: under 5 minutes)."
            for side, one in largest_certificates(Instance(2, 5, 6))
        ),
    ]
    write_atomically(RESULT, ("\n".join(lines) + "\n").encode())
    print(RESULT.read_text())


if __name__ == "__main__":
    main()
