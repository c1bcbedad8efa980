"""What campaigns survive, counted: killed coordinators and workers, Ctrl-C, damaged stores, damaged inputs.

.venv/bin/python -m benchmarks.reliability            # everything a hundred times, 100,000 inputs: about an hour
.venv/bin/python -m benchmarks.reliability --small    # a tenth of the kills, 2,000 inputs
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from benchmarks import forgery
from benchmarks.fuzz import MEMORY, SECONDS, fuzz_all
from benchmarks.sections import section, with_section
from layered_paging.campaign.export import export
from layered_paging.campaign.reading import read_store
from layered_paging.campaign.recover import recover
from layered_paging.campaign.run import Workers, run_plan
from layered_paging.campaign.store import files_folder, open_store
from paging.errors import LayeredPagingError
from paging.files import write_atomically
from tests.layered_paging.campaign.faults import KINDS, harmless, started
from tests.layered_paging.campaign.killing import ROOT, exported, kill_coordinators

RESULT = Path(__file__).parent / "results" / "reliability.md"
PAGES = "5"
"""The campaign of the command line that is killed: the atlas up to so many pages."""

BAR = "| --- | ---: |"


def table(title: str, rows: list[tuple[str, object]]) -> list[str]:
    return [f"## {title}", "", "| | |", BAR, *(f"| {name} | {value} |" for name, value in rows), ""]


def coordinators(kills: int) -> list[str]:
    """Small tasks, so that there is always something in flight."""
    with tempfile.TemporaryDirectory() as folder:
        found = kill_coordinators(Path(folder), kills, 25 * kills, random.Random(0))
    return table(
        "kill -9 of the coordinator, two processes",
        [
            ("kills at random moments", kills),
            ("of these, the coordinator was still running", found.kills),
            ("tasks in flight at a kill, all kills together", found.in_flight),
            ("tasks started again", found.again),
            ("of these, not in flight at a kill", found.unexplained),
            ("export as of an undisturbed run", "yes" if found.same else "NO"),
        ],
    )


def command(store: Path, *more: str) -> subprocess.Popen[bytes]:
    words = ["campaign", "run", "atlas", "--pages", PAGES, "-o", str(store), "--jobs", "2", *more]
    return subprocess.Popen(
        [sys.executable, "-m", "layered_paging", *words],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def progress(store: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait for the first finished task."""
    while process.poll() is None:
        if store.exists() and any(row.state == "done" for row in read_store(store).rows):
            return
        time.sleep(0.05)


def commands(kills: int) -> list[str]:
    """The real thing: the atlas, killed on the command line and begun anew with fresh stores as each is finished."""
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        assert command(folder / "whole.db").wait() == 0
        whole, done, same, ended = exported(folder / "whole.db"), 0, 0, 0
        while done < kills:
            store = folder / f"{ended}.db"
            for _ in range(4):
                process = command(store)
                time.sleep(rng.uniform(0.3, 4))
                process.kill()
                done += process.wait() == -signal.SIGKILL
            assert command(store).wait() == 0
            same += exported(store) == whole
            ended += 1
    return table(
        f"kill -9 of `layered-paging campaign run atlas --pages {PAGES}`",
        [
            ("kills of a running command", done),
            ("campaigns", ended),
            ("exports as of an undisturbed run", same),
        ],
    )


def stops(times: int) -> list[str]:
    rows: list[tuple[str, object]] = []
    for name, more in (("two processes", ()), ("local Dask cluster", ("--dask", "local"))):
        for number in (signal.SIGINT, signal.SIGTERM):
            seconds, clean = [], 0
            for _ in range(times):
                with tempfile.TemporaryDirectory() as folder:
                    store = Path(folder) / "s.db"
                    process = command(store, "--pages", "8", *more)
                    progress(store, process)
                    begin = time.perf_counter()
                    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
                    status = process.wait()
                    seconds.append(time.perf_counter() - begin)
                    states = {row.state for row in read_store(store).rows}
                    clean += status == 130 and states == {"done", "waiting"}
            label = f"{name}, {number.name}"
            rows.append((f"{label}: status 130, nothing in flight", f"{clean} of {times}"))
            rows.append(
                (f"{label}: seconds, median / most", f"{statistics.median(seconds):.2f} / {max(seconds):.2f}")
            )
    return table("Ctrl-C (SIGINT to the group) and SIGTERM, until the process is gone", rows)


