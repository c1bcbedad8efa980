"""Where tasks run, and what goes wrong there: lost and hanging workers, other versions, too little memory."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from layered_paging.campaign import coordinator
from layered_paging.campaign.dask import Dask
from layered_paging.campaign.export import export
from layered_paging.campaign.place import Here, Place, Processes, machine_memory
from layered_paging.campaign.plan import Plan
from layered_paging.campaign.reading import read_store
from layered_paging.campaign.rows import Row
from layered_paging.campaign.run import Limits, Workers, resume, run_plan
from layered_paging.campaign.store import open_store
from layered_paging.campaign.task import Task
from layered_paging.campaign.version import package_version
from layered_paging.campaign.worker import perform
from paging.errors import InvalidArgument, StoreFailed, WorkerRefused, WorkersLost
from tests.layered_paging.campaign.faults import KINDS, harmless, run, started, task
from tests.layered_paging.waiting import wait_until

PLACES = {"one": Workers(1), "two": Workers(2), "dask": Workers(2, dask="local")}


def outcome(folder: Path, tasks: list[Task], workers: Workers, limit: float | None = None) -> list[Row]:
    """In the order of the tasks."""
    return run_plan(folder / "s.db", Plan(tuple(tasks), limit), KINDS, workers)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bytes]]:
    """The exports of one campaign, by where it ran."""
    found: dict[str, list[bytes]] = {}
    for name, workers in PLACES.items():
        folder = tmp_path_factory.mktemp(name)
        run_plan(folder / "s.db", harmless(20, folder / "log"), KINDS, workers)
        found[name] = []
        for suffix in (".csv", ".json", ".parquet"):
            export(folder / "s.db", folder / f"t{suffix}")
            found[name].append((folder / f"t{suffix}").read_bytes())
    return found


@pytest.mark.parametrize("name", ["two", "dask"])
def test_exports_do_not_depend_on_where_it_ran(whole: dict[str, list[bytes]], name: str) -> None:
    assert whole[name] == whole["one"]
    assert whole["one"][1].count(b'"state": "done"') == 20


def test_the_large_ones_begin_first(tmp_path: Path) -> None:
    run_plan(tmp_path / "s.db", harmless(6, tmp_path / "log"), KINDS, PLACES["one"])
    assert started(tmp_path / "log") == [5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize("name", PLACES)
def test_a_task_that_fails_is_written_down_and_the_rest_goes_on(tmp_path: Path, name: str) -> None:
    rows = outcome(
        tmp_path, [task(1), task(2, "raise"), task(3, "not-json"), task(4, "memory-error")], PLACES[name]
    )
    assert [row.state for row in rows] == ["done", "failed", "failed", "failed"]
    assert rows[1].error == "ValueError: number 2 is not liked"
    assert rows[2].error is not None
    assert rows[2].error.startswith("TypeError: ")
    assert rows[3].error == "MemoryError: "
    assert [row.attempts for row in rows] == [1] * 4


@pytest.mark.parametrize("name", ["two", pytest.param("dask", marks=pytest.mark.slow)])
def test_a_lost_worker(tmp_path: Path, name: str) -> None:
    """Its task is tried again three times, then fails; those beside it are never blamed."""
    log = str(tmp_path / "log")
    tasks = [
        task(9, "die", log=log),
        *(task(n, log=log, sleep=0.05) for n in range(6)),
        task(7, "die-once", log=log),
    ]
    rows = outcome(tmp_path, tasks, PLACES[name])
    assert [row.state for row in rows] == ["failed", *["done"] * 7]
    assert rows[0].error == "the worker was lost (killed, or out of memory); tried again 3 times"
    assert started(tmp_path / "log").count(9) == 4
    assert started(tmp_path / "log").count(7) == 2
    assert [(row.attempts, row.lost) for row in rows] == [(4, 4), *[(1, 0)] * 6, (2, 1)]
    assert all(started(tmp_path / "log").count(n) == 1 for n in range(6))


def test_failed_tasks_are_tried_again_only_when_asked(tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    outcome(tmp_path, [task(1, "raise", log=log)], PLACES["one"])
    resume(tmp_path / "s.db", KINDS, PLACES["one"], Limits())
    assert started(tmp_path / "log") == [1]
    resume(tmp_path / "s.db", KINDS, PLACES["one"], Limits(), again=True)
    assert started(tmp_path / "log") == [1, 1]


def test_a_hanging_worker(tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    rows = outcome(
        tmp_path, [task(9, "hang", log=log), task(1, log=log), task(2, log=log)], Workers(1), limit=2
    )
    assert [row.state for row in rows] == ["failed", "done", "done"]
    assert rows[0].error == "longer than the time limit of 2 s; tried again 3 times"
    assert sorted(started(tmp_path / "log")) == [1, 2, 9, 9, 9, 9]


def test_a_lost_task_comes_last(tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    outcome(
        tmp_path, [task(9, "die-once", log=log), *(task(n, log=log) for n in (2, 1))], Workers(1), limit=60
    )
    assert started(tmp_path / "log") == [9, 2, 1, 9]


@pytest.mark.slow
def test_a_hanging_dask_worker(tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    rows = outcome(tmp_path, [task(9, "hang", log=log), task(1, log=log)], PLACES["dask"], limit=1)
    assert [row.state for row in rows] == ["failed", "done"]
    assert started(tmp_path / "log").count(9) == 4


@contextmanager
def places(name: str) -> Iterator[Place]:
    place = PLACES[name].place(None)
    try:
        yield place
    finally:
        place.close(now=True)


@pytest.mark.parametrize("name", ["two", "dask"])
def test_workers_killed_from_outside(tmp_path: Path, name: str) -> None:
    """Whoever is hit is done again, and nothing fails: nobody is hit more than three times."""
    log = tmp_path / "log"

    over, killed = threading.Event(), 0

    def killer() -> None:
        nonlocal killed
        while killed < 3 and not over.is_set():
            if working := _workers():
                over.wait(0.1)
                with suppress(ProcessLookupError):
                    os.kill(working[0], signal.SIGKILL)
                    killed += 1
            over.wait(0.02)

    thread = threading.Thread(target=killer)
    tasks = tuple(task(n, log=str(log), sleep=0.15) for n in range(12))
    with open_store(tmp_path / "s.db", create=True) as store, places(name) as place:
        numbers = store.add(tasks, KINDS)
        thread.start()
        coordinator.Coordinator(store, KINDS, place).run(numbers)
        over.set()
        thread.join()
    rows = read_store(tmp_path / "s.db").rows
    assert {row.state for row in rows} == {"done"}
    assert killed > 0
    assert 12 <= len(started(log)) <= 12 + killed
    assert sum(row.attempts - 1 for row in rows) == sum(row.lost for row in rows) <= killed


def _workers() -> list[int]:
    """Processes below this one that a task may run in."""
    import psutil

    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "spawn_main" in " ".join(process.cmdline()) and not process.children():
                found.append(process.pid)
    return sorted(found, reverse=True)


@pytest.mark.parametrize("name", PLACES)
def test_a_worker_of_another_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Seen from the other side: the coordinator is of another version."""
    with open_store(tmp_path / "s.db", create=True) as store, places(name) as place:
        numbers = store.add([task(1)], KINDS)
        monkeypatch.setattr(coordinator, "package_version", lambda: "0.0.9+other")
        with pytest.raises(WorkerRefused) as caught:
            coordinator.Coordinator(store, KINDS, place).run(numbers)
    assert f"is refused: its layered-paging is {package_version()}, expected 0.0.9+other" in str(caught.value)
    rows = read_store(tmp_path / "s.db").rows
    assert [(row.state, row.result) for row in rows] == [("waiting", None)]


