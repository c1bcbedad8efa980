"""A page as a browser would take it apart, for tests without one."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any


class Read(HTMLParser):
    """The elements of a page, its tables row by row, its scripts, styles and headings."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.inside: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Only elements without content need no end."""
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "img", "br", "input"):
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag in ("script", "style", "title", "h1", "code"):
            self.inside.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        """Everything is closed in order."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text goes to the cell it is in, and to the innermost element."""
        if "td" in self._open or "th" in self._open:
            self.rows[-1][-1] += data
        if self._open and self._open[-1] in self.inside:
            self.inside[self._open[-1]][-1] += data

    @property
    def data(self) -> Any:
        """What is embedded for the scripts."""
        return json.loads(self.inside["script"][0])

    def links(self) -> list[str]:
        """Where the page leads, in its text and in its data."""
        found = [attributes["href"] for tag, attributes in self.elements if tag == "a"]
        return [link for link in found if link is not None] + re.findall(
            r'"href":"([^"]*)"', self.inside["script"][0]
        )


def needs_nothing_else(page: Read) -> None:
    """Loads nothing, runs nothing but its one script, and says so to the browser."""
    for tag, attributes in page.elements:
        assert not {"src", "srcset", "action", "data", "style", "poster"} & set(attributes), tag
        assert not any(name.startswith("on") for name in attributes)
        if tag == "link":
            assert attributes["href"] == "data:,"
    assert set(re.findall(r"https?://[^\s\"']*", page.page)) == {
        "http://www.w3.org/2000/svg"
    }  # a name, not a place
    assert "url(" not in page.inside["style"][0]
    assert "@import" not in page.page
    (policy,) = [a["content"] for t, a in page.elements if t == "meta" and "http-equiv" in a]
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert len(page.inside["script"]) == 2
    for kind, content in (("script", page.inside["script"][1]), ("style", page.inside["style"][0])):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