def workers(kills: int) -> list[str]:
    """Kill a random worker at random moments; a task is lost at most three times, so none may fail but by bad luck."""
    import psutil

    rows: list[tuple[str, object]] = []
    for name, where in (("two processes", ()), ("local Dask cluster", ("dask",))):
        rng = random.Random(2)
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            code = (
                "import sys; from pathlib import Path\n"
                "from layered_paging.campaign.run import Workers, run_plan\n"
                "from tests.layered_paging.campaign.faults import KINDS, harmless\n"
                "if __name__ == '__main__':\n"
                "    w = Workers(2, 'local' if sys.argv[4:] else None)\n"
                "    run_plan(Path(sys.argv[1]), harmless(int(sys.argv[3]), Path(sys.argv[2])), KINDS, w)\n"
            )
            (folder / "run.py").write_text(code)
            tasks = 60 * kills
            words = [str(folder / "run.py"), str(folder / "s.db"), str(folder / "log"), str(tasks), *where]
            process = psutil.Popen(
                [sys.executable, *words], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
            )
            hit = 0
            while process.poll() is None and hit < kills:
                before = len(started(folder / "log"))
                while process.poll() is None and len(started(folder / "log")) == before:
                    time.sleep(0.01)
                time.sleep(rng.uniform(0, 0.1))
                found = []
                with suppress(psutil.NoSuchProcess):  # it is done
                    found = [p.pid for p in process.children() if "spawn_main" in " ".join(_words(p))]
                if found:
                    os.kill(rng.choice(found), signal.SIGKILL)
                    hit += 1
            status = process.wait()
            stored = read_store(folder / "s.db").rows
            states = Counter(row.state for row in stored)
            run_plan(folder / "whole.db", harmless(tasks, folder / "whole.log"), KINDS, Workers(1))
            same = exported(folder / "s.db") == exported(folder / "whole.db")
            rows += [
                (f"{name}: workers killed", hit),
                (
                    f"{name}: tasks done / failed (exit status {status})",
                    f"{states['done']} / {states['failed']}",
                ),
                (f"{name}: tasks tried again", sum(row.attempts - 1 for row in stored)),
                (f"{name}: export as of an undisturbed run", "yes" if same else "NO"),
            ]
    return table("kill -9 of workers", rows)


def _words(process: object) -> list[str]:
    import psutil

    assert isinstance(process, psutil.Process)
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def damage(times: int) -> list[str]:
    """One byte flipped, or the end cut off, at random places of a store with 200 tasks; and of its files."""
    rng = random.Random(3)
    counts: Counter[str] = Counter()
    survivors = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        run_plan(folder / "good.db", harmless(200, folder / "log"), KINDS, Workers(1))
        whole, content = exported(folder / "good.db"), (folder / "good.db").read_bytes()
        for number in range(times):
            store = folder / f"{number}.db"
            files_folder(store).symlink_to(files_folder(folder / "good.db"))
            if number % 4:
                at = rng.randrange(len(content))
                bad = content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :]
            else:
                bad = content[: rng.randrange(1, len(content))]
            kind = "flipped" if number % 4 else "cut"
            store.write_bytes(bad)
            try:
                with open_store(store):
                    pass
                export(store, store.with_suffix(".csv"))
            except LayeredPagingError:
                counts[f"{kind}, refused"] += 1
                new = folder / f"new{number}.db"
                survivors.append(recover(store, new).intact)
                run_plan(new, harmless(200, folder / "again.log"), KINDS, Workers(1))
                counts[f"{kind}, same export after recover and resume"] += exported(new) == whole
            else:
                counts[f"{kind}, nothing has changed"] += exported(store) == whole
                counts[f"{kind}, WRONG"] += exported(store) != whole
    rows: list[tuple[str, object]] = [(name, count) for name, count in sorted(counts.items()) if count]
    rows.append(
        (
            "of 200 tasks, intact: least / median",
            f"{min(survivors)} / {statistics.median(survivors):g}",
        )
    )
    return table("Damaged stores: one bit flipped in three of four, the end cut off in the others", rows)


def inputs(count: int) -> Iterator[str]:
    yield from (
        f"## Damaged inputs, {count:,} for each reader",
        "",
        f"Each within {SECONDS} s, the process within {MEMORY >> 20:,} MiB more; all but a value or the project's own error",
        "of one line is a fault. Accepted: the change did no harm.",
        "",
        "| reader | inputs | accepted | slowest, s | MiB | faults |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    )
    faults = []
    for name, tally in fuzz_all(count, seed=1).items():
        yield (
            f"| {name} | {tally.inputs:,} | {tally.accepted:,} | {tally.slowest:.2f} | {tally.peak >> 20} "
            f"| {len(tally.found)} |"
        )
        faults += tally.found
    yield ""
    yield from (f"* {fault}" for fault in faults[:20])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--small", action="store_true")
    small = options.parse_args().small
    times, count = (10, 2000) if small else (100, 100_000)
    begin = time.time()
    lines = [
        "# What campaigns survive",
        "",
        f"Command: `.venv/bin/python -m benchmarks.reliability{' --small' * small}`; two cores, other work beside it.",
        "",
    ]
    parts: list[Callable[[], list[str]]] = [
        lambda: coordinators(times),
        lambda: commands(times),
        lambda: workers(times),
        lambda: stops(max(3, times // 10)),
        lambda: damage(times * 4),
        lambda: list(inputs(count)),
    ]
    for part in parts:
        new = part()
        print("\n".join(new), flush=True)
        lines += new
    lines.append(f"{(time.time() - begin) / 60:.0f} minutes together.")
    text = "\n".join(lines) + "\n"
    if forged := section(RESULT.read_text(), forgery.TITLE):
        text = with_section(text, forgery.TITLE, forged)
    write_atomically(RESULT, text.encode())


if __name__ == "__main__":
    main()
