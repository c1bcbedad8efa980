"""The command line: a file per command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from layered_paging.cli.atlas import atlas
from layered_paging.cli.campaign import campaign
from layered_paging.cli.certify import certify
from layered_paging.cli.check import check
from layered_paging.cli.convert import convert
from layered_paging.cli.curve import curve
from layered_paging.cli.divide import divide
from layered_paging.cli.explain import explain
from layered_paging.cli.generate import generate
from layered_paging.cli.headroom import headroom
from layered_paging.cli.ids import Command
from layered_paging.cli.known import known
from layered_paging.cli.measure import measure
from layered_paging.cli.optimum import optimum
from layered_paging.cli.optimum_cost import optimum_cost
from layered_paging.cli.ratio import ratio
from layered_paging.cli.record import record
from layered_paging.cli.search import search
from layered_paging.cli.verify import verify

SEVERAL_CACHES = ("measure", "headroom")
"""Commands whose -k takes several numbers."""

app = typer.Typer(
    name="layered-paging",
    help="Exact optima, adversaries and competitive ratios for the caching problem of mixture-of-experts inference.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
COMMANDS = (
    verify,
    measure,
    curve,
    explain,
    headroom,
    divide,
    record,
    convert,
    optimum_cost,
    generate,
    ratio,
    optimum,
    known,
    search,
    check,
    certify,
    atlas,
)
for command in COMMANDS:
    app.command(command.__name__.replace("_", "-"), cls=Command)(command)
app.add_typer(campaign, name="campaign")


def _version(asked: bool) -> None:
    if asked:
        from layered_paging.release import number

        print(f"layered-paging {number()}")
        raise typer.Exit


@app.callback()
def front_door(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="the version number")
    ] = False,
) -> None:
    """What stands before a command."""


def spread(arguments: Sequence[str]) -> list[str]:
    """``-k 16 32`` as ``-k 16 -k 32``, where several are allowed: option parsers take one value per option."""
    result: list[str] = []
    if not arguments or arguments[0] not in SEVERAL_CACHES:
        return list(arguments)
    flag = None
    for argument in arguments:
        if flag and argument.isdecimal() and result[-1] != flag:
            result.append(flag)
        elif argument in ("-k", "--cache"):
            flag = argument
        elif not argument.isdecimal():
            flag = None
        result.append(argument)
    return result
