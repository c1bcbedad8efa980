"""What a campaign survives: killed coordinators, Ctrl-C, a full disk, a folder that cannot be written."""

from __future__ import annotations

import itertools
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from layered_paging.campaign.plan import Plan
from layered_paging.campaign.reading import read_store
from layered_paging.campaign.run import Workers, run_plan
from layered_paging.campaign.store import files_folder
from tests.layered_paging.campaign.faults import KINDS, harmless, started, task
from tests.layered_paging.campaign.killing import ROOT, exported, kill_coordinators
from tests.layered_paging.campaign.test_store import filled
from tests.layered_paging.waiting import wait_until


def test_killed_coordinators(tmp_path: Path) -> None:
    survived = kill_coordinators(tmp_path, 10, 250, random.Random(1))
    assert survived.same
    assert survived.unexplained == 0
    assert survived.again == survived.in_flight > 0
    assert survived.kills >= 8


def test_a_worker_that_begins_after_its_parent_has_died_ends() -> None:
    """It is the child of another process then, and would wait for that one's death."""
    code = "import time; from paging.pool import _begin; _begin(2**22 + 1); time.sleep(60)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 1  # 0 after the sleep


STOPS = {
    "ctrl-c": (signal.SIGINT, True, ["--jobs", "2"]),
    "terminated": (signal.SIGTERM, False, ["--jobs", "2"]),
    "dask": (signal.SIGINT, True, ["--jobs", "2", "--dask", "local"]),
}


@pytest.mark.parametrize("name", ["ctrl-c", "terminated", pytest.param("dask", marks=pytest.mark.slow)])
def test_a_clean_stop(tmp_path: Path, name: str) -> None:
    number, group, words = STOPS[name]
    store = tmp_path / "a.db"
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "layered_paging",
            "campaign",
            "run",
            "atlas",
            "--pages",
            "8",
            "-o",
            store,
            *words,
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until(
        lambda: store.exists() and any(row.state == "done" for row in read_store(store).rows),
        lambda: process.poll() is None,
    )
    (os.killpg if group else os.kill)(process.pid, number)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert (out, err.strip()) == ("", "layered-paging: interrupted")
    rows = read_store(store).rows
    assert {row.state for row in rows} == {"done", "waiting"}
    assert {path.name for path in tmp_path.iterdir()} == {"a.db", "a.db.lock", "a.db.files"}


def interrupted_at(event: int, work: Callable[[], object]) -> bool:
    """Ctrl-C before the ``event``-th line of the coordinator, or of the store from its first on; whether there were so many."""
    left = event
    begun = False

    def trace(frame: FrameType, what: str, _: object) -> Any:
        nonlocal left, begun
        file = os.path.basename(frame.f_code.co_filename)
        begun = begun or file == "coordinator.py"
        if not begun or file not in ("store.py", "coordinator.py"):
            return None
        if what == "line":
            left -= 1
            if left == 0:
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def test_an_interruption_between_any_two_lines_leaves_nothing_running(tmp_path: Path) -> None:
    """Also between a transaction's end and what the coordinator remembers of it."""
    stopped, plan = 0, harmless(1, tmp_path / "log")
    for event in itertools.count(1):
        store = tmp_path / f"{event}.db"
        if not interrupted_at(event, lambda store=store: run_plan(store, plan, KINDS, Workers(1))):  # type: ignore[misc]
            break
        stopped += 1
        if store.exists():
            assert "running" not in {row.state for row in read_store(store).rows}
    assert stopped > 100


