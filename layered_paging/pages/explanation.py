"""An explanation as a page: the verdict, hit rates at every size, misses by layer and by token, the policies."""

from __future__ import annotations

from typing import Any

import numpy as np

from layered_paging.pages.chart import chart, every_size
from layered_paging.pages.document import document
from layered_paging.pages.escaping import escaped, visible
from layered_paging.pages.made import Made
from layered_paging.pages.policies import policies_table
from layered_paging.pages.table import Cell, table
from layered_paging.pages.times import Machine, hints, time_in_words
from layered_paging.text.explanation import LEFT_OUT, counted, facts, parts
from paging.explain.explanation import Explanation
from paging.explain.layers import QUANTILES
from paging.measure import best_rows

SCRIPTS = ("table.js", "chart.js", "layers.js", "timeline.js")


def explanation_page(found: Explanation, made: Made, machine: Machine | None = None) -> str:
    """One HTML file. ``machine``: what was explained, and how fast it is served, for times."""
    speed = machine and float(machine[1].bandwidth) / 1e9
    policy = escaped(found.policy)
    body = f"""<main>
<header><p class="kind">layered-paging explain · {escaped(made.trace)}</p>
<h1>{escaped(found.verdict)}</h1>
<p>{escaped(counted(found))}</p></header>
<section aria-labelledby="misses"><h2 id="misses">Misses of {policy}: {found.loss.misses:,}</h2>
{_parts(found)}
<ul>{"".join(f"<li>{escaped(line)}</li>" for line in facts(found, speed))}</ul></section>
<section aria-labelledby="curve"><h2 id="curve">Hit rate against cache size</h2>
<div id="chart"></div>{hints(machine, found.page_bytes, found.one_size)}</section>
<section aria-labelledby="by-layer"><h2 id="by-layer">Misses of {policy} by layer</h2>
<div id="layers"></div>
<details><summary>The same as a table</summary>
{_layers(found)}</details></section>
<section aria-labelledby="by-token"><h2 id="by-token">Misses of {policy} by token and layer</h2>
<div id="timeline"></div></section>
<section aria-labelledby="policies"><h2 id="policies">Policies with {found.cache} slots</h2>
{policies_table(best_rows(found.rows), "slots", found.policy)}</section>
{made.section()}
<footer><p>{escaped(" ".join(LEFT_OUT))}</p></footer>
</main>"""
    data = {
        "policy": visible(found.policy),
        "chart": chart(
            every_size(found.curve, found.cache),
            found.loss.requests,
            found.cache,
            found.page_bytes,
            (found.policy, found.loss.misses),
            time_in_words(machine, found.page_bytes, found.one_size),
        ),
        "layers": found.to_dict()["layers"],
        "timeline": _timeline(found),
    }
    return document(f"{found.policy} at k = {found.cache}: {made.trace}", body, data, SCRIPTS)


def _parts(found: Explanation) -> str:
    total = found.loss.requests
    rows = [
        [Cell(name), Cell(f"{misses:,}", misses), Cell(f"{misses / total:.1%}", misses)]
        for name, misses in (*parts(found.loss), ("all misses", found.loss.misses))
    ]
    return table("Misses by kind", ("kind", "misses", "of the requests"), rows)


def _layers(found: Explanation) -> str:
    quantiles = (f"reuse, {q:.0%} quantile (rounds)" for q in QUANTILES)
    columns = ("layer", "misses", "first use", "capacity", "policy", "experts", *quantiles)
    rows = []
    for layer in found.layers:
        part = layer.loss
        counts = (layer.layer, part.misses, part.compulsory, part.capacity, part.policy, layer.experts)
        reuse = (
            [Cell("-")] * len(QUANTILES)
            if layer.reuse is None
            else [Cell(f"{value:g}", value) for value in layer.reuse]
        )
        rows.append([*(Cell(f"{count:,}", count) for count in counts), *reuse])
    return table("Misses by layer", columns, rows)


def _timeline(found: Explanation) -> dict[str, Any]:
    line = found.timeline
    names = ("requests", "misses", "compulsory", "capacity", "policy")
    return {
        "tokens": line.tokens,
        "step": line.step,
        "layers": len(line.requests),
        **{name: np.ravel(getattr(line, name)).tolist() for name in names},
    }
