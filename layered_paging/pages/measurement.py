"""A measurement as a page: hit rates of the policies against the sizes of the cache, and the table of all of them."""

from __future__ import annotations

from layered_paging.pages.chart import chart, measured_sizes
from layered_paging.pages.document import document
from layered_paging.pages.escaping import escaped
from layered_paging.pages.made import Made
from layered_paging.pages.policies import policies_table
from layered_paging.pages.times import Machine, hints, time_in_words
from paging.measure import BEST, Measurement, best_rows
from paging.traces.trace import Trace

SCRIPTS = ("table.js", "chart.js")


def measurement_page(
    found: Measurement, made: Made, heading: str, trace: Trace, machine: Machine | None = None
) -> str:
    """One HTML file. ``heading``: what was measured, in a sentence. ``machine``: what was measured, and how fast it is served,
    for times."""
    page_bytes, one_size = trace.mean_page_bytes(), trace.one_size()
    lines = measured_sizes(found, BEST)
    body = f"""<main>
<header><p class="kind">layered-paging measure · {escaped(made.trace)}</p>
<h1>Misses of the policies, and of OPT</h1>
<p>{escaped(heading)}</p></header>
<section aria-labelledby="curve"><h2 id="curve">Hit rate against cache size</h2>
<div id="chart"></div>{hints(machine, page_bytes, one_size, found.unit)}</section>
<section aria-labelledby="policies"><h2 id="policies">Policies</h2>
{policies_table(best_rows(found.rows), found.unit)}</section>
{made.section()}
</main>"""
    time = time_in_words(machine, page_bytes, one_size)
    data = {"chart": chart(lines, found.requests, lines.sizes[0], page_bytes, time=time)}
    return document(f"policies: {made.trace}", body, data, SCRIPTS)