def test_a_cluster_of_another_version_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from layered_paging.campaign import dask

    monkeypatch.setattr(dask, "_expected", lambda: "0.0.9+other")
    with pytest.raises(WorkerRefused, match=r"worker tcp://.* is refused: .* expected 0\.0\.9\+other"):
        Dask("local", 1)


def look_for_long(cluster: Dask) -> None:
    for _ in range(300):
        time.sleep(0.1)
        cluster.size()


def test_a_cluster_that_nobody_comes_back_to_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Dask("local", 1)
    try:
        assert cluster.size() == 1
        monkeypatch.setattr("layered_paging.campaign.dask.PATIENCE", 0.5)
        cluster._cluster.scale(0)
        monkeypatch.setattr(cluster._cluster, "scale", lambda _: None)
        with pytest.raises(WorkersLost, match=r"no Dask worker for 0\.5 s"):
            look_for_long(cluster)
    finally:
        cluster.close(now=True)


@pytest.mark.slow
def test_a_worker_that_dask_has_given_up_is_replaced() -> None:
    """As happens to one that is killed again while it starts: its nanny ends, and nobody else starts another."""
    cluster = Dask("local", 1)
    try:
        nanny = next(iter(cluster._cluster.workers.values()))
        cluster._client.sync(nanny.close)
        wait_until(lambda: cluster.size() == 0)
        wait_until(lambda: cluster.size() == 1)
        assert cluster.submit(os.getpid).result(10) != os.getpid()
    finally:
        cluster.close(now=True)


