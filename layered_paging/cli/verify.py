"""``layered-paging verify``: every theorem on a grid of instances."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from layered_paging.cli.options import Json, Seed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bounds.checker.check import Check
    from bounds.checker.summary import Summary
    from paging.model import Instance
    from paging.policies.named import PolicyLike


def verify(
    theorem: Annotated[
        list[str] | None, typer.Option("--theorem", metavar="ID", help="only this one (repeatable)")
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            "--policy", metavar="P", help="only this one: id, MODULE:CLASS or FILE.py:CLASS (repeatable)"
        ),
    ] = None,
    layers: Annotated[
        int | None, typer.Option("-l", "--layers", help="only instances with so many layers")
    ] = None,
    experts: Annotated[int | None, typer.Option("-n", "--experts", help="... experts per layer")] = None,
    cache: Annotated[int | None, typer.Option("-k", "--cache", help="... slots")] = None,
    seed: Seed = 0,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help="processes [default: all cores]")] = None,
    json: Json = False,
) -> int:
    """Check every theorem on its own instances, exactly, with every policy it speaks of.

    On small instances exact ratios are compared too.

    Without -l, -n and -k: all instances with n*l <= 8 and some large ones. Exit status 1 if a theorem is violated.
    """
    from bounds.checker.summary import report, summarize
    from bounds.checker.verify import tried
    from bounds.theorems.registry import THEOREMS
    from layered_paging.cli.output import print_json
    from layered_paging.policy_spec import as_policies
    from paging.names import look_up

    theorems = [look_up("theorem", name, THEOREMS).id for name in theorem or THEOREMS]
    policies = as_policies(policy) if policy else tried()
    checks = _run(_instances(layers, experts, cache), theorems, policies, seed, jobs)
    if json:
        print_json(report(checks))
    else:
        _show(summarize(checks, theorems))
    return int(any(check.ok is False for check in checks))


def _instances(layers: int | None, experts: int | None, cache: int | None) -> list[Instance]:
    from bounds.checker.verify import grid
    from paging.errors import InvalidArgument
    from paging.model import Instance

    if layers is not None and experts is not None and cache is not None:
        return [Instance(layers, experts, cache)]
    chosen = [
        instance
        for instance in grid()
        if layers in (None, instance.layers)
        and experts in (None, instance.experts)
        and cache in (None, instance.cache)
    ]
    if not chosen:
        raise InvalidArgument(
            "no instance of the grid has these -l, -n, -k; give all three for one outside it"
        )
    return chosen


def _run(
    instances: Sequence[Instance],
    theorems: Sequence[str],
    policies: Sequence[PolicyLike],
    seed: int,
    jobs: int | None,
) -> list[Check]:
    from bounds.checker.summary import verify_all
    from layered_paging.cli.output import progress
    from paging.pool import pool

    found: dict[Instance, list[Check]] = {}
    workers = min(len(instances), jobs or os.cpu_count() or 1)
    with pool(workers) as executor, progress(len(instances), "verify") as advance:
        for instance, checks in verify_all(instances, theorems, policies, seed, executor):
            found[instance] = checks
            advance(f"verify {instance}")
    return [check for instance in instances for check in found[instance]]


def _show(summaries: Sequence[Summary]) -> None:
    from layered_paging.cli.output import print_table
    from paging.exact import readable

    rows = []
    for summary in summaries:
        tightest, loosest = (
            "-" if margin is None else f"{float(margin):.3f}"
            for margin in (summary.tightest, summary.loosest)
        )
        theorem = summary.theorem
        rows.append(
            [
                theorem.id,
                theorem.tags,
                str(summary.instances),
                str(len(summary.checks)),
                tightest,
                loosest,
                summary.verdict,
            ]
        )
    columns = ["theorem", "tag", "instances", "checks", "tightest", "loosest", "verdict"]
    print_table(columns, rows, numeric=(2, 3, 4, 5))
    checks = [check for summary in summaries for check in summary.checks]
    open_checks = sum(check.ok is None for check in checks)
    print(
        f"\n{len(checks)} checks, {open_checks} inconclusive. Margins are measured / bound: 1 is tight "
        "(a lower bound measured in a window may stay below 1, within its additive constant)."
    )
    for summary in summaries:
        for check in summary.failed:
            where = "" if check.slots is None else f" (h={check.slots})"
            print(
                f"VIOLATED {check.theorem.id} at {check.instance}{where}: {check.policy} against {check.adversary}: "
                f"bound {readable(check.bound)}, measured {readable(check.measured)}",
                file=sys.stderr,
            )
            if check.sequence is not None:
                print("  requests: " + " ".join(map(str, check.sequence)), file=sys.stderr)
