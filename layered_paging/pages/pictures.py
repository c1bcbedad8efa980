"""The theorems' instances in pictures: what each adversary asks for, drawn from its own code, and what a policy does."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Set

import numpy as np

from adversaries.base import AdaptiveAdversary, Adversary, ObliviousAdversary
from adversaries.registry import ADVERSARIES
from bounds.theorems.ids import IDS
from layered_paging.pages.document import document
from layered_paging.pages.escaping import escaped
from layered_paging.pages.notes import navigation, note
from layered_paging.pages.watched import steps
from paging.model import Instance, Page
from paging.policies.registry import POLICIES
from proofs.atlas_cells import instances

MARKUP = re.compile(r"(\*|``)(\w[^*`]*)\1")
"""Emphasis and code in a docstring."""

LONGEST = 36
"""Requests in a picture, at most."""

ATTACKED: Mapping[str, str] = {"fifo-lower": "fifo", "llru-lower": "llru", "fixed-partition": "lru-dist"}
"""Whom an adversary is shown against, if not LRU: the policy that its theorem is about."""


def shown_at(make: type[Adversary]) -> Instance:
    """The first instance that the construction takes, if possible one of several layers, 6 pages and more slots than layers."""
    there = [instance for instance in instances(8) if make.precondition.holds(instance)]
    layered = [one for one in there if one.layers > 1]
    roomy = [one for one in layered if one.pages >= 6 and one.cache > one.layers]
    return (roomy or layered or there)[0]


def pictures_page() -> str:
    """One HTML file."""
    body = f"""<main>
<header>{navigation("pictures.html")}
<h1>The adversaries in pictures</h1>
<p>Time runs to the right, a column for each request; a row for each page, layer.expert. ● is a miss, ○ a hit, ▪ a page that
is cached. The last row marks where the cost of OPT grows. Each is drawn from the code of the adversary,
at a small instance.</p></header>
{"".join(_section(name, make) for name, make in ADVERSARIES.items())}
</main>"""
    return document("The adversaries in pictures", body, None, ())


def _section(name: str, make: type[AdaptiveAdversary] | type[ObliviousAdversary]) -> str:
    instance, policy = shown_at(make), ATTACKED.get(name, "lru")
    count, asked = _requests(make(instance))
    title = f"{name} against {policy} at {instance}"
    about = MARKUP.sub(r"\2", " ".join((inspect.getdoc(make) or "").partition("\n\n")[0].split()))
    link = f' <a href="{note(name)}">Statement and proof.</a>' if name in IDS else ""
    found = steps(POLICIES[policy], instance, count, asked)
    rows = []
    for page in range(instance.pages):
        cells = "".join(_cell(page, step[0], step[1], step[4]) for step in found)
        edge = ' class="edge"' if page % instance.experts == 0 else ""
        rows.append(
            f'<tr{edge}><th scope="row">{page // instance.experts}.{page % instance.experts}</th>{cells}</tr>'
        )
    growths = "".join(f"<td>{'+1' if step[2] else ''}</td>" for step in found)
    heads = "".join(f'<th scope="col">{time}</th>' for time in range(len(found)))
    return f"""<section aria-labelledby="{name}"><h2 id="{name}">{escaped(title)}</h2>
<p>{escaped(about)}{link} {len(found)} requests: {found[-1][6]} misses, OPT {found[-1][7]}.</p>
<div class="scrolls" role="region" tabindex="0" aria-label="{escaped(title)}"><table class="strip">
<thead><tr><td></td>{heads}</tr></thead><tbody>{"".join(rows)}
<tr class="edge"><th scope="row">OPT</th>{growths}</tr></tbody></table></div></section>
"""


def _cell(page: Page, asked: Page, miss: int, cached: list[Page]) -> str:
    if page == asked:
        return '<td class="miss">●</td>' if miss else '<td class="hit">○</td>'
    return '<td class="held">▪</td>' if page in cached else "<td></td>"


def _requests(
    adversary: AdaptiveAdversary | ObliviousAdversary,
) -> tuple[int, Callable[[int, Set[Page]], Page]]:
    """How many requests are drawn, in whole rounds, and what they are: k + l and one period, where that is short enough."""
    layers, slots = adversary.instance.layers, adversary.instance.cache
    count = LONGEST
    if isinstance(adversary, ObliviousAdversary):
        if adversary.period is not None:
            count = min(LONGEST, slots + layers + adversary.period)
        count = -(-count // layers) * layers
        sequence = adversary.sequence(count // layers, np.random.default_rng(0))
        return count, lambda step, _: int(sequence[step])
    return count // layers * layers, lambda _, cache: adversary.next_page(cache)
