"""How long the first answer of a command takes on a new machine, where its kernels must be compiled first, and the second.

.venv/bin/python -m benchmarks.first_use     (part of ``make bench``)
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from paging.files import write_atomically

RESULTS = Path(__file__).parent / "results"
TRACE = ("generate", "synthetic", "-l", "4", "-n", "16", "--rounds", "200", "-o")
WHERE = ("-l", "2", "-n", "2", "-k", "3")
COMMANDS = (
    ("measure", "{trace}", "-k", "16"),
    ("explain", "{trace}", "-k", "16"),
    ("curve", "{trace}"),
    ("ratio", "lru", *WHERE),
    ("optimum", *WHERE),
)

HEADER = """# First use

Command: `.venv/bin/python -m benchmarks.first_use` (part of `make bench`). Every command once with an empty cache of kernels
(`NUMBA_CACHE_DIR` is a new folder), then once more; seconds by the clock, and of the processor, which depend less on what
else the machine does. The trace is `generate synthetic -l 4 -n 16 --rounds 200`.

| command | first | processor | second | processor |
| --- | ---: | ---: | ---: | ---: |
"""


def seconds(words: tuple[str, ...], cache: str) -> tuple[float, float]:
    """By the clock and of the processor, of one command in a process of its own."""
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "layered_paging", *words],
        env=dict(os.environ, NUMBA_CACHE_DIR=cache),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - begin, used


def row(words: tuple[str, ...], trace: str) -> str:
    """A line of the table."""
    with TemporaryDirectory() as cache:
        times = [
            second for _ in range(2) for second in seconds(tuple(w.format(trace=trace) for w in words), cache)
        ]
    return (
        f"| `{' '.join(words).format(trace='TRACE')}` | " + " | ".join(f"{each:.1f}" for each in times) + " |"
    )


def main() -> None:
    with TemporaryDirectory() as folder:
        trace = f"{folder}/some.trace"
        seconds((*TRACE, trace), folder)
        lines = [row(words, trace) for words in COMMANDS]
    write_atomically(RESULTS / "first_use.md", (HEADER + "\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    main()
