"""The rules of the house: imports run downwards, names are not confused, the front door opens fast."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pytest

import layered_paging
from layered_paging.house import FLOORS
from paging.kernel_store import SOURCES

ROOT = Path(__file__).parents[1]
HEAVY = ("numba", "sympy", "ortools", "polars", "matplotlib", "networkx", "rich")


def run(*arguments: str, cwd: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter that finds the packages where this one does."""
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(map(str, (path, ROOT) if path else (ROOT,))))
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def imported(path: Path) -> set[str]:
    """Top-level names that a file imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            names.add(node.module.split(".")[0])
    return names


def uphill(name: str, names: set[str]) -> set[str]:
    floors = (*FLOORS, "layered_paging", "tests")
    return names & set(floors[floors.index(name) + 1 :])


@pytest.mark.parametrize("floor", [*FLOORS, "layered_paging"])
def test_imports_run_downwards(floor: str) -> None:
    for path in (ROOT / floor).rglob("*.py"):
        assert not uphill(floor, imported(path)), path


def test_an_import_upwards_would_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "bad.py"
    path.write_text("def f():\n    from bounds.checker import verify\n")
    assert uphill("paging", imported(path)) == {"bounds"}


def modules(root: Path, floor: str) -> dict[str, Path]:
    """The modules of a floor by their full names."""
    names = {
        ".".join(path.relative_to(root).with_suffix("").parts): path for path in (root / floor).rglob("*.py")
    }
    return {name.removesuffix(".__init__"): path for name, path in names.items()}


def arrows(root: Path, floor: str) -> nx.DiGraph[str]:
    """Who imports whom inside a floor, wherever in the file: a late import is an arrow like any other."""
    known = modules(root, floor)
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, path in known.items():
        for node in ast.walk(ast.parse(path.read_text())):
            targets: set[str] = set()
            if isinstance(node, ast.Import):
                targets = {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                inside = {f"{node.module}.{alias.name}" for alias in node.names} & set(known)
                targets = inside or {node.module}
            graph.add_edges_from((name, target) for target in targets & set(known))
    return graph


def circles(graph: nx.DiGraph[str]) -> list[set[str]]:
    """Modules that import each other, and those that import themselves."""
    alone = [{name} for name in nx.nodes_with_selfloops(graph)]
    return alone + [part for part in nx.strongly_connected_components(graph) if len(part) > 1]


@pytest.mark.parametrize("floor", [*FLOORS, "layered_paging"])
def test_no_circles_inside_floors(floor: str) -> None:
    graph = arrows(ROOT, floor)
    assert graph.number_of_edges() > 10  # the arrows are seen
    assert circles(graph) == []


@pytest.mark.parametrize(
    "last",
    [
        "import paging.a\n",
        "from paging.a import x\n",
        "def f():\n    from paging import a\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from paging.a import X\n",
    ],
)
def test_a_circle_would_be_seen(tmp_path: Path, last: str) -> None:
    folder = tmp_path / "paging"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "a.py").write_text("from paging.b import y\nx = 1\n")
    (folder / "b.py").write_text("from paging import c\n")
    (folder / "c.py").write_text("y = 1\n")
    assert circles(arrows(tmp_path, "paging")) == []
    (folder / "c.py").write_text(last)
    assert circles(arrows(tmp_path, "paging")) == [{"paging.a", "paging.b", "paging.c"}]


def test_the_optimum_knows_no_policies() -> None:
    graph = arrows(ROOT, "paging")
    wrong = {
        (a, b) for a, b in graph.edges if a.startswith("paging.offline") and b.startswith("paging.policies")
    }
    assert wrong == set()
    assert any(a.startswith("paging.offline") for a in graph)


def test_a_users_policy_is_found_without_the_kit() -> None:
    graph = arrows(ROOT, "layered_paging")
    assert graph.in_degree("layered_paging.policy_spec") > 5  # the arrows are seen
    assert not [name for name in graph.successors("layered_paging.policy_spec") if "testing" in name]


def test_files_stay_small() -> None:
    for floor in (*FLOORS, "layered_paging"):
        for path in (ROOT / floor).rglob("*.py"):
            # one file to trust, to be read as a whole, copied and run alone; each check has its own line
            most = 639 if path == ROOT / "proofs" / "verify.py" else 300
            assert len(path.read_text().splitlines()) <= most, path


def test_kernels_compile_nothing_else_of_ours() -> None:
    """Their store is named by a checksum of their folders. What they import besides runs in Python alone."""
    paths = [path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")]
    ours = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths}
    allowed = {"paging.compiling", "paging.stoppable"}  # the decorator, and the type of a flag
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in FLOORS:
                assert node.module in ours | allowed, path
            assert not isinstance(node, ast.Import) or not {
                alias.name.split(".")[0] for alias in node.names
            } & {*FLOORS}, path


def test_kernels_are_declared_in_one_way() -> None:
    users = {
        path
        for floor in (*FLOORS, "layered_paging")
        for path in (ROOT / floor).rglob("*.py")
        if "numba" in imported(path)
    }
    assert users == {ROOT / "paging" / "compiling.py"}


def test_every_package_is_installed() -> None:
    import tomllib

    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for floor in (*FLOORS, "layered_paging")
        for path in (ROOT / floor).rglob("__init__.py")
    }
    assert listed == found


def test_only_the_recorder_imports_torch() -> None:
    """Which nobody else needs, and ``make test`` has not."""
    recorder = ROOT / "layered_paging" / "recording"
    users = {
        path
        for floor in (*FLOORS, "layered_paging")
        for path in (ROOT / floor).rglob("*.py")
        if {"torch", "transformers"} & imported(path)
    }
    assert users == {recorder / "answering.py"}
    importers = {
        path
        for floor in (*FLOORS, "layered_paging")
        for path in (ROOT / floor).rglob("*.py")
        if "layered_paging.recording" in path.read_text() and recorder not in path.parents
    }
    assert importers == {ROOT / "layered_paging" / name for name in ("__init__.py", "cli/record.py")}


@pytest.mark.parametrize("name", FLOORS)
@pytest.mark.parametrize(
    "command", [("-m", "layered_paging", "--help"), ("-c", "import layered_paging as p; p.Instance")]
)
def test_a_foreign_module_gives_one_clear_error(tmp_path: Path, name: str, command: tuple[str, ...]) -> None:
    (tmp_path / f"{name}.py").write_text("Instance = 'not yours'\n")
    done = run(*command, cwd=tmp_path, path=tmp_path)
    assert done.returncode != 0
    assert done.stdout == ""
    last = done.stderr.strip().splitlines()[-1]
    assert f"the module {name!r} of" in last
    assert "rename it" in last
    if command[0] == "-m":
        assert len(done.stderr.strip().splitlines()) == 1


def test_a_users_folder_cannot_mix_in_later(tmp_path: Path) -> None:
    """MODULE:CLASS puts the user's folder on the path; a bounds.py there must not be taken for ours."""
    (tmp_path / "bounds.py").write_text("raise RuntimeError('mixed up')\n")
    (tmp_path / "mine.py").write_text(
        "from layered_paging import Policy\nclass P(Policy):\n    def victim(self, page, candidates): return min(candidates)\n"
    )
    code = (
        "import sys; from layered_paging.__main__ import main; "
        f"import os; os.chdir({str(tmp_path)!r}); "
        "sys.exit(main(['verify', '-l', '1', '-n', '2', '-k', '1', '--jobs', '1', "
        "'--theorem', 'lru-upper', '--policy', 'mine:P', '--policy', 'lru']))"
    )
    done = run("-P", "-c", code, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "holds" in done.stdout


def test_help_is_light_and_fast() -> None:
    code = (
        "import sys; from layered_paging.__main__ import main; main(['--help']); "
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    times = []
    for _ in range(3):
        before = os.times()
        done = run("-c", code, cwd=ROOT)
        after = os.times()  # processor time: what else runs on the machine is not the command's fault
        times.append(
            after.children_user - before.children_user + after.children_system - before.children_system
        )
        assert done.stdout.strip().endswith("[]"), done.stdout
    assert min(times) < 0.5


def test_public_names_exist() -> None:
    for name in layered_paging.PUBLIC:
        assert getattr(layered_paging, name) is not None
    assert set(layered_paging.PUBLIC) <= set(dir(layered_paging))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = layered_paging.nothing


def test_public_names_are_those_that_type_checkers_see() -> None:
    tree = ast.parse((ROOT / "layered_paging" / "__init__.py").read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == layered_paging.PUBLIC


def test_no_submodule_has_a_public_name() -> None:
    """Importing it would put it where the public function is looked for; ``import layered_paging.explain.x as x`` failed."""
    modules_of = {name for name in modules(ROOT, "layered_paging") if name.count(".") == 1}
    assert "layered_paging.text" in modules_of
    assert not modules_of & {f"layered_paging.{name}" for name in layered_paging.PUBLIC}


def test_every_module_of_the_front_door_can_be_imported_by_another_name() -> None:
    """With the public functions before, between and after."""
    light = sorted(
        name
        for name in modules(ROOT, "layered_paging")
        if name.split(".")[1:2] not in (["recording"], ["__main__"])
    )
    assert "layered_paging.text.explanation" in light
    lines = [
        "import layered_paging as p",
        "p.measure",
        *(f"import {name} as found; found.__name__" for name in light),
    ]
    code = "; ".join([*lines, "print(callable(p.measure) and callable(p.explain) and callable(p.certify))"])
    assert run("-c", code, cwd=ROOT).stdout == "True\n"
