"""The page that begins with a recording, with torch."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents import RECORD, ROOT, faults

pytest.importorskip("torch", reason="make test-record installs torch")
pytestmark = pytest.mark.filterwarnings("default")


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "howto" / "record.md").read_text()
    assert page.count(RECORD) == 2
    monkeypatch.chdir(tmp_path)
    assert faults(page, tmp_path) == []
