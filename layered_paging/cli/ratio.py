"""``layered-paging ratio``: the exact competitive ratio of a policy, and the worst cycle of requests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from layered_paging.cli.options import CacheSize, CertificateFile, Experts, Json, Layers, OptCache, Side

if TYPE_CHECKING:
    from bounds.exact.ratio import ExactRatio


def ratio(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="id, MODULE:CLASS or FILE.py:CLASS")],
    layers: Layers,
    experts: Experts,
    cache: CacheSize,
    opt_cache: OptCache = None,
    certificate: CertificateFile = None,
    bound: Side = "lower",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="write the worst cycle as a trace")
    ] = None,
    repeat: Annotated[
        int, typer.Option("--repeat", min=1, help="repetitions of the cycle in that trace")
    ] = 10,
    graph: Annotated[
        Path | None,
        typer.Option(
            "--graph",
            metavar="FILE",
            help="write all states and requests, as .graphml or .dot, the worst cycle marked",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """The exact competitive ratio of a deterministic policy with a finite state, with the cycle that shows it."""
    from bounds.exact.export import check_graph_file, write_graph
    from bounds.exact.ratio import exact_ratio
    from layered_paging.cli.cycle_table import show_cycle
    from layered_paging.cli.output import no_certificate, print_json
    from layered_paging.policy_spec import as_policy
    from paging.exact import readable
    from paging.files import check_folder
    from paging.model import Instance

    meant = as_policy(policy)
    instance = Instance(layers, experts, cache)
    for path in (certificate, output, graph):
        if path is not None:
            check_folder(path)
    if graph is not None:
        check_graph_file(graph)
    if instance.trivial:
        _trivial(json)
        no_certificate(certificate)
        return
    found = exact_ratio(instance, meant, optimum=opt_cache)
    if certificate is not None:
        _certify(found, bound, certificate)
    if output is not None:
        _write_cycle(found, output, repeat)
    if graph is not None:
        write_graph(found.graph(), graph)
    if json:
        print_json(found.to_dict())
        return
    against = "" if found.product.slots == cache else f" against an optimum with {found.product.slots} slots"
    print(
        f"{policy} at {instance}{against}: ratio {readable(found.ratio)}  ({found.product.states:,} states)\n"
    )
    show_cycle(instance, meant, found.prefix, found.cycle, opt_cache)


def _trivial(json: bool) -> None:
    from layered_paging.cli.output import print_json

    if json:
        print_json({"ratio": "1", "cycle": [], "states": 0, "trivial": True})
    else:
        print(
            "ratio 1: trivial, all pages fit into the cache, and every policy has only the first misses of OPT"
        )


def _certify(found: ExactRatio, bound: str, path: Path) -> None:
    from proofs.certificates import policy as certificates
    from proofs.certificates.document import write_certificate

    make = certificates.lower_certificate if bound == "lower" else certificates.upper_certificate
    write_certificate(make(found), path)


def _write_cycle(found: ExactRatio, path: Path, repeat: int) -> None:
    from layered_paging.saving import save_sequence

    save_sequence(found.instance, found.sequence(repeat), path, "worst cycle")
