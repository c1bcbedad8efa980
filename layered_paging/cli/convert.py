"""``layered-paging convert``: what an engine wrote, as a trace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from layered_paging.cli.options import Axes, ExpertBytes, Fields, Json, Lenient, TraceFormat


def convert(
    dumps: Annotated[
        list[Path], typer.Argument(metavar="DUMP…", help="files of requests, or of the layers of FLAME-MoE")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="text format, or .npy, .npz; .gz packs")
    ],
    form: TraceFormat = None,
    lenient: Lenient = False,
    field: Fields = None,
    axes: Axes = None,
    expert_bytes: ExpertBytes = None,
    passes: Annotated[
        bool,
        typer.Option(
            "--passes", help="one set for what is computed together: a prompt, or the step of a file"
        ),
    ] = False,
    interleave: Annotated[
        bool,
        typer.Option(
            "--interleave", help="decode all requests side by side, as a server does [default: in turn]"
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Write a trace from what an engine recorded; several files are requests, one after another."""
    from layered_paging.cli.numbers import expert_bytes as sizes_of
    from layered_paging.cli.output import print_json, warn
    from layered_paging.cli.reading import named_fields
    from paging.errors import InvalidArgument
    from paging.files import check_folder
    from paging.traces.formats import write_trace
    from paging.traces.many import read_traces
    from paging.traces.passes import interleaved, joined, passes_of

    check_folder(output)
    if passes and interleave:
        raise InvalidArgument("--passes: --interleave makes passes of its own; leave one of them out")
    sizes = sizes_of(expert_bytes) if expert_bytes else None
    trace = read_traces(dumps, form, lenient=lenient, fields=named_fields(field), axes=axes)
    trace = trace.sized(sizes) if sizes else trace
    if interleave:
        trace = interleaved(trace)
    elif passes:
        trace = joined(trace, passes_of(trace))
    for said in trace.warnings():
        warn(f"{dumps[0]}: {said}")
    write_trace(trace, output)
    requests = int((trace.routing >= 0).sum())
    if json:
        print_json({"requests": requests, "path": str(output)})
    else:
        print(
            f"{output}: {requests} requests, {trace.tokens} {'passes' if passes or interleave else 'tokens'}, "
            f"{trace.layers} layers x {trace.experts} experts"
        )
