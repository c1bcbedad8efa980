"""Whether a printed page has all that the page says."""

from __future__ import annotations

import base64
import io
import unicodedata

import pytest

from tests.layered_paging.pages.browser import Page

SHEET = 717  # 210 mm less 1 cm on both sides, 96 pixels per inch

SAID = """
dispatchEvent(new Event("beforeprint"));
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const found = [], rows = new Map();
while (walk.nextNode()) {
  const parent = walk.currentNode.parentElement;
  const row = parent.closest("tr");
  const head = parent.closest("thead button");
  if (!head && parent.closest("script, style, [hidden], .unseen, button, select, option, label, .keys")) continue;
  if (parent.closest("li")?.querySelector("input:not(:checked)")) continue; // a line that is not drawn
  if (!parent.closest("svg, details") && !parent.checkVisibility()) continue;
  if (row) rows.set(row, (rows.get(row) ?? "") + walk.currentNode.textContent);
  else found.push(walk.currentNode.textContent);
}
found.push(...rows.values()); // a cell alone is too short to be missed
dispatchEvent(new Event("afterprint"));
return found;
"""


def lost_in_print(page: Page) -> list[str]:
    """The texts of the page, as the screen has them, that are not on the paper: what the browser cuts off is not in its PDF.
    Controls are left out, and spaces, since lines are broken anew."""
    pypdf = pytest.importorskip("pypdf")
    said = [_plain(text) for text in page.run(SAID)]
    printed = page.driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    sheets = pypdf.PdfReader(io.BytesIO(base64.b64decode(printed["data"]))).pages
    paper = "".join(_plain(sheet.extract_text()) for sheet in sheets)
    assert len("".join(said)) > 200
    return [text for text in said if text not in paper]


def past_the_edge(page: Page) -> int:
    """By how many pixels the page is wider than a sheet of A4 between its margins: letters cut in two are in the PDF."""
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    page.size(SHEET)
    page.run("dispatchEvent(new Event('beforeprint'))")
    try:
        return page.overflow()
    finally:
        page.run("dispatchEvent(new Event('afterprint'))")
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def _plain(text: str) -> str:
    """Without spaces and ligatures."""
    return "".join(unicodedata.normalize("NFKC", text).split())
