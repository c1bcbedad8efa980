"""How far the exact solvers go: states, moves, seconds and bytes against (l, n, k), a fitted model, and several processes.

.venv/bin/python -m benchmarks.scaling        (writes docs/scaling.md; about ten minutes)
"""

from __future__ import annotations

import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb, log2
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.exact import Sizes, deterministic, policy
from benchmarks.isolated import isolated
from paging.errors import UnsupportedProblem
from paging.files import write_atomically
from paging.model import Instance
from proofs.atlas_cells import GAME_LIMITS, POLICY_LIMITS, instances

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "docs" / "scaling.md"
LIBRARIES = 76
"""MiB of a process that has solved nothing."""
SOLVERS = ("deterministic", "lru", "guided-far", "llru")
MEASURED = (
    *instances(10),
    *(Instance(1, 11, k) for k in (3, 5, 7, 9)),
    *(Instance(2, 6, k) for k in range(2, 12)),
    *(Instance(3, 4, k) for k in (3, 4, 5)),
    *(Instance(4, 3, k) for k in (4, 5)),
    *(Instance(6, 2, k) for k in (6, 7, 8, 9, 10, 11)),
)
"""Of n*l = 11 and 12 what takes less than a minute."""
LLRU_PAGES = 10
"""LLRU remembers more, and ends there."""
NEXT = (
    (3, 4, 6), (3, 4, 8), (4, 3, 7), (4, 3, 9), (2, 7, 7), (2, 7, 9), (7, 2, 9), (3, 5, 7), (5, 3, 8), (2, 8, 8), (4, 4, 8),
)  # fmt: skip
FEW = 200
"""States of instances that are left out of the fit."""
COLUMNS = ["deterministic", "guided-far", "lru"]
TOGETHER = [
    [5, 2, 5],
    [5, 2, 6],
    [5, 2, 7],
    [5, 2, 8],
    [2, 5, 5],
    [2, 5, 6],
    [2, 5, 7],
    [2, 5, 8],
    [3, 3, 6],
    [3, 3, 7],
]
"""What several processes share: tasks of seconds, with their certificates."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One computation. ``seconds`` of processor time; ``mib``: peak of its process."""

    instance: Instance
    states: int
    moves: int
    seconds: float
    mib: float


def timed(solver: str, instance: Instance) -> tuple[Sizes, float]:
    begin = time.process_time()
    try:
        found = deterministic(instance) if solver == "deterministic" else policy(instance, solver)
    except UnsupportedProblem:
        found = ("refused", 0, 0)
    return found, time.process_time() - begin


def measure(solver: str) -> list[Cell]:
    timed(solver, Instance(2, 2, 3))  # compiled before processes are forked
    cells = []
    for instance in MEASURED:
        if solver == "llru" and instance.pages > LLRU_PAGES:
            continue
        found = isolated(timed, solver, instance)
        (_, states, moves), seconds = found.value
        if states:
            cells.append(Cell(instance, states, moves, seconds, found.peak))
    return cells


def features(instance: Instance) -> list[float]:
    layers, experts, cache = instance.layers, instance.experts, instance.cache
    return [1, log2(comb(instance.pages, cache)), cache, layers, experts]


@dataclass(frozen=True, slots=True)
class Model:
    """log2 of a number as a linear function of the features; ``error``: factor, typical (root mean square of the logarithm) and
    largest, when each instance is predicted from the others."""

    coefficients: NDArray[np.float64]
    error: tuple[float, float]

    def predict(self, instance: Instance) -> float:
        return float(2 ** (np.array(features(instance)) @ self.coefficients))


def fit(cells: Sequence[Cell], numbers: Sequence[int]) -> Model:
    """Least squares, and what each instance would have been predicted without itself."""
    x = np.array([features(cell.instance) for cell in cells])
    y = np.log2(np.array(numbers, np.float64))
    influence = x @ np.linalg.pinv(x)
    left_out = (y - influence @ y) / (1 - np.diag(influence))
    error = (float(2 ** np.sqrt(np.mean(left_out**2))), float(2 ** np.abs(left_out).max()))
    return Model(np.linalg.pinv(x) @ y, error)


def amount(number: float) -> str:
    for size, name in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"), (1e3, " thousand")):
        if number >= size:
            return f"{number / size:.3g}{name}"
    return f"{number:.0f}"


