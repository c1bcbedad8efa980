"""The store of compiled kernels: a change of one that another file compiles into its own is seen, and little is left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from numba.core.dispatcher import Dispatcher

from paging import kernel_store
from paging.kernel_store import KEPT, NAME, ROOT, SOURCES, checksum, store

RULE = """
from paging.compiling import kernel

@kernel
def rule(x: int) -> int:
    return x + {}
"""
USER = """
from paging.compiling import kernel
from paging.kernels.rule import rule

@kernel
def use(x: int) -> int:
    return rule(x)
"""
MEMOS = (
    kernel_store.store,
    kernel_store.checksum,
    kernel_store._first_stamps,
    kernel_store._folder,
)


def forget() -> None:
    for memo in MEMOS:
        memo.cache_clear()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout with two kernels."""
    folder = tmp_path / "checkout"
    (folder / "paging" / "kernels").mkdir(parents=True)
    (folder / "paging" / "kernels" / "rule.py").write_text(RULE.format(1))
    (folder / "paging" / "kernels" / "use.py").write_text(USER)
    monkeypatch.setattr(kernel_store, "ROOT", folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    forget()
    yield folder
    forget()


def place(root: Path, name: str = "use.py", chosen: str = "") -> Path | None:
    return store(str(root / "paging" / "kernels" / name), chosen)


def test_a_rule_that_another_kernel_inlines(tmp_path: Path) -> None:
    """In a copy of the package: after an edit the new rule is used, with the old kernels on disk; nothing is compiled twice."""
    shutil.copytree(ROOT / "paging", tmp_path / "paging", ignore=shutil.ignore_patterns("__pycache__"))
    kernels = tmp_path / "paging" / "kernels"
    (kernels / "use.py").write_text(USER)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); sys.dont_write_bytecode = True; "
        "from paging.kernels.use import use; print(use(1), sum(use.stats.cache_hits.values()))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}

    def used(addend: int) -> str:
        (kernels / "rule.py").write_text(RULE.format(addend))
        return subprocess.run(
            [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, env=environment
        ).stdout

    assert used(1) == "2 0\n"
    assert used(2) == "3 0\n"
    assert used(1) == "2 1\n"  # and back
    assert len(list((tmp_path / "paging" / "__pycache__").glob(NAME + "*"))) == 2


def test_every_kernel_is_kept_there() -> None:
    found = 0
    for path in (path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")):
        module = import_module(
            ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        )
        for each in vars(module).values():
            if isinstance(each, Dispatcher):
                assert NAME + checksum() in str(each.stats.cache_path)
                found += 1
    assert found > 100


def test_a_change_of_any_source_changes_the_folder(root: Path) -> None:
    first = place(root)
    assert first is not None
    assert first == place(root, "rule.py")
    assert first.parent == root / "paging" / "__pycache__"
    seen = {first}
    for change in (
        lambda: (root / "paging/kernels/rule.py").write_text(RULE.format(2)),
        lambda: (root / "paging/kernels/rule.py").rename(root / "paging/kernels/other.py"),
        lambda: (root / "paging/kernels/new.py").write_text(""),
    ):
        change()
        forget()
        after = place(root)
        assert after is not None
        assert after not in seen
        seen.add(after)


def test_a_mixture_is_not_kept(root: Path) -> None:
    """Sources change while a process has read one of them, and not yet the other."""
    assert place(root, "rule.py") is not None
    (root / "paging/kernels/rule.py").write_text(RULE.format(22))
    assert place(root, "use.py") is None


def test_a_kernel_elsewhere_is_not_kept(root: Path) -> None:
    """The checksum does not know its file."""
    elsewhere = root / "paging" / "fast.py"
    elsewhere.write_text(USER)
    assert store(str(elsewhere), "") is None


def test_the_place(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the package, unless the user has chosen; where that cannot be written to, the user's own; else nowhere."""
    name = NAME + checksum()
    assert place(root, chosen=str(tmp_path / "mine")) == tmp_path / "mine" / name
    (root / "paging" / "__pycache__").write_text("not a folder")
    assert place(root) == tmp_path / "home" / name
    forget()
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "house"))
    assert place(root) == tmp_path / "house" / ".cache" / name
    forget()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert place(root) is None


def test_old_states_are_removed(root: Path) -> None:
    """The newest are left, and what is not ours."""
    cache = root / "paging" / "__pycache__"
    (cache / "others").mkdir(parents=True)
    for age in range(7):
        folder = cache / f"{NAME}{age}"
        folder.mkdir()
        (folder / "kernel.nbi").write_text("")
        os.utime(folder, (1_000_000 - age, 1_000_000 - age))
    made = place(root)
    assert made is not None
    left = {path.name for path in cache.iterdir()}
    assert left == {"others", made.name, *(f"{NAME}{age}" for age in range(KEPT - 1))}
