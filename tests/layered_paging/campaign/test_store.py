"""Tasks and their store: identity, what is computed again, one writer, and faults that must be seen."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layered_paging.campaign.export import export
from layered_paging.campaign.reading import read_store
from layered_paging.campaign.recover import recover
from layered_paging.campaign.run import Limits, Workers, resume, run_plan
from layered_paging.campaign.schema import HINT
from layered_paging.campaign.store import files_folder, open_store
from layered_paging.campaign.task import Task, place_in_order
from paging.errors import LayeredPagingError, StoreDamaged, StoreFailed, StoreInUse
from tests.layered_paging.campaign.faults import FAULTS, KINDS, harmless, started, task

HERE = Workers(1)


def filled(folder: Path, count: int = 12) -> Path:
    """A store with so many finished tasks."""
    store = folder / "s.db"
    run_plan(store, harmless(count, folder / "log"), KINDS, HERE)
    return store


def exported(store: Path) -> bytes:
    target = store.with_suffix(".json")
    export(store, target)
    return target.read_bytes()


def test_identity_is_in_all_four_and_in_nothing_else() -> None:
    one = Task("a", {"x": 1, "y": [2]}, 0, 1)
    assert (
        one.id == Task("a", {"y": [2], "x": 1}, 0, 1).id == Task("a", {"x": 1, "y": [2], "@p": "q"}, 0, 1).id
    )
    others = (
        Task("b", {"x": 1, "y": [2]}, 0, 1),
        Task("a", {"x": 1, "y": [3]}, 0, 1),
        Task("a", {"x": 1, "y": [2]}, 1, 1),
        Task("a", {"x": 1, "y": [2]}, 0, 2),
    )
    assert len({one.id, *(other.id for other in others)}) == 5


def test_numbers_are_in_the_order_of_numbers() -> None:
    tasks = [task(number) for number in (10, 2, 33)]
    assert [t.parameters["number"] for t in sorted(tasks, key=place_in_order)] == [2, 10, 33]


def test_only_what_is_missing_is_computed(tmp_path: Path) -> None:
    store, log = tmp_path / "s.db", tmp_path / "log"
    run_plan(store, harmless(5, log), KINDS, HERE)
    rows = run_plan(store, harmless(8, log), KINDS, HERE)
    assert [row.state for row in rows] == ["done"] * 8
    assert sorted(started(log)) == list(range(8))
    assert [row.result for row in rows][:2] == [{"square": 0, "text": "0"}, {"square": 1, "text": "1"}]


def test_another_method_computes_again(tmp_path: Path) -> None:
    store = filled(tmp_path, 3)
    newer = {"faults": replace(FAULTS, method=2)}
    rows = resume(store, newer, HERE, Limits())
    assert {row.task.method for row in rows} == {2}
    assert sorted(started(tmp_path / "log")) == [0, 0, 1, 1, 2, 2]
    assert len(read_store(store).rows) == 3


def test_a_place_that_moved_is_followed_without_computing(tmp_path: Path) -> None:
    store = filled(tmp_path, 2)
    elsewhere = tmp_path / "other"
    run_plan(store, harmless(2, elsewhere), KINDS, HERE)
    assert started(elsewhere) == []
    assert read_store(store).rows[0].task.parameters["@log"] == str(elsewhere)


def test_an_unknown_kind_in_a_store(tmp_path: Path) -> None:
    store = filled(tmp_path, 1)
    with pytest.raises(LayeredPagingError, match="unknown kind 'faults'"):
        resume(store, {}, HERE, Limits())


def test_every_named_file_is_complete(tmp_path: Path) -> None:
    store = filled(tmp_path, 4)
    names = {name for row in read_store(store).rows for name in row.files.values()}
    assert {path.name for path in files_folder(store).iterdir()} == names
    assert len(names) == 4
    assert not list(tmp_path.glob(".*")), "no temporary files"


def test_one_file_when_nobody_writes(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    assert {path.name for path in tmp_path.iterdir()} == {"s.db", "s.db.lock", "s.db.files", "log"}


def test_a_second_coordinator_is_refused_by_name(tmp_path: Path) -> None:
    store = filled(tmp_path, 1)
    with open_store(store), pytest.raises(StoreInUse) as caught, open_store(store):
        pass
    assert f"pid {os.getpid()} on {socket.gethostname()} since 20" in str(caught.value)
    with open_store(store):
        pass  # the first one has gone


def test_it_is_readable_while_it_is_written(tmp_path: Path) -> None:
    store = filled(tmp_path, 3)
    with open_store(store) as opened:
        opened.put([replace(opened.rows[1], state="failed", error="x")])
        assert sum(row.state == "failed" for row in read_store(store).rows) == 1


def test_what_was_in_flight_waits_again(tmp_path: Path) -> None:
    store = filled(tmp_path, 2)
    with open_store(store) as opened:
        opened.put([replace(opened.rows[1], state="running", attempts=2)])
    with open_store(store) as opened:
        assert (opened.rows[1].state, opened.rows[1].attempts) == ("waiting", 2)


def test_no_store_and_no_folder(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path, said in (
        (tmp_path / "none.db", "no such store"),
        (tmp_path / "folder", "this is a folder"),
    ):
        with pytest.raises(StoreFailed, match=said):
            read_store(path)
        with pytest.raises(StoreFailed, match=said), open_store(path):
            pass
    with (
        pytest.raises(StoreFailed, match=r"the folder .* does not exist"),
        open_store(tmp_path / "a" / "b", create=True),
    ):
        pass
    (tmp_path / "file").touch()
    with pytest.raises(StoreFailed, match="does not exist"), open_store(tmp_path / "file" / "b", create=True):
        pass


def test_other_files_are_not_taken_for_stores(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE tasks (x)")
        connection.commit()
    (tmp_path / "text.db").write_text("not a database, but some text that is long enough for a header" * 20)
    (tmp_path / "empty.db").touch()
    for name in ("other.db", "text.db", "empty.db"):
        with pytest.raises(StoreDamaged, match="damaged, or not a campaign's store"):
            read_store(tmp_path / name)
        before = (tmp_path / name).read_bytes()
        with (
            pytest.raises(StoreDamaged, match=r"damaged, or not a campaign's store"),
            open_store(tmp_path / name),
        ):
            pass
        assert (tmp_path / name).read_bytes() == before


def test_a_store_of_the_future(tmp_path: Path) -> None:
    store = filled(tmp_path, 1)
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA user_version=2")
    with pytest.raises(StoreDamaged, match="version 2, expected 1"):
        read_store(store)


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0x10
    path.write_bytes(content)


def mended(store: Path, name: str) -> tuple[Path, int]:
    """Recover, compute what is missing; the new store and how many tasks had survived."""
    new = store.with_name(name)
    found = recover(store, new)
    run_plan(new, harmless(12, store.with_name("log2")), KINDS, HERE)
    return new, found.intact


def test_a_flipped_result_is_seen_and_recovered(tmp_path: Path) -> None:
    store = filled(tmp_path)
    whole = exported(store)
    flip(store, store.read_bytes().index(b'"square":121'))
    with pytest.raises(StoreDamaged, match="1 of 12 rows"):
        read_store(store)
    with pytest.raises(StoreDamaged, match="1 of 12 rows"), open_store(store):
        pass
    new, intact = mended(store, "new.db")
    assert intact == 11
    assert started(tmp_path / "log2") == [11]
    assert exported(new) == whole


def flipped_anywhere(folder: Path, store: Path, whole: bytes, at: int) -> str:
    """Flip one byte; either nothing has changed, or it is said and can be mended."""
    content = store.read_bytes()
    copy = folder / f"{at}.db"
    copy.write_bytes(content)
    flip(copy, at)
    (folder / f"{at}.db.files").symlink_to(files_folder(store))
    said = complaint(lambda: opened(copy))
    if said is None:
        assert exported(copy) == whole
        return "unseen"
    assert "\n" not in said
    new = folder / f"{at}-new.db"
    found = recover(copy, new)
    run_plan(new, harmless(12, folder / f"{at}.log"), KINDS, HERE)
    assert exported(new) == whole
    assert len(started(folder / f"{at}.log")) == 12 - found.intact
    return "mended" if found.intact else "lost"


def opened(path: Path) -> None:
    with open_store(path):
        pass


def complaint(use: Callable[[], object]) -> str | None:
    """What the project says of it; any other exception is a failure."""
    try:
        use()
    except LayeredPagingError as error:
        return str(error)
    return None


def test_bytes_flipped_anywhere(tmp_path: Path) -> None:
    store = filled(tmp_path)
    whole = exported(store)
    size = store.stat().st_size
    places = [*range(0, 110, 5), *range(110, size, size // 40)]
    ends = [flipped_anywhere(tmp_path, store, whole, at) for at in places]
    assert ends.count("mended") > 20
    assert ends.count("lost") <= 2  # the root of a table, which holds the way to all rows of so small a store


def test_a_truncated_store_keeps_its_beginning(tmp_path: Path) -> None:
    store = filled(tmp_path)
    whole, content = exported(store), store.read_bytes()
    survived = []
    for share in (0.3, 0.5, 0.7, 0.95):
        store.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(StoreDamaged):
            read_store(store).rows  # noqa: B018
        new, intact = mended(store, f"{share}.db")
        assert exported(new) == whole
        survived.append(intact)
    assert survived == sorted(survived)
    assert survived[-1] > 0


def test_a_damaged_file_is_computed_again(tmp_path: Path) -> None:
    store = filled(tmp_path)
    whole = exported(store)
    first, second, *_ = sorted(files_folder(store).iterdir())
    flip(first, 25)
    second.unlink()
    with pytest.raises(StoreDamaged, match="1 files are missing") as caught, open_store(store):
        pass
    assert HINT in str(caught.value)
    new, intact = mended(store, "new.db")
    assert intact == 10
    assert exported(new) == whole
    assert {path.name for path in files_folder(new).iterdir()} == {first.name, second.name} | {
        path.name for path in files_folder(store).iterdir()
    }


def test_recover_overwrites_nothing(tmp_path: Path) -> None:
    store = filled(tmp_path, 1)
    (tmp_path / "there.db").write_text("x")
    with pytest.raises(LayeredPagingError, match="is there already"):
        recover(store, tmp_path / "there.db")
    with open_store(store), pytest.raises(StoreInUse):
        recover(store, tmp_path / "new.db")
    with pytest.raises(StoreFailed, match="no such store"):
        recover(tmp_path / "none.db", tmp_path / "new.db")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return filled(tmp_path_factory.mktemp("good"), 2).read_bytes()


@settings(max_examples=25, deadline=None)
@given(content=st.binary(max_size=9000), at=st.integers(0, 30_000))
def test_any_bytes_as_a_store(
    tmp_path_factory: pytest.TempPathFactory, good: bytes, content: bytes, at: int
) -> None:
    """Random bytes, alone and over a part of a real store: refused, or readable; recover ends."""
    folder = tmp_path_factory.mktemp("fuzz")
    for number, bad in enumerate((content, good[:at] + content + good[at + len(content) :])):
        path = folder / f"{number}.db"
        path.write_bytes(bad)
        assert "\n" not in (complaint(partial(read_store, path)) or "")
        assert "\n" not in (complaint(partial(recover, path, path.with_suffix(".new"))) or "")


def test_exports_are_what_was_computed(tmp_path: Path) -> None:
    import polars as pl

    store = filled(tmp_path, 11)
    tasks = json.loads(exported(store))["tasks"]
    assert [one["parameters"]["number"] for one in tasks] == list(range(11))
    assert "attempts" not in tasks[0]
    assert "@log" not in tasks[0]["parameters"]
    for suffix, read in ((".csv", pl.read_csv), (".parquet", pl.read_parquet)):
        export(store, tmp_path / f"t{suffix}")
        frame = read(tmp_path / f"t{suffix}")
        assert frame["result.square"].to_list() == [number**2 for number in range(11)]
        export(store, tmp_path / f"m{suffix}", measured=True)
        measured = read(tmp_path / f"m{suffix}")
        assert set(measured.columns) - set(frame.columns) == {
            "attempts", "lost", "started", "seconds", "peak", "worker", "package"
        }  # fmt: skip
        assert measured["attempts"].to_list() == [1] * 11
        assert min(measured["peak"].to_list()) > 10**6
    with pytest.raises(LayeredPagingError, match=r"ends in \.csv, \.json, \.parquet"):
        export(store, tmp_path / "t.txt")
