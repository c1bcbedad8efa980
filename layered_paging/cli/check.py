"""``layered-paging check``: the report card of a policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from layered_paging.cli.options import Json, Seed

if TYPE_CHECKING:
    from layered_paging.report.card import Card

REPEAT = 10
"""Repetitions of the worst cycle in the trace that is saved."""


def check(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="id, MODULE:NAME or FILE.py:NAME")],
    seconds: Annotated[float, typer.Option("--seconds", help="time for the whole card")] = 40.0,
    limit: Annotated[float, typer.Option("--limit", help="seconds for one decision")] = 2.0,
    trace: Annotated[
        Path | None, typer.Option("--trace", metavar="TRACE", help="a routing trace to try, with -k")
    ] = None,
    cache: Annotated[int | None, typer.Option("-k", "--cache", help="slots of the cache on TRACE")] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="write the worst sequence as a trace"),
    ] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """The report card of a policy: legal or not, its properties, its ratios, its worst sequence, its hit rates.

    Exit status 1 if anything is wrong with it: not legal, not reproducible, a declared property refuted.
    """
    from layered_paging.cli.output import print_json, progress
    from layered_paging.cli.reading import read
    from layered_paging.policy_spec import Spec, as_policy
    from layered_paging.report.card import check as write_card
    from layered_paging.report.text import lines
    from paging.errors import InvalidArgument, UnsupportedProblem
    from paging.files import check_folder
    from paging.model import Instance
    from paging.policies.named import NamedPolicy

    if (trace is None) != (cache is None):
        raise InvalidArgument("check: expected --trace TRACE and -k SLOTS together")
    if output is not None:
        check_folder(output)
    # a user's own is read in the processes in which it plays, and not here
    meant = NamedPolicy(policy, Spec(policy)) if ":" in policy else as_policy(policy)
    given = []
    if trace is not None and cache is not None:
        requests = read(trace, None, False, None, None, "decode").requests()
        if requests.lacking is not None:
            raise UnsupportedProblem(f"{trace}: tokens lack layers, which check does not judge")
        requests.fits(Instance(requests.layers, requests.experts, cache))
        given.append((str(trace), requests, cache))
    with progress(0, "check") as advance:
        card = write_card(meant, seconds=seconds, limit=limit, seed=seed, given=given, progress=advance)
    if output is not None:
        _save(card, output)
    if json:
        print_json(card.to_dict())
    else:
        for line in lines(card):
            print(line)
    if not card.sound:
        raise typer.Exit(1)


def _save(card: Card, output: Path) -> None:
    """The worst sequence, or else the shortest offending run."""
    from layered_paging.cli.output import warn
    from layered_paging.saving import save_sequence

    if card.worst is not None:
        worst = card.worst
        save_sequence(worst.instance, worst.sequence(REPEAT), output, "worst sequence")
    elif any(found.requests for found in card.conduct.findings):
        found = next(found for found in card.conduct.findings if found.requests)
        save_sequence(found.instance, found.requests, output, found.name)
    else:
        warn(f"{output}: not written, no sequence was found")
