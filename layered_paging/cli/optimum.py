"""``layered-paging optimum``: how good any deterministic policy can be, and any randomized one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from layered_paging.cli.options import CacheSize, CertificateFile, Experts, Json, Layers, OptCache, Side

if TYPE_CHECKING:
    from fractions import Fraction

    from bounds.exact.deterministic import BestDeterministic
    from bounds.exact.randomized.best import BestRandomized
    from paging.model import Instance


def optimum(
    layers: Layers,
    experts: Experts,
    cache: CacheSize,
    randomized: Annotated[
        bool, typer.Option("--randomized", help="enclose the best randomized policy instead")
    ] = False,
    guided: Annotated[
        bool,
        typer.Option("--guided", help="the best policy that evicts safe pages only: far fewer states"),
    ] = False,
    memory: Annotated[
        int | None,
        typer.Option(
            "--remember",
            min=0,
            help="requests that the random adversary of the lower bound remembers [default: more and more]",
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--seconds",
            help="for that adversary, after the upper bound and until both meet [default: 60]",
        ),
    ] = None,
    opt_cache: OptCache = None,
    certificate: CertificateFile = None,
    bound: Side = "lower",
    json: Json = False,
) -> None:
    """The exact competitive ratio of the best deterministic policy, or a certified interval for the best randomized one."""
    from bounds.exact.deterministic import best_deterministic
    from layered_paging.cli.output import no_certificate, print_json
    from paging.errors import InvalidArgument
    from paging.files import check_folder
    from paging.model import Instance
    from paging.seconds import check_seconds

    instance = Instance(layers, experts, cache)
    for option, value in (("--remember", memory), ("--seconds", seconds)):
        if value is not None and not randomized:
            raise InvalidArgument(f"{option}: expected together with --randomized")
    if memory is not None and seconds is not None:
        raise InvalidArgument("--seconds: expected without --remember, which sets the memory itself")
    if seconds is not None:
        check_seconds("--seconds", seconds)
    if guided and randomized:
        raise InvalidArgument("--guided: expected without --randomized")
    if guided and certificate is not None and bound == "lower":
        raise InvalidArgument(
            "--guided: a bound from below would say nothing about other policies; expected --bound upper"
        )
    if certificate is not None:
        check_folder(certificate)
    if instance.trivial:
        if json:
            print_json({"ratio": "1", "lower": "1", "upper": "1", "states": 0, "trivial": True})
        else:
            print("ratio 1: trivial, all pages fit into the cache")
        no_certificate(certificate)
        return
    found = (
        _enclosed(instance, memory, seconds, opt_cache)
        if randomized
        else best_deterministic(instance, guided=guided, optimum=opt_cache)
    )
    if certificate is not None:
        _certify(found, bound, certificate)
    if json:
        print_json(found.to_dict())
    else:
        print(_text(found))


def _enclosed(
    instance: Instance, memory: int | None, seconds: float | None, opt_cache: int | None
) -> BestRandomized:
    """Both bounds of the best randomized ratio; a terminal sees them approach each other."""
    import time

    from bounds.exact.randomized.best import SECONDS, best_randomized
    from layered_paging.cli.output import progress
    from paging.exact import readable

    limit = SECONDS if seconds is None else seconds
    with progress(round(limit), "upper bound") as advance:
        last = time.monotonic()

        def keep(lower: Fraction, upper: Fraction, remembered: int) -> None:
            nonlocal last
            passed = int(time.monotonic() - last)
            last += passed
            advance(f"between {readable(lower)} and {readable(upper)}, memory {remembered}", passed)

        return best_randomized(instance, memory, limit, keep, opt_cache)


def _certify(found: BestDeterministic | BestRandomized, bound: str, path: Path) -> None:
    from bounds.exact.deterministic import BestDeterministic
    from bounds.exact.randomized.lower import RandomizedLower
    from bounds.exact.randomized.upper import RandomizedUpper
    from paging.errors import SolverFailed
    from proofs.certificates import deterministic, randomized
    from proofs.certificates.document import write_certificate

    if isinstance(found, BestDeterministic):
        proof: BestDeterministic | RandomizedLower | RandomizedUpper | None = found
    else:
        proof = found.lower_bound if bound == "lower" else found.upper_bound
    match proof:
        case RandomizedLower():
            document = randomized.lower_certificate(proof)
        case RandomizedUpper():
            document = randomized.upper_certificate(proof)
        case BestDeterministic() if bound == "lower":
            document = deterministic.lower_certificate(proof)
        case BestDeterministic():
            document = deterministic.upper_certificate(proof)
        case None:
            raise SolverFailed("no chain was proven, so there is no certificate from below")
    write_certificate(document, path)


def _text(found: BestDeterministic | BestRandomized) -> str:
    from bounds.exact.deterministic import BestDeterministic
    from paging.exact import readable

    instance, slots = (
        (found.game.instance, found.game.optimum)
        if isinstance(found, BestDeterministic)
        else (found.instance, found.optimum)
    )
    where = f"{instance}" + ("" if slots == instance.cache else f" against an optimum with {slots} slots")
    if isinstance(found, BestDeterministic):
        kind = "guided" if found.game.guided else "deterministic"
        return (
            f"best {kind} policy at {where}: ratio {readable(found.ratio)}  "
            f"({found.game.states:,} states, {found.game.moves:,} moves)"
        )
    value = (
        f"ratio {readable(found.ratio)}, both bounds meet"
        if found.ratio is not None
        else f"ratio between {readable(found.lower)} and {readable(found.upper)}"
    )
    head = f"best randomized policy at {where}: {value}  (adversary's memory {found.memory})"
    return "\n".join((head, *(f"note: {note}" for note in found.notes)))
