"""``layered-paging record``: a model of transformers answers prompts, and its routing becomes a trace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from layered_paging.cli.options import Json, Seed


def record(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="a folder, or a name that transformers can load")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="text format, or .npz; .gz packs")
    ],
    prompt: Annotated[
        list[str] | None, typer.Option("--prompt", metavar="TEXT", help="to be answered (repeatable)")
    ] = None,
    prompts: Annotated[
        Path | None, typer.Option("--prompts", metavar="FILE", help="prompts, one in each line")
    ] = None,
    random: Annotated[
        int | None, typer.Option("--random", min=1, help="instead of a prompt, so many random tokens")
    ] = None,
    tokens: Annotated[int, typer.Option("--tokens", min=1, help="to generate for each prompt")] = 64,
    scores: Annotated[bool, typer.Option("--scores", help="keep the router's weights, in .npz")] = False,
    module: Annotated[
        str | None, typer.Option("--module", metavar="END", help="other models: end of the routers' names")
    ] = None,
    field: Annotated[
        int | None,
        typer.Option("--at", help="other models: place of the chosen experts in a router's output"),
    ] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Record which experts a model selects while it answers prompts, one after another (needs the extra [record])."""
    from layered_paging.cli.output import print_json
    from layered_paging.recording.answering import answer
    from layered_paging.recording.recorder import record as recording
    from paging.errors import InvalidArgument
    from paging.files import check_folder
    from paging.traces.formats import read_trace
    from paging.untrusted import read_regular

    check_folder(output)
    texts = list(prompt or [])
    if prompts is not None:
        texts += [
            line for line in read_regular(prompts, "prompts").decode("utf-8", "replace").splitlines() if line
        ]
    if bool(texts) == (random is not None):
        raise InvalidArgument(
            "record: expected prompts (--prompt, --prompts), or --random with a number of tokens"
        )
    loaded = answer(model, texts, random, seed)
    with recording(loaded.model, output, scores=scores, module=module, field=field):
        for ids in loaded.prompts:
            loaded.generate(ids, tokens)
    trace = read_trace(output)
    requests = int((trace.routing >= 0).sum())
    if json:
        print_json({"requests": requests, "path": str(output)})
    else:
        print(
            f"{output}: {requests} requests, {trace.tokens} tokens, {trace.layers} layers x {trace.experts} experts"
        )