def test_no_cluster_there() -> None:
    with pytest.raises(InvalidArgument, match="no Dask scheduler at 'nonsense:1:2'"):
        Dask("nonsense:1:2", 1)


def test_a_worker_refuses_by_itself() -> None:
    answer = perform(run, {"parameters": {"number": 1}, "seed": 0, "version": "0.0.9"})
    assert answer["refused"] is True
    assert "result" not in answer


class Roomy(Here):
    """Three tasks at once, in a hundred bytes together."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = self.largest = 100

    def size(self) -> int:
        return 3


def test_tasks_that_exceed_the_memory_are_not_run_together(tmp_path: Path) -> None:
    needs = {1: 60, 2: 30, 3: 50, 4: 101, 5: 10}
    with open_store(tmp_path / "s.db", create=True) as store:
        numbers = store.add([task(n, memory=need) for n, need in needs.items()], KINDS)
        launched: list[list[int]] = []

        def noted(rows: list[Row], *rest: object) -> None:
            if new := [row.task.parameters["number"] for row in rows if row.state == "running"]:
                launched.append(new)
            put(rows, *rest)

        put: Callable[..., None] = store.put
        store.put = noted  # type: ignore[method-assign, assignment]
        coordinator.Coordinator(store, KINDS, Roomy()).run(numbers)
        states = {row.task.parameters["number"]: row.state for row in store.rows.values()}
    assert all(sum(needs[n] for n in group) <= 100 for group in launched)
    assert launched == [[5, 3, 2], [1]]  # large ones first; 1 waits for its 60 bytes
    assert states == {1: "done", 2: "done", 3: "done", 4: "too-large", 5: "done"}


def test_what_alone_exceeds_the_memory_is_written_down_and_tried_on_a_larger_machine(tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    plan = Plan((task(1, memory=2000, log=log),), memory=1000)
    (row,) = run_plan(tmp_path / "s.db", plan, KINDS, Workers(1))
    assert (row.state, row.attempts, row.error) == ("too-large", 0, "needs about 0.0 GiB, there are 0.0")
    assert started(tmp_path / "log") == []
    (row,) = resume(tmp_path / "s.db", KINDS, Workers(1), Limits())
    assert (row.state, row.error) == ("done", None)


def test_the_memory_of_the_machine() -> None:
    assert 2**28 < machine_memory() < os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def test_an_error_of_the_store_stops_the_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Processes(2)
    with open_store(tmp_path / "s.db", create=True) as store:
        numbers = store.add([task(1), task(2, "hang")], KINDS)

        def full(*_: object) -> None:
            raise StoreFailed("no space left")

        monkeypatch.setattr(store, "keep", full)
        with pytest.raises(StoreFailed, match="no space left"):
            coordinator.Coordinator(store, KINDS, place).run(numbers)
        place.close(now=True)  # comes back, though the other task would sleep for an hour
    assert {row.state for row in read_store(tmp_path / "s.db").rows} == {"waiting"}
