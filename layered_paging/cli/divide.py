"""``layered-paging divide``: slots of its own for each layer, found on one part of a trace and judged on the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from layered_paging.cli.options import (
    Axes,
    ExpertBytes,
    Fields,
    Json,
    Lenient,
    Phase,
    Semantics,
    TraceFile,
    TraceFormat,
)

if TYPE_CHECKING:
    from paging.judged_division import Judged


def divide(
    trace: TraceFile,
    cache: Annotated[int | None, typer.Option("-k", "--cache", help="slots of the cache")] = None,
    capacity: Annotated[
        str | None, typer.Option("--capacity", metavar="B", help="instead of -k: bytes, as 3.5GB or 512MiB")
    ] = None,
    split: Annotated[
        str, typer.Option("--split", metavar="P", help="share of the tokens that the division is found on")
    ] = "0.5",
    plays: Annotated[
        Literal["lru", "opt"], typer.Option("--policy", help="what plays in each layer")
    ] = "lru",
    form: TraceFormat = None,
    lenient: Lenient = False,
    field: Fields = None,
    axes: Axes = None,
    phase: Phase = "decode",
    semantics: Semantics = "sequential",
    expert_bytes: ExpertBytes = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="the division: .json or .csv")
    ] = None,
    json: Json = False,
) -> None:
    """Where the memory should go: the best division of the cache among the layers, against one cache for all."""
    from layered_paging.cli.numbers import capacities, exact_number
    from layered_paging.cli.output import print_json, print_table
    from layered_paging.cli.reading import read
    from layered_paging.text.division import sentence, table, written
    from paging.errors import InvalidArgument
    from paging.files import check_folder, write_atomically
    from paging.judged_division import judged_division, parts

    if (cache is None) == (capacity is None):
        raise InvalidArgument("divide: expected -k SLOTS or --capacity BYTES")
    if output is not None:
        if output.suffix not in (".json", ".csv"):
            raise InvalidArgument(f"-o: expected a name that ends in .json or .csv, got {output}")
        check_folder(output)
    share = exact_number("--split", split)
    routing = read(trace, form, lenient, field, axes, phase, expert_bytes)
    if capacity is not None and routing.expert_bytes is None:
        raise InvalidArgument(
            f"{trace}: --capacity needs the sizes of its experts; --expert-bytes gives them"
        )
    room = cache if cache is not None else capacities("--capacity", [capacity or ""])[0]
    each = None if capacity is None or routing.expert_bytes is None else routing.expert_bytes.tolist()
    trained, judged = parts(routing, share, phase, atomic=semantics == "atomic")
    found: dict[str, Judged] = {
        name: judged_division(trained, judged, room, name, each) for name in ("lru", "opt")
    }
    layers = range(routing.layers) if routing.layer_ids is None else routing.layer_ids.tolist()
    document = {
        "policy": plays,
        "cache": room,
        "unit": "slots" if capacity is None else "bytes",
        "layers": [
            {"layer": int(layer), "slots": slots}
            for layer, slots in zip(layers, found[plays].division.slots, strict=True)
        ],
    }
    if output is not None:
        write_atomically(output, written(document, output.suffix).encode())
    if json:
        print_json(
            {
                **document,
                "requests": {"trained": trained.counted, "judged": judged.counted},
                **{name: one.to_dict() for name, one in found.items()},
                "path": None if output is None else str(output),
            }
        )
        return
    print(sentence(found[plays], judged.counted))
    print(
        f"\n{trained.tokens} tokens to find the division on, {judged.tokens} others to judge it, after the first have warmed "
        f"the cache of {room:,} {document['unit']}\n"
    )
    print_table(*table(list(found.values())), numeric=(2, 3))
    print(f"\nSlots of each layer, from layer {layers[0]} on, for {plays}:")
    print(" ".join(map(str, found[plays].division.slots)))
