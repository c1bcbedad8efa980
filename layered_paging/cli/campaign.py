"""``layered-paging campaign``: long computations that survive."""

from __future__ import annotations

import typer

from layered_paging.cli.campaign_inspect import diff, export, status
from layered_paging.cli.campaign_mend import recover, verify
from layered_paging.cli.campaign_run import resume, run
from layered_paging.cli.ids import Command

campaign = typer.Typer(
    help="Long computations that survive: many tasks, kept in a store as they are done, on one machine or many.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
for command in (run, resume, status, export, diff, verify, recover):
    campaign.command(command.__name__, cls=Command)(command)
