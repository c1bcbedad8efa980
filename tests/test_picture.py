"""The picture of the first page is what the code draws, and what it draws is true."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

from paging.offline.offset import OffsetFunction
from paging.replay import replay

DOCS = Path(__file__).parents[1] / "docs"


def drawn() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_round", DOCS / "draw_round.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_up_to_date() -> None:
    module = drawn()
    assert (DOCS / "round.svg").read_text() == module.picture()


def test_it_says_what_happens() -> None:
    """Against a replay and the definition of the sets: a cache costs nothing more than OPT if it has i pages of the first i."""
    module = drawn()
    words = [each.text or "" for each in ElementTree.fromstring(module.picture()).iter() if each.text]
    run = replay("lru", module.INSTANCE, module.BEFORE + module.ROUND)
    (last,) = run.table()[-1:]
    told = [word for word in words if ": hit" in word or ": miss" in word]
    assert [": hit" in word for word in told] == list(last.hits)
    assert sum("OPT +1" in word for word in told) == last.growth
    offset = OffsetFunction(module.INSTANCE)
    for page in module.BEFORE + module.ROUND:
        offset.request(page)
    assert last.sets == offset.sets()
    after = words[next(i for i, word in enumerate(words) if word.startswith("OPT’s")) :]
    assert [word for word in after if "." in word] == [
        f"{page // 4}.{page % 4}" for pages in offset.sets() for page in sorted(pages)
    ]
