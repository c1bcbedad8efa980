"""An explanation as a page: the verdict, hit rates at every size, misses by layer and by token, the policies."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from layered_paging.pages.chart import chart, every_size
from layered_paging.pages.document import document
from layered_paging.pages.escaping import escaped, visible
from layered_paging.pages.made import Made
from layered_paging.pages.policies import policies_table
from layered_paging.pages.table import Cell, table
from layered_paging.text.explanation import LEFT_OUT, counted, facts, parts
from paging.explain.explanation import Explanation
from paging.explain.layers import QUANTILES
from paging.measure import best_rows
from paging.model import Requests
from paging.timing.by_misses import time_by_misses
from paging.timing.model import Timing

SCRIPTS = ("table.js", "chart.js", "layers.js", "timeline.js")
MEAN = '<p class="hint">GiB and times: experts of the mean size of all layers.</p>'


def explanation_page(found: Explanation, made: Made, machine: tuple[Requests, Timing] | None = None) -> str:
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
<div id="chart"></div>{"" if found.page_bytes is None or found.one_size else MEAN}{_said(found, machine)}</section>
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
            _time(found, machine),
        ),
        "layers": found.to_dict()["layers"],
        "timeline": _timeline(found),
    }
    return document(f"{found.policy} at k = {found.cache}: {made.trace}", body, data, SCRIPTS)


def _time(found: Explanation, machine: tuple[Requests, Timing] | None) -> Callable[[int], str] | None:
    """What a token takes with so many misses in all, as headroom has it, where sizes and the machine are known."""
    if found.page_bytes is None or machine is None:
        return None
    about = "" if found.one_size else "about "
    seconds = time_by_misses(machine[0], Fraction(found.page_bytes), machine[1])
    return lambda misses: f"{about}{float(seconds(misses) * 1000):,.2f} ms per token"


def _said(found: Explanation, machine: tuple[Requests, Timing] | None) -> str:
    if found.page_bytes is None or machine is None:
        return ""
    timing = machine[1]
    return (
        f'<p class="hint">Times, as headroom has them: loading at {float(timing.bandwidth) / 1e9:g} GB/s, '
        f"{float(timing.latency) * 1e6:g} µs more for each load, {float(timing.compute) * 1e6:g} µs to compute a layer; "
        "nothing is loaded while something is computed.</p>"
    )


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
