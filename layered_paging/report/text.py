"""The card as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from layered_paging.apart.judge import PROCESSES
from layered_paging.report.card import Card
from layered_paging.report.conduct import Property
from layered_paging.report.ratios import BESIDE, Ratio
from layered_paging.testing.finding import Finding
from paging.exact import Value, exact, readable
from paging.measure import OPT
from paging.tables import aligned, run_table

MOST_PAGES = 30
"""Page numbers shown in one line."""

SHOWN = 12
"""Rounds of the worst sequence that are shown, from its end."""


def lines(card: Card) -> Iterator[str]:
    """Heading, findings, properties, ratios, the worst sequence, traces."""
    found = card.conduct
    names = ", ".join(one.name for one in found.findings) or "nothing"
    yield f"{card.policy}: {'legal' if found.legal else 'NOT LEGAL'}; found: {names}"
    if card.processes < PROCESSES:
        yield f"(the same games were played in {card.processes} of {PROCESSES} processes: see --seconds)"
    for finding in found.findings:
        yield ""
        yield finding.text()
    yield ""
    yield from aligned(
        ["property", "declared", "verdict"],
        [[one.name, _declared(one), _verdict(one)] for one in found.properties],
    )
    yield ""
    yield "competitive ratios (= exact, > a proven lower bound, ~ of a finite run):"
    if all(one.worst is None for one in card.ratios):
        yield f"none known: {', '.join(sorted({str(one.why) for one in card.ratios}))}"
    yield from (
        ()
        if all(one.worst is None for one in card.ratios)
        else aligned(
            ["l", "n", "k", "policy", *BESIDE, "optimum"],
            [
                [
                    *map(str, (one.instance.layers, one.instance.experts, one.instance.cache)),
                    _ratio(one),
                    *(_known(one.beside.get(other)) for other in BESIDE),
                    _known(one.optimum),
                ]
                for one in card.ratios
            ],
            numeric=(0, 1, 2),
        )
    )
    yield ""
    yield from _worst(card)
    yield ""
    yield "hit rates:"
    yield from aligned(
        ["trace", "cache", "policy", "requests", *BESIDE, OPT],
        [
            [
                one.trace,
                str(one.cache),
                str(one.why) if one.hit_rate is None else f"{one.hit_rate:.1%}",
                str(one.requests),
                *(f"{one.beside[other]:.1%}" if one.beside else "?" for other in (*BESIDE, OPT)),
            ]
            for one in card.behaviours
        ],
        numeric=(1, 2, 3, 4, 5, 6, 7),
    )


def _declared(one: Property) -> str:
    return "" if one.declared is None else "yes" if one.declared else "no"


def _verdict(one: Property) -> str:
    if one.skipped:
        return f"not judged: {one.skipped}"
    if one.counterexample is None:
        return f"no counterexample in {one.games} games"
    return ("REFUTED, although declared: " if one.broken else "refuted: ") + _shown(one.counterexample)


def _shown(found: Finding) -> str:
    return f"{found.says}; {found.instance}, requests {' '.join(map(str, found.requests))}"


def _ratio(one: Ratio) -> str:
    if one.worst is None:
        return f"? ({one.why})"
    return ("= " if one.worst.exact else "> " if one.worst.proven else "~ ") + exact(one.worst.ratio)


def _known(value: Value | None) -> str:
    return "?" if value is None else exact(value)


def _pages(pages: Sequence[int]) -> str:
    """The page numbers; of many, the first ones (the file of -o has them all)."""
    if len(pages) <= MOST_PAGES:
        return str(list(pages))
    shown = ", ".join(map(str, pages[:MOST_PAGES]))
    return f"[{shown}, ...] ({len(pages):,} requests)"


def _worst(card: Card) -> Iterator[str]:
    worst = card.worst
    if worst is None:
        yield "no worst sequence is known"
        return
    yield f"worst sequence: ratio {readable(worst.ratio)} at {worst.instance} ({worst.how})"
    repeated = f", then again and again {_pages(worst.cycle)}" if worst.cycle else ""
    yield f"first {_pages(worst.prefix)}{repeated}:"
    if card.shown is None:
        yield "(not played once more: out of time)"
    else:
        yield from run_table(card.shown, most=SHOWN)
