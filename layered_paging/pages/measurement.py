"""A measurement as a page: hit rates of the policies against the sizes of the cache, and the table of all of them."""

from __future__ import annotations

from layered_paging.pages.chart import chart, measured_sizes
from layered_paging.pages.document import document
from layered_paging.pages.escaping import escaped
from layered_paging.pages.made import Made
from layered_paging.pages.policies import policies_table
from paging.measure import BEST, Measurement, best_rows

SCRIPTS = ("table.js", "chart.js")


def measurement_page(found: Measurement, made: Made, heading: str, page_bytes: float | None = None) -> str:
    """One HTML file. ``heading``: what was measured, in a sentence. ``page_bytes``: size of a page, where known."""
    lines = measured_sizes(found, BEST)
    body = f"""<main>
<header><p class="kind">layered-paging measure · {escaped(made.trace)}</p>
<h1>Misses of the policies, and of OPT</h1>
<p>{escaped(heading)}</p></header>
<section aria-labelledby="curve"><h2 id="curve">Hit rate against cache size</h2>
<div id="chart"></div></section>
<section aria-labelledby="policies"><h2 id="policies">Policies</h2>
{policies_table(best_rows(found.rows), found.unit)}</section>
{made.section()}
</main>"""
    data = {"chart": chart(lines, found.requests, lines.sizes[0], page_bytes)}
    return document(f"policies: {made.trace}", body, data, SCRIPTS)
