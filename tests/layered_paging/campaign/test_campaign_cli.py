"""``layered-paging campaign`` as a user meets it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layered_paging.__main__ import main
from layered_paging.campaign.kinds.registry import KINDS
from layered_paging.campaign.plan import make_plan, read_plan
from layered_paging.campaign.reading import read_store
from layered_paging.campaign.store import files_folder, open_store
from paging.errors import LayeredPagingError
from tests.layered_paging.test_cli import complaint, document
from tests.paging.traces.test_formats import TEXT

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "examples" / "campaigns").glob("*.toml"))

SMALL = """
[[tasks]]
kind = "atlas-cell"
instances = [[2, 2, 3], [1, 3, 2]]
columns = ["lru", "deterministic"]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with four cells and their eight certificates."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "small.toml").write_text(SMALL)
    assert (
        main(["campaign", "run", str(folder / "small.toml"), "-o", str(folder / "s.db"), "--jobs", "1"]) == 0
    )
    return folder / "s.db"


def copied(store: Path, folder: Path) -> Path:
    """The same store elsewhere, to be damaged."""
    import shutil

    shutil.copyfile(store, folder / "c.db")
    shutil.copytree(files_folder(store), folder / "c.db.files")
    return folder / "c.db"


def test_run_resume_status(capsys: pytest.CaptureFixture[str], made: Path) -> None:
    assert main(["campaign", "run", str(made.parent / "small.toml"), "-o", str(made), "--jobs", "1"]) == 0
    assert capsys.readouterr().out == f"{made}: 4 done\n"
    assert main(["campaign", "resume", str(made), "--jobs", "1"]) == 0
    assert capsys.readouterr().out == f"{made}: 4 done\n"
    assert main(["campaign", "status", str(made)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["atlas-cell", "0", "0", "4", "0", "0"]
    counts = {"waiting": 0, "running": 0, "done": 4, "failed": 0, "too-large": 0}
    assert document(capsys, "campaign", "status", made) == {
        "coordinated": False, "counts": {"atlas-cell": counts}, "running": [], "failures": [], "remaining": None
    }  # fmt: skip


def test_status_of_a_running_campaign(capsys: pytest.CaptureFixture[str], made: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    store = copied(made, tmp_path)
    with open_store(store) as opened:
        opened.put(
            [replace(opened.rows[1], state="running"), replace(opened.rows[2], state="failed", error="why")]
        )
        assert main(["campaign", "status", str(store)]) == 0
    out = capsys.readouterr().out
    assert "nobody works on it" not in out
    assert "running for " in out
    assert "s left" in out
    assert "failed: atlas-cell cache=3 certificates=true column=deterministic experts=2 layers=2: why" in out


def test_status_of_a_killed_campaign(capsys: pytest.CaptureFixture[str], made: Path, tmp_path: Path) -> None:
    """What a killed coordinator leaves: a task that is said to run, and a lock that nobody holds."""
    from dataclasses import replace

    store = copied(made, tmp_path)
    with open_store(store) as opened:
        opened.put([replace(opened.rows[1], state="running")])
    assert main(["campaign", "status", str(store)]) == 0
    out = capsys.readouterr().out
    assert f"nobody works on it; to go on: layered-paging campaign resume {store}" in out
    assert "running for" not in out
    assert "s left" not in out


def test_results_are_those_of_the_atlas(made: Path) -> None:
    found = {
        (row.task.parameters["layers"], row.task.parameters["column"]): row.result["upper"]
        for row in read_store(made).rows
        if row.result is not None
    }
    # theory: at (2,2,3) LRU has ratio k = 3 and the best policy k-l+1 = 2; at (1,3,2) both have k = 2
    assert found == {(2, "lru"): "3", (2, "deterministic"): "2", (1, "lru"): "2", (1, "deterministic"): "2"}


def test_verify_and_what_it_rejects(capsys: pytest.CaptureFixture[str], made: Path, tmp_path: Path) -> None:
    assert main(["campaign", "verify", str(made), "--jobs", "1"]) == 0
    assert capsys.readouterr().out == f"{made}: 8 files, 0 rejected\n"
    store = copied(made, tmp_path)
    files = {}
    for row in read_store(store).rows:
        files[row.task.parameters["layers"], row.task.parameters["column"]] = row.files
    folder = files_folder(store)
    damaged, missing = (files[2, "lru"][name] for name in ("lower.json", "upper.json"))
    content = bytearray((folder / damaged).read_bytes())
    content[40] ^= 1
    (folder / damaged).write_bytes(content)
    (folder / missing).unlink()
    assert main(["campaign", "verify", str(store), "--jobs", "1"]) == 1
    said = capsys.readouterr().out
    assert f"{damaged}: the file does not have its checksum: it is damaged" in said
    assert f"{missing}: the file is missing" in said
    assert said.endswith("8 files, 2 rejected\n")


def test_verify_sees_a_proof_of_something_else(
    capsys: pytest.CaptureFixture[str], made: Path, tmp_path: Path
) -> None:
    """A sound certificate of another cell, and a false one with the right checksum."""
    from dataclasses import replace
    from hashlib import sha256

    store = copied(made, tmp_path)
    with open_store(store) as opened:
        rows = {(r.task.parameters["layers"], r.task.parameters["column"]): r for r in opened.rows.values()}
        other, target = rows[1, "lru"], rows[2, "lru"]
        swapped = replace(target, files={**target.files, "lower.json": other.files["lower.json"]})
        false = gzip.decompress(
            (files_folder(store) / rows[1, "deterministic"].files["upper.json"]).read_bytes()
        )
        false = false.replace(b'"ratio":"2"', b'"ratio":"1"')
        name = sha256(false).hexdigest() + ".json.gz"
        opened.keep(name, gzip.compress(false))
        lying = replace(rows[1, "deterministic"], files={"upper.json": name})
        opened.put([swapped, lying])
    assert main(["campaign", "verify", str(store), "--jobs", "1"]) == 1
    said = capsys.readouterr().out
    assert "it proves something else: ratio is '2', the store says '3'" in said
    assert "the potential is too small" in said
    assert said.endswith(" 2 rejected\n")


def test_diff(capsys: pytest.CaptureFixture[str], made: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    assert main(["campaign", "diff", str(made), str(made)]) == 0
    assert capsys.readouterr().out == "0 changed, 0 in one store only\n"
    store = copied(made, tmp_path)
    with open_store(store) as opened:
        rows = {(r.task.parameters["layers"], r.task.parameters["column"]): r for r in opened.rows.values()}
        row = rows[2, "lru"]
        assert row.result is not None
        opened.put([replace(row, result=row.result | {"upper": "4"})])
        opened.put([replace(rows[1, "lru"], state="waiting", result=None, files={})])
    assert main(["campaign", "diff", str(made), str(store)]) == 1
    out = capsys.readouterr().out
    assert (
        "changed: atlas-cell cache=3 certificates=true column=lru experts=2 layers=2\n  upper: 3 -> 4\n"
        in out
    )
    assert "only-in-a: atlas-cell cache=2 certificates=true column=lru experts=3 layers=1\n" in out
    assert out.endswith("1 changed, 1 in one store only\n")
    with open_store(store) as opened:  # what only one store has is not a changed result
        opened.put([row])
    assert main(["campaign", "diff", str(made), str(store)]) == 0


def test_recover_and_resume(capsys: pytest.CaptureFixture[str], made: Path, tmp_path: Path) -> None:
    store = copied(made, tmp_path)
    content = bytearray(store.read_bytes())
    content[content.index(b'"upper":"3"') + 9] ^= 1
    store.write_bytes(content)
    for words in (["status"], ["resume"], ["verify"], ["export", "-o", "x.csv"]):
        said = complaint(capsys, "campaign", words[0], store, *words[1:])
        assert (
            "c.db: damaged: 1 of 4 rows are not as they were written; `layered-paging campaign recover"
            in said
        )
    assert main(["campaign", "recover", str(store), str(tmp_path / "new.db")]) == 0
    assert capsys.readouterr().out.endswith("new.db: 3 tasks intact, 1 to be computed again, 0 unreadable\n")
    assert main(["campaign", "resume", str(tmp_path / "new.db"), "--jobs", "1"]) == 0
    assert main(["campaign", "diff", str(made), str(tmp_path / "new.db")]) == 0


def test_built_in_campaigns(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "a.trace").write_text(TEXT)
    store = str(tmp_path / "r.db")
    words = [
        "campaign",
        "run",
        "replay",
        "--trace",
        tmp_path / "a.trace",
        "-k",
        "2,3",
        "--policy",
        "lru",
        "-o",
        store,
    ]
    assert document(capsys, *words, "--jobs", 1)["counts"]["done"] == 2
    results = [row.result for row in read_store(Path(store)).rows]
    # requests 3 1 10 15 of one token: all cold
    assert [r and (r["requests"], r["misses"], r["misses_of_opt"]) for r in results] == [(4, 4, 4)] * 2
    found = document(
        capsys,
        "campaign",
        "run",
        "verify",
        "--pages",
        2,
        "--policy",
        "lru",
        "-o",
        tmp_path / "v.db",
        "--jobs",
        1,
    )
    assert found["failures"] == []
    rows = [row.result for row in read_store(tmp_path / "v.db").rows]
    assert all(row is not None and row["failed"] == 0 for row in rows)
    assert sum(row["passed"] for row in rows if row) > 0


def test_a_trace_is_its_content(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "t.trace").write_text(TEXT)
    words = [
        "campaign",
        "run",
        "replay",
        "-k",
        2,
        "--policy",
        "lru",
        "-o",
        tmp_path / "s.db",
        "--jobs",
        1,
        "--trace",
    ]
    assert document(capsys, *words, tmp_path / "a" / "t.trace")["counts"]["done"] == 1
    assert document(capsys, *words, tmp_path / "b" / "t.trace")["counts"]["done"] == 1
    assert len(read_store(tmp_path / "s.db").rows) == 1
    (tmp_path / "b" / "t.trace").write_text(TEXT.replace("decode,1,2,7", "decode,1,2,6"))
    assert document(capsys, *words, tmp_path / "b" / "t.trace")["counts"]["done"] == 1
    assert len(read_store(tmp_path / "s.db").rows) == 2


def test_failed_tasks_give_status_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "a.trace").write_text(TEXT)
    store = tmp_path / "r.db"
    # one slot per layer is too little for two layers' partition
    words = ["--trace", tmp_path / "a.trace", "-k", "1", "--policy", "lru-dist", "--jobs", "1", "-o", store]
    assert main(["campaign", "run", "replay", *map(str, words)]) == 1
    captured = capsys.readouterr()
    assert captured.out == f"{store}: 1 failed\n"
    assert "warning: replay " in captured.err
    assert "InvalidPartition" in captured.err


BAD = {
    "tasks = [": "not TOML: ",
    "": "tasks: expected [[tasks]] sections, it is missing",
    "tasks = 3": "tasks: expected [[tasks]] sections, got 3",
    "[[tasks]]\nkind = 'atlas'": "tasks 1: kind: expected one of atlas-cell, theorem-check, replay, search, got 'atlas'",
    "[[tasks]]": "tasks 1: kind: expected one of atlas-cell, theorem-check, replay, search, it is missing",
    "[[tasks]]\nkind = 'atlas-cell'": "tasks 1: pages: expected an integer from 2 to 24, it is missing",
    "[[tasks]]\nkind = 'atlas-cell'\npages = 'six'": "tasks 1: pages: expected an integer from 2 to 24, got 'six'",
    "[[tasks]]\nkind = 'atlas-cell'\npages = true": "pages: expected an integer from 2 to 24, got True",
    "[[tasks]]\nkind = 'atlas-cell'\npages = 4\ncolums = ['lru']": "unknown key 'colums', expected one of ",
    "[[tasks]]\nkind = 'atlas-cell'\npages = 4\ncolumns = ['lrru']": "unknown column 'lrru': did you mean 'lru'?",
    "[[tasks]]\nkind = 'atlas-cell'\npages = 4\ncolumns = []": "columns: expected a list of names (column), got []",
    "[[tasks]]\nkind = 'atlas-cell'\ninstances = [[1, 2]]": "instances: expected a list of [layers, experts, cache], got",
    "[[tasks]]\nkind = 'atlas-cell'\ninstances = [[1, 2, 0]]": "instances: [1, 2, 0]: cache: expected 1",
    "[[tasks]]\nkind = 'atlas-cell'\ninstances = [[1, 2, 2]]": "expected l <= k < n*l <= 64, got '(l=1, n=2, k=2)'",
    "[[tasks]]\nkind = 'atlas-cell'\ninstances = [[1, 2, 1]]\npages = 3": "pages: expected either instances or pages",
    "time_limit = 0\n[[tasks]]\nkind = 'replay'": "time_limit: expected a number above 0, got 0",
    "memory = '3 apples'\n[[tasks]]\nkind = 'replay'": "memory: expected bytes, as \"8GB\", got '3 apples'",
    "[[tasks]]\nkind = 'replay'\ntraces = ['no']\ncaches = [1]": "tasks 1: traces: 'no': no such file",
    "[[tasks]]\nkind = 'search'\npages = 4\nunits = -1": "units: expected an integer from 1 to 1000000000, got -1",
}


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_bad_campaign_files(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    said = complaint(capsys, "campaign", "run", tmp_path / "bad.toml", "-o", tmp_path / "s.db")
    assert f"{tmp_path / 'bad.toml'}: " in said
    assert BAD[text] in said
    assert [path.name for path in tmp_path.iterdir()] == ["bad.toml"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "none.toml"], "none.toml: no such file, expected a campaign file"),
        (["run", "."], ".: expected a campaign file (TOML) in a regular file, this is a folder"),
        (["run", "replay"], "replay: expected --trace TRACE (one or more) and -k SLOTS"),
        (["run", "atlas", "-k", 3], "-k: is not for atlas, which takes --pages"),
        (["run", "atlas", "--seed", 3], "--seed: is not for atlas"),
        (["run", "a.toml", "--pages", 3], "--pages: is for atlas, verify, replay"),
        (["run", "atlas", "-o", "no/such.db"], "no/such.db: the folder no does not exist"),
        (["run", "atlas", "--memory", "much"], "--memory: expected bytes"),
        (["run", "atlas", "--time-limit", 0], "--time-limit: expected a number above 0"),
        (["run", "atlas", "--pages", 2, "--dask", "tcp://127.0.0.1:1", "-o", "s.db"], "no Dask scheduler at"),
        (["resume", "none.db"], "none.db: no such store"),
        (["status", "none.db"], "none.db: no such store"),
        (["export", "none.db", "-o", "a.csv"], "none.db: no such store"),
        (["diff", "none.db", "none.db"], "none.db: no such store"),
        (["verify", "none.db"], "none.db: no such store"),
        (["recover", "none.db", "new.db"], "none.db: no such store"),
        (["status"], "Missing argument"),
    ],
)
def test_bad_arguments(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[object],
    said: str,
) -> None:
    from layered_paging.campaign import dask

    monkeypatch.setattr(dask, "CONNECT", 0.5)
    monkeypatch.chdir(tmp_path)
    assert said in complaint(capsys, "campaign", *words)


def test_a_running_campaign_refuses_a_second_coordinator(
    capsys: pytest.CaptureFixture[str], made: Path
) -> None:
    with open_store(made):
        said = complaint(capsys, "campaign", "resume", made)
    assert "s.db: in use by the coordinator with pid " in said


def test_without_distributed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = complaint(capsys, "campaign", "run", "atlas", "--dask", "local", "-o", tmp_path / "s.db")
    assert "--dask: needs distributed: pip install 'layered-paging[dask]'" in said


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_are_campaigns(path: Path) -> None:
    assert len(read_plan(path, KINDS).tasks) > 1


def test_there_are_examples_of_every_kind() -> None:
    kinds = {task.kind for path in EXAMPLES for task in read_plan(path, KINDS).tasks}
    assert kinds == set(KINDS)


def test_no_heavy_imports_for_help() -> None:
    code = (
        "import sys; from layered_paging.__main__ import main; main(['campaign', '--help']); "
        "print([m for m in ('numpy', 'numba', 'polars', 'distributed', 'sqlite3') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


TOML = st.recursive(
    st.integers()
    | st.floats()
    | st.booleans()
    | st.text(max_size=8)
    | st.sampled_from(["lru", "a.trace", 2, 3]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = (
    "kind",
    "pages",
    "instances",
    "columns",
    "certificates",
    "traces",
    "caches",
    "policies",
    "phase",
    "seeds",
    "units",
)


@settings(max_examples=300, deadline=None)
@given(
    sections=st.lists(
        st.dictionaries(st.sampled_from(KEYS), TOML, max_size=5).flatmap(
            lambda values: st.sampled_from([*KINDS]).map(lambda kind: {"kind": kind, **values})
        ),
        max_size=2,
    ),
    more=st.dictionaries(st.sampled_from(["time_limit", "memory", "x"]), TOML, max_size=2),
)
def test_any_values_in_a_campaign_file(sections: list[Any], more: dict[str, Any]) -> None:
    """A plan, or the project's own error; here without the way through TOML."""
    try:
        plan = make_plan({"tasks": sections, **more}, "f", ROOT, KINDS)
    except LayeredPagingError as error:
        assert str(error).startswith("f: ")  # noqa: PT017
        return
    json.dumps([task.parameters for task in plan.tasks])


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=200), at=st.integers(0, 90), cut=st.integers(0, 20))
def test_any_bytes_as_a_campaign_file(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, at: int, cut: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    text = SMALL.encode()
    for bad in (content, text[:at] + content[:6] + text[at + cut :]):
        path.write_bytes(bad)
        try:
            read_plan(path, KINDS)
        except LayeredPagingError as error:
            assert str(error).startswith(f"{path}: ")  # noqa: PT017
