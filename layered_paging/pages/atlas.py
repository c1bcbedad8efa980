"""The atlas as a page: for each instance what is known of the best ratios, why, and the ratios of the policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import proofs
from bounds.theorems.ids import IDS
from bounds.values import Enclosure, Known
from layered_paging.atlas import certificate_path
from layered_paging.pages.document import document
from layered_paging.pages.escaping import escaped
from layered_paging.pages.notes import CERTIFICATES, MOST_PLAYED, address, navigation, note
from layered_paging.pages.table import Cell, table
from paging.exact import brief, readable
from paging.model import Instance
from proofs.atlas_cells import COLUMNS, instances
from proofs.atlas_table import value
from proofs.known import ATLAS, cells, known

MOST_PAGES = 24
"""Beyond the atlas the theorems speak alone."""

BEST = {"deterministic": "best deterministic policy", "randomized": "best randomized policy"}
KINDS = {
    "theorem": ("●", "exact, by theorem"),
    "computation": ("◆", "exact, by computation"),
    "interval": ("○", "an interval"),
}
"""How well a best ratio is known: the mark beside it, and words."""


def kind(found: Enclosure) -> str:
    """One of KINDS."""
    if found.value is None:
        return "interval"
    return "computation" if ATLAS in (found.lower_by, found.upper_by) else "theorem"


def atlas_page(most_pages: int = MOST_PAGES) -> str:
    """One HTML file; links lead to the notes of the theorems and to the certificates beside it."""
    found = [known(instance) for instance in instances(most_pages)]
    experts = sorted({one.instance.experts for one in found})
    tabs = "".join(
        f'<button type="button" role="tab" id="tab-{n}" aria-controls="map-{n}" data-experts="{n}">{n}</button>'
        for n in experts
    )
    marks = "".join(
        f'<li><span class="known {name}">{mark}</span> {words}</li>' for name, (mark, words) in KINDS.items()
    )
    choices = "".join(f'<option value="{name}">{words}</option>' for name, words in BEST.items())
    kinds = "".join(f'<option value="{name}">{words}</option>' for name, (_, words) in KINDS.items())
    body = f"""<main id="atlas" data-best="deterministic">
