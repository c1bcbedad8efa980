"""``layered-paging search``: sequences on which a policy does badly, where exact computation is out of reach."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layered_paging.cli.options import CacheSize, CertificateFile, Experts, Json, Layers, OptCache, Seed

if TYPE_CHECKING:
    from bounds.search.found import Found
    from paging.model import Instance
    from paging.policies.named import NamedPolicy


def search(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="id, MODULE:CLASS or FILE.py:CLASS")],
    layers: Layers,
    experts: Experts,
    cache: CacheSize,
    seconds: Annotated[float, typer.Option("--seconds", help="time for the search")],
    seed: Seed = 0,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help="processes [default: all cores]")] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="the best so far, as JSON, at every moment"),
    ] = None,
    certificate: CertificateFile = None,
    searcher: Annotated[
        list[str] | None, typer.Option("--searcher", metavar="ID", help="only this one (repeatable)")
    ] = None,
    opt_cache: OptCache = None,
    json: Json = False,
) -> None:
    """Search for a cycle of requests with a large ratio, and prove it: afterwards policy and optimum stand where they stood.

    Searchers: product, adversaries, cycles. Stops early where nothing worse can exist.
    """
    from bounds.exact.game import optimum_slots
    from bounds.search.searchers.registry import SEARCHERS
    from bounds.theorems.of_policy import best_lower
    from layered_paging.cli.known import best_known
    from layered_paging.cli.output import no_certificate, print_json
    from layered_paging.policy_spec import as_policy
    from paging.files import check_folder
    from paging.model import Instance
    from paging.names import look_up
    from paging.seconds import check_seconds
    from proofs.known import known

    check_seconds("--seconds", seconds)
    for each in searcher or ():
        look_up("searcher", each, SEARCHERS)
    meant = as_policy(policy)
    instance = Instance(layers, experts, cache)
    slots = optimum_slots(instance, opt_cache)
    for path in (output, certificate):
        if path is not None:
            check_folder(path)
    if instance.trivial:
        _trivial(json)
        no_certificate(certificate)
        return
    found = _search(instance, meant, seconds, seed, jobs, output, searcher, slots)
    if json:
        print_json(found.to_dict())
    else:
        best = (
            best_known(known(instance), deterministic=meant().deterministic)
            if slots == instance.cache
            else None
        )
        _show(found, best_lower(instance, meant, slots), best)
    if certificate is not None:  # last: what was found is told even where it cannot be certified
        _certify(found, certificate)


def _trivial(json: bool) -> None:
    from layered_paging.cli.output import print_json

    if json:
        print_json({"ratio": "1", "proven": True, "cycle": [], "evaluations": 0, "trivial": True})
    else:
        print("ratio 1: trivial, all pages fit into the cache, and there is nothing to search for")


def _search(
    instance: Instance,
    policy: NamedPolicy,
    seconds: float,
    seed: int,
    jobs: int | None,
    output: Path | None,
    searchers: list[str] | None,
    slots: int,
) -> Found:
    import time

    from bounds.search.embedding import embedded
    from bounds.search.search import search as hunt
    from layered_paging.cli.output import progress
    from paging.exact import readable
    from paging.files import write_atomically
    from paging.pool import pool

    begin = time.monotonic()
    deterministic = policy().deterministic
    given = embedded(instance, policy) if deterministic and _seeded(searchers) else []
    left = max(seconds - (time.monotonic() - begin), seconds / 2)
    workers = jobs or os.cpu_count() or 1
    with pool(workers) as executor, progress(round(1000 * seconds), "search") as advance:
        shown = 0.0

        def keep(found: Found) -> None:
            nonlocal shown
            if output is not None:
                write_atomically(output, _document(found))
            passed = min(seconds, time.monotonic() - begin)
            advance(f"search: {readable(found.ratio)}", round(1000 * (passed - shown)))
            shown = passed

        return hunt(
            instance,
            policy,
            seconds=left,
            seed=seed,
            searchers=searchers,
            seeds=given,
            executor=executor if workers > 1 else None,
            keep=keep,
            optimum=slots,
        )


def _seeded(searchers: list[str] | None) -> bool:
    return searchers is None or "adversaries" in searchers


def _document(found: Found) -> bytes:
    import json

    content: dict[str, Any] = found.to_dict()
    return (json.dumps(content, indent=1) + "\n").encode()


def _certify(found: Found, path: Path) -> None:
    from proofs.certificates.cycle import cycle_certificate
    from proofs.certificates.document import write_certificate

    write_certificate(cycle_certificate(found), path)


def _show(found: Found, bound: tuple[str, Any] | None, best: str | None) -> None:
    from layered_paging.cli.cycle_table import show_cycle
    from paging.exact import readable

    slots = found.optimum
    against = "" if slots == found.instance.cache else f" against an optimum with {slots} slots"
    where = f"{found.policy} at {found.instance}{against}"
    if not found.cycle:
        print(f"{where}: nothing found in this time")
        return
    if found.optimal:
        how = "proven, and nothing worse exists"
    elif found.proven:
        how = "proven lower bound on the competitive ratio"
    elif found.interval is not None:
        how = f"not proven: expected cost, between {found.interval[0]:.3f} and {found.interval[1]:.3f}"
    else:
        how = f"not proven: measured on {found.repetitions} repetitions after as many"
    print(f"{where}: ratio {readable(found.ratio)}, {how}")
    theorem = "no theorem" if bound is None else f"{readable(bound[1])} ({bound[0]})"
    print(f"best bound by theorems: {theorem}")
    if best is not None:
        print(best)
    print(f"found by {found.searcher}, {found.evaluations:,} evaluations, {found.visited:,} states visited\n")
    show_cycle(found.instance, found.policy, found.prefix, found.cycle, slots)