def solver_section(solver: str, cells: list[Cell]) -> Iterator[str]:
    large = [cell for cell in cells if cell.states >= FEW]
    states, moves = (fit(large, [getattr(c, name) for c in large]) for name in ("states", "moves"))
    slow = sorted(large, key=lambda cell: -cell.moves)[:8]
    per_move = statistics.median(cell.seconds / cell.moves for cell in slow)
    per_state = statistics.median((cell.mib - LIBRARIES) * 2**20 / cell.states for cell in slow)
    yield f"## {'The best deterministic policy' if solver == 'deterministic' else f'The ratio of {solver}'}\n"
    yield f"{len(cells)} instances; the eight with the most moves:\n"
    yield "| instance | states | moves | seconds | MiB |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for cell in slow:
        yield f"| {cell.instance} | {cell.states:,} | {cell.moves:,} | {cell.seconds:.2f} | {cell.mib:,.0f} |"
    pages = sorted({cell.instance.pages for cell in cells})
    largest = {n: max(cell.states for cell in cells if cell.instance.pages == n) for n in pages}
    growth = (largest[12] / largest[8]) ** (1 / 4) if 12 in largest else (largest[10] / largest[8]) ** (1 / 2)
    yield (
        "\nMost states of an instance, by n·l: "
        + ", ".join(f"{n}: {most:,}" for n, most in largest.items() if n >= 6)
        + f"; from 8 on a factor of {growth:.1f} per page.\n"
    )
    a, b, c, d, e = states.coefficients
    yield f"Fitted on the {len(large)} with at least {FEW} states, with C the number of caches, binomial(n·l, k):\n"
    yield f"> log2 states = {a:.2f} + {b:.3f} log2 C + {c:.3f} k + {d:.3f} l + {e:.3f} n\n"
    yield f"Each instance predicted from the others: typically wrong by a factor of {states.error[0]:.1f},"
    yield f"at most {states.error[1]:.1f} (moves: {moves.error[0]:.1f}, {moves.error[1]:.1f})."
    yield f"A move takes {per_move * 1e9:.0f} ns, a state {per_state:.0f} bytes, its moves included.\n"
    yield "What the next sizes would need, by this model (extrapolated, so rough):\n"
    yield "| instance | states | moves | processor time | memory |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for numbers in NEXT:
        instance = Instance(*numbers)
        many, steps = states.predict(instance), moves.predict(instance)
        hours = steps * per_move / 3600
        spent = f"{hours:.1f} h" if hours >= 1 else f"{hours * 60:.1f} min"
        yield f"| {instance} | {amount(many)} | {amount(steps)} | {spent} | {many * per_state / 2**30:.1f} GiB |"
    yield ""


def campaign(folder: Path, number: int, *words: str) -> float:
    """Seconds of a new campaign over the same tasks."""
    store = folder / f"{number}.db"
    command = [sys.executable, "-m", "layered_paging", "campaign", "run", str(folder / "together.toml")]
    begin = time.perf_counter()
    subprocess.run([*command, "-o", str(store), *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def processes_section() -> Iterator[str]:
    ways = {
        "in the coordinator": ("--jobs", "1"),
        "two processes": ("--jobs", "2"),
        "local Dask cluster, two processes": ("--dask", "local"),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = f'[[tasks]]\nkind = "atlas-cell"\ninstances = {TOGETHER}\ncolumns = {COLUMNS}\n'.replace(
            "'", '"'
        )
        (folder / "together.toml").write_text(text)
        counter = itertools.count()
        rounds = [
            {way: campaign(folder, next(counter), *words) for way, words in ways.items()} for _ in range(3)
        ]
    yield "## Several processes\n"
    yield f"{len(TOGETHER) * len(COLUMNS)} cells of the atlas with n·l = 9 and 10, with their certificates, as a campaign;"
    yield "medians of three rounds, on two cores. Starting the workers is included. Efficiency: the time in the"
    yield "coordinator alone, over the time and the number of processes.\n"
    yield "| where | seconds | speed-up | efficiency |"
    yield "| --- | ---: | ---: | ---: |"
    for way, words in ways.items():
        seconds = statistics.median(one[way] for one in rounds)
        gain = statistics.median(one["in the coordinator"] / one[way] for one in rounds)
        workers = 1 if words[-1] == "1" else 2
        yield f"| {way} | {seconds:.1f} | {gain:.2f} | {gain / workers:.0%} |"
    yield ""


HEAD = f"""# How far it goes

Command: `.venv/bin/python -m benchmarks.scaling`. Every computation in a process of its own; seconds of processor
time, peak memory (of it {LIBRARIES} MiB imported libraries). All instances with n·l <= 10, and of n·l = 11 and 12 some
that take less than a minute; LLRU up to n·l = {LLRU_PAGES}. States are up to symmetry.
"""

TAIL = f"""## What stands in the atlas, and what 1,000 cores would do

The atlas has the instances with n·l <= 12 (LLRU 10, FIFO and the randomized interval 8); it takes about half an hour on
two cores, most of it for the randomized intervals. A cell is refused beyond {GAME_LIMITS.computed:,} states of the game or
{POLICY_LIMITS.computed:,} of a policy (by an estimate from above, which refuses eight games of 12 pages): memory is the
limit, not time, since the game keeps all its moves.

An instance is one task of one process; only different instances run side by side. There are
{sum(1 for i in instances(14) if i.pages > 10)} instances with 11 <= n·l <= 14, and each has a cell for every column: 1,000
cores would be busy with the cells that fit into the memory of a core, and wait at the end for the largest ones.
To go beyond, a single game would have to be shared out: its states by hash value, with value iteration instead of
policy iteration, which exchanges the values of moves that cross. That is not built. Searches, theorem checks
and replays are many independent tasks, and use any number of cores today.
"""


def main() -> None:
    lines = [HEAD]
    for solver in SOLVERS:
        for line in solver_section(solver, measure(solver)):
            print(line, flush=True)
            lines.append(line)
    for line in processes_section():
        print(line, flush=True)
        lines.append(line)
    write_atomically(RESULT, ("\n".join([*lines, TAIL])).encode())


if __name__ == "__main__":
    main()
