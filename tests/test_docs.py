"""README and docs/: every example runs and prints what the page says; the site is built from pages without a dead link."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import layered_paging
import layered_paging.testing
from paging.traces.formats import write_trace
from paging.traces.synthetic import synthetic
from paging.traces.trace import Trace
from tests.documents import ROOT, blocks, faults

DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    *sorted(p for p in DOCS.rglob("*.md") if p.relative_to(DOCS).parts[0] != "proofs"),
]
RUN = [page for page in PAGES if blocks(page.read_text())]
WITH_SLOW = [page for page in RUN if any(block.slow for block in blocks(page.read_text()))]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a reader stands: in a checkout, with a TRACE (8 tokens of a prompt, 40 decoded) and a policy in my.py."""
    for folder in ("proofs", "examples"):
        if (ROOT / folder).exists():
            (tmp_path / folder).symlink_to(ROOT / folder)
    made = synthetic(16, 32, 48, width=4, zipf=1.0, stickiness=0.5, rng=np.random.default_rng(0))
    write_trace(Trace.from_array(made.routing, experts=32, decode=np.arange(48) >= 8), tmp_path / "TRACE")
    (tmp_path / "my.py").write_text(
        "from layered_paging import Policy\n\n\nclass MyPolicy(Policy):\n"
        "    def victim(self, page, candidates):\n        return min(candidates)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))  # as in an interactive session
    before = set(sys.modules)
    yield tmp_path
    for module in set(sys.modules) - before:
        if (getattr(sys.modules[module], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[module]


@pytest.mark.parametrize("page", RUN, ids=name)
def test_examples(page: Path, desk: Path) -> None:
    found = faults(page.read_text(), desk, slow=False)
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_SLOW, ids=name)
def test_slow_examples_too(page: Path, desk: Path) -> None:
    found = faults(page.read_text(), desk)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("```python\n>>> 1 + 1\n3\n```", "Expected"),
        ("```python\n>>> x = 2\n```\n\n```python\n>>> x\n3\n```", "Expected"),
        ("```python\nprint(1)\n```", "neither a session nor a file"),
        ("```python\n# a.py\nx = 1 / 0\n```\n\n```console\n$ python a.py\n```", "ZeroDivisionError"),
        ("```console\n$ echo no\nyes\n```", "expected\nyes\ngot\nno"),
        ("```console\n$ layered-paging ratio nobody -l 2 -n 2 -k 3\n```", "status 2"),
        ("```console\n$ false\n$ echo $?\n0\n```", "expected\n0\ngot\n1"),
        ("```console\n$ false\n```", "status 1"),
        ("```console\nlayered-paging verify\n```", "no command"),
        ("    make nonsense\n", "nonsense"),
        ("    layered-paging curve MISSING\n", "status 2"),
        ('    {"token": 17,\n', "Expecting"),
        ("```yaml\nx: 1\n```", "'yaml' is not run by anything"),
        ("```{code-block} python\n1 / 0\n```", "is not run by anything"),
    ],
)
def test_a_wrong_example_is_found(page: str, fault: str, desk: Path) -> None:
    found = faults(page, desk)
    assert len(found) == 1
    assert fault in found[0]


def test_right_examples_are_not_faults(desk: Path) -> None:
    page = (
        "```python\n>>> x = 2\n```\n\n```python\n# a.py\nprint(3)\n```\n\n"
        "```console\n$ python a.py\n3\n$ false\n$ echo $?\n1\n$ echo a b c\na ... c\n```\n\n"
        "```python\n>>> x\n2\n```\n\n<!-- slow -->\n\n```console\n$ false\n```\n"
    )
    assert faults(page, desk, slow=False) == []
    assert len(faults(page, desk)) == 1


def test_examples_stand_where_they_are_run() -> None:
    for page in DOCS.rglob("*.rst"):
        assert ">>>" not in page.read_text(), page
        assert "code-block" not in page.read_text(), page


@pytest.fixture(scope="module")
def site() -> Path:
    """A copy of the sources of the site, beside what they refer to."""
    pytest.importorskip("sphinx", reason="the extra [docs] is not installed")
    pytest.importorskip("myst_parser")
    return DOCS


def build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """As ``make docs`` does."""
    return subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-n", "-b", "html", source, target],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_every_public_name_is_in_the_reference(site: Path, tmp_path: Path) -> None:
    done = build(site, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    reference = "".join(page.read_text() for page in (tmp_path / "site" / "reference").glob("*.html"))
    for door in (layered_paging, layered_paging.testing):
        for one in door.PUBLIC:
            assert f'id="{door.__name__}.{one}"' in reference, one
    assert dead_links(tmp_path / "site" / "pages") == []


def dead_links(folder: Path) -> list[str]:
    """Links of the pages to look at, in their text and in their data, that lead to no file."""
    links = re.compile(r'"?\bhref"?[=:]"([^"#]+)')
    found = {(page, link) for page in folder.glob("*.html") for link in links.findall(page.read_text())}
    assert len(found) > 300
    return [
        f"{page.name}: {link}"
        for page, link in found
        if not link.startswith("data:") and not (folder / link).is_file()
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("# A page\n\n[dead](nowhere.md)\n", "nowhere.md"),
        ("# A page\n\n[dead](../proofs/notes/nothing.md)\n", "proofs/notes/nothing"),
        ("# A page\n\n{py:func}`layered_paging.optimal`\n", "layered_paging.optimal"),
        ("# A page\n\n### Too deep\n", "Non-consecutive header"),
    ],
)
def test_a_dead_link_fails_the_build(site: Path, tmp_path: Path, page: str, fault: str) -> None:
    source = tmp_path / "docs"
    source.mkdir()
    shutil.copytree(site / "from_code", source / "from_code")
    shutil.copytree(site / "static", source / "static")
    shutil.copy(site / "conf.py", source)
    (source / "index.md").write_text("# A site\n")
    assert build(source, tmp_path / "good").returncode == 0
    (source / "index.md").write_text(page)
    done = build(source, tmp_path / "bad")
    assert done.returncode != 0
    assert fault in done.stderr