<header>{navigation("atlas.html")}
<h1>Atlas of competitive ratios</h1>
<p>What is known for l layers of n experts and k slots, l ≤ k &lt; n·l. Every cell has an address, as
#2-3-4 for l = 2, n = 3, k = 4. Values up to n·l = 12 are computed and certified; beyond, the theorems speak alone.</p></header>
<section aria-labelledby="map"><h2 id="map">Map</h2>
<div class="controls"><label>ratio of the <select id="best">{choices}</select></label></div>
<div class="controls" role="tablist" aria-label="experts in each layer, n">
<span aria-hidden="true" class="keys">n =</span>{tabs}</div>
<ul class="marks">{marks}</ul>
{"".join(_map(n, [one for one in found if one.instance.experts == n]) for n in experts)}
</section>
<section id="cell" tabindex="-1" aria-live="polite" aria-labelledby="cell-title"><h2 id="cell-title">Cell</h2>
<div id="cell-body"><p>Choose a cell of the map, or of the list.</p></div></section>
<section class="wide" aria-labelledby="list"><h2 id="list">List</h2>
<div class="controls"><label>known <select id="kind"><option value="">in any way</option>{kinds}</select></label>
<label>l <input id="layers" type="number" min="1" max="{most_pages}"></label>
<label>n <input id="experts" type="number" min="1" max="{most_pages}"></label>
<label>k <input id="slots" type="number" min="1" max="{most_pages}"></label>
<output id="count"></output></div>
{_list(found)}</section>
</main>"""
    data = {
        "kinds": {name: words for name, (_, words) in KINDS.items()},
        "cells": {address(one.instance): _cell(one) for one in found},
    }
    return document("Atlas of competitive ratios", body, data, ("table.js", "atlas.js"))


def _sides(found: Enclosure, text: Any = brief) -> str:
    return text(found.lower) if found.value is not None else f"{text(found.lower)} to {text(found.upper)}"


def _short(value_: Any) -> str:
    """For a cell of the map."""
    text = str(value_)
    return text if len(text) <= 5 else f"{float(value_):.3f}"


def _map(experts: int, found: Sequence[Known]) -> str:
    """k against l for one n, as a table of links."""
    by = {(one.instance.layers, one.instance.cache): one for one in found}
    layers = sorted({layers for layers, _ in by})
    rows = []
    for cache in sorted({cache for _, cache in by}, reverse=True):
        tds = "".join(f"<td>{_link(by[l_, cache]) if (l_, cache) in by else ''}</td>" for l_ in layers)
        rows.append(f'<tr><th scope="row">k = {cache}</th>{tds}</tr>')
    heads = "".join(f'<th scope="col">l = {l_}</th>' for l_ in layers)
    ratios = "".join(f'<span class="{name}">{words}</span>' for name, words in BEST.items())
    caption = f"n = {experts}: k upwards, l to the right; ratio of the {ratios}"
    return (
        f'<div class="scrolls" role="tabpanel" tabindex="0" id="map-{experts}" aria-labelledby="tab-{experts}">'
        f'<table class="map"><caption>{caption}</caption>'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _link(one: Known) -> str:
    at = one.instance
    spans = []
    for name in BEST:
        found: Enclosure = getattr(one, name)
        mark, words = KINDS[kind(found)]
        text = escaped(_sides(found, _short))
        spans.append(
            f'<span class="{name} known {kind(found)}">{text} <span aria-hidden="true">{mark}</span>'
            f'<span class="unseen">, {words}</span></span>'
        )
    return f'<a id="{address(at)}" href="#{address(at)}">{"".join(spans)}</a>'


def _list(found: Sequence[Known]) -> str:
    columns = ("l, n, k", "l", "n", "k", *BEST.values(), *(name for name in COLUMNS if name not in BEST))
    rows = []
    for one in found:
        at = one.instance
        there = cells(at)
        best = [Cell(_sides(getattr(one, name)), float(getattr(one, name).lower)) for name in BEST]
        others = [_ratio(there.get(name)) for name in COLUMNS if name not in BEST]
        numbers = [Cell(str(number), number) for number in (at.layers, at.experts, at.cache)]
        rows.append([Cell(address(at), link=f"#{address(at)}"), *numbers, *best, *others])
    return table("All instances", columns, rows)


def _ratio(cell: Mapping[str, Any] | None) -> Cell:
    if cell is None or cell["upper"] is None:
        return Cell("", -1)
    return Cell(readable(value(cell["upper"])), float(value(cell["upper"])))


def _cell(one: Known) -> dict[str, Any]:
    """What is said of one instance, as text."""
    there = cells(one.instance)
    return {
        "instance": str(one.instance),
        "play": f"play.html#{address(one.instance)}/watch/lru" if one.instance.pages <= MOST_PLAYED else None,
        "best": [
            {
                "name": words,
                "kind": kind(getattr(one, name)),
                "sides": [
                    {
                        "side": side,
                        "value": readable(getattr(found, side)),
                        **_source(getattr(found, f"{side}_by")),
                    }
                    for found in (getattr(one, name),)
                    for side in ("lower", "upper")
                ],
            }
            for name, words in BEST.items()
        ],
        "policies": [
            {
                "name": name,
                "lower": None if cell["lower"] is None else readable(value(cell["lower"])),
                "upper": None if cell["upper"] is None else readable(value(cell["upper"])),
                "states": cell["states"],
                "certificates": [
                    {"side": side, "href": _kept(one.instance, name, side), "sha256": digest}
                    for side, digest in cell["certificates"].items()
                ],
            }
            for name, cell in there.items()
        ],
    }


def _source(by: str) -> dict[str, str | None]:
    return {"by": by, "href": note(by) if by in IDS else None}


def _kept(instance: Instance, column: str, side: str) -> str | None:
    """The address of a certificate; those of larger instances are not kept, only their checksums."""
    path = certificate_path(Path(proofs.__file__).parent, instance, column, side)
    return f"{CERTIFICATES}/{path.name}" if path.is_file() else None