def limited(store: Path, log: Path, most: int) -> subprocess.CompletedProcess[str]:
    """A coordinator whose files cannot grow beyond so many bytes."""
    return subprocess.run(
        [sys.executable, "-m", "tests.layered_paging.campaign.faults", store, log, "30", "1"],
        cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("most", [1_000, 5_000, 60_000, 150_000])
def test_a_full_disk(tmp_path: Path, most: int) -> None:
    store, log = tmp_path / "s.db", tmp_path / "log"
    done = limited(store, log, most)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert str(store) in done.stderr
    assert any(
        said in done.stderr for said in ("disk I/O error", "File too large", "full", "cannot be written")
    )
    finished = started(log)
    run_plan(store, harmless(30, log), KINDS, Workers(1))
    assert exported(store) == exported(_whole(tmp_path))
    assert len(started(log)) <= 30 + 1  # what was in flight when it stopped
    assert finished == [] if most < 10_000 else most < 100_000 or len(finished) > 1


def _whole(folder: Path) -> Path:
    run_plan(folder / "whole.db", harmless(30, folder / "whole.log"), KINDS, Workers(1))
    return folder / "whole.db"


def test_a_full_disk_for_files_only(tmp_path: Path) -> None:
    """The file does not fit: no row names it, and no piece of it is left."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "from pathlib import Path\n"
        "from layered_paging.campaign.plan import Plan\n"
        "from layered_paging.campaign.run import Workers, run_plan\n"
        "from paging.errors import StoreFailed\n"
        "from tests.layered_paging.campaign.faults import KINDS, task\n"
        "try: run_plan(Path(sys.argv[1]), Plan((task(2), task(1, 'large'))), KINDS, Workers(1))\n"
        "except StoreFailed as error: print(error)\n"
    )
    store = tmp_path / "s.db"
    done = subprocess.run(
        [sys.executable, "-c", code, store], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "cannot be written: File too large" in done.stdout
    rows = {row.task.parameters["number"]: row for row in read_store(store).rows}
    assert (rows[2].state, rows[1].state) == ("done", "waiting")
    assert {path.name for path in files_folder(store).iterdir()} == set(rows[2].files.values())
    (again, _) = run_plan(store, Plan((task(1, "large"), task(2))), KINDS, Workers(1))
    assert again.state == "done"


def as_nobody(code: str, *arguments: str) -> str:
    """Run Python with the rights of nobody (root may write everywhere); what it prints."""
    begin = (
        "import os, sys\nfrom paging.errors import LayeredPagingError\n"
        "from tests.layered_paging.campaign import test_survival as t\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
    )
    words = [sys.executable, "-c", begin + code, *arguments]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_a_folder_that_cannot_be_written() -> None:
    """A clear error for who writes; who reads can read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = filled(folder, 3)
        (folder / "s.db.lock").unlink()
        folder.chmod(0o555)
        try:
            say = "\nexcept LayeredPagingError as error: print(error)"
            for path in (str(folder / "new.db"), str(store)):
                said = as_nobody(
                    "try: t.run_plan(t.Path(sys.argv[1]), t.harmless(1, t.Path('log')), t.KINDS, t.Workers(1))"
                    + say,
                    path,
                )
                assert said.strip() == f"{path}.lock: cannot be written: Permission denied"
            read = as_nobody(
                "print([row.state for row in t.read_store(t.Path(sys.argv[1])).rows])", str(store)
            )
            assert read.strip() == "['done', 'done', 'done']"
            assert {path.name for path in folder.iterdir()} == {"s.db", "s.db.files", "log"}
        finally:
            folder.chmod(0o755)


def test_a_killed_store_in_a_folder_that_cannot_be_written() -> None:
    """The rows that stand only in the write-ahead log are read, too."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        code = (
            "import os, sys; from pathlib import Path\n"
            "from layered_paging.campaign.store import open_store\n"
            "from tests.layered_paging.campaign.faults import KINDS, task\n"
            "with open_store(Path(sys.argv[1]), create=True) as store:\n"
            "    store.add([task(1), task(2)], KINDS); os.kill(os.getpid(), 9)\n"
        )
        subprocess.run([sys.executable, "-c", code, folder / "s.db"], cwd=ROOT, check=False)
        assert (folder / "s.db-wal").stat().st_size > 0
        folder.chmod(0o555)
        try:
            read = as_nobody("print(len(t.read_store(t.Path(sys.argv[1])).rows))", str(folder / "s.db"))
        finally:
            folder.chmod(0o755)
        assert read.strip() == "2"
