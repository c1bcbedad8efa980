"""The options that mean the same in every command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

TraceFile = Annotated[
    Path, typer.Argument(metavar="TRACE", help="routing trace; the format is recognized; -: standard input")
]
Layers = Annotated[int, typer.Option("-l", "--layers", help="number of layers")]
Experts = Annotated[int, typer.Option("-n", "--experts", help="experts per layer")]
CacheSizes = Annotated[
    list[str], typer.Option("-k", "--cache", metavar="K…", help="slots: 64, or several: 64 128 or 64,128")
]
CacheSize = Annotated[int, typer.Option("-k", "--cache", help="slots of the cache")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="equal seeds give equal results")]
Json = Annotated[bool, typer.Option("--json", help="one JSON document on stdout")]
Phase = Annotated[Literal["decode", "prefill", "all"], typer.Option("--phase", help="which tokens")]
Semantics = Annotated[
    Literal["sequential", "atomic"],
    typer.Option("--semantics", help="the experts of a set one after another, or all at once"),
]
TraceFormat = Annotated[
    str | None, typer.Option("--format", metavar="F", help="of the trace [default: as its content begins]")
]
Lenient = Annotated[bool, typer.Option("--lenient", help="drop tokens with faulty rows")]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--field", metavar="FIELD=NAME", help="name of layer, token or experts in JSONL (repeatable)"
    ),
]
Warmup = Annotated[
    str,
    typer.Option(
        "--warmup", metavar="prefill|N", help="serve the prompt, or the first N tokens, without counting them"
    ),
]
ExpertBytes = Annotated[
    str | None,
    typer.Option(
        "--expert-bytes", metavar="B", help="size of an expert, as 3.5MB, or of each layer's, by commas"
    ),
]
Bandwidth = Annotated[
    str | None, typer.Option("--bandwidth", metavar="GB/S", help="gives the load time per token")
]
Latency = Annotated[str, typer.Option("--latency", metavar="US", help="of a load, in µs")]
Compute = Annotated[
    str, typer.Option("--compute", metavar="US", help="of a layer with its experts in the cache, in µs")
]
Axes = Annotated[
    str | None,
    typer.Option(
        "--axes", metavar="A,A,A", help="of an array, where its shape leaves it open: layers,tokens,width"
    ),
]
Plot = Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="picture: .svg, .png or .pdf")]
Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="a page for the browser that needs no other file"),
]
Bypass = Annotated[bool, typer.Option("--bypass", help="a missed expert need not be admitted to the cache")]
Capacity = Annotated[
    list[str] | None,
    typer.Option("--capacity", metavar="B…", help="instead of -k: bytes, as 3.5GB or 512MiB, or several"),
]
CertificateFile = Annotated[
    Path | None, typer.Option("--certificate", metavar="FILE", help="write a certificate (.json, .json.gz)")
]
Side = Annotated[Literal["lower", "upper"], typer.Option("--bound", help="which side the certificate proves")]
OptCache = Annotated[
    int | None,
    typer.Option("--opt-cache", metavar="H", help="slots of the optimum, at most k [default: k, as many]"),
]
StoreFile = Annotated[Path, typer.Argument(metavar="STORE", help="of a campaign")]
Jobs = Annotated[int | None, typer.Option("--jobs", min=1, help="processes [default: all cores]")]
Dask = Annotated[
    str | None,
    typer.Option("--dask", metavar="ADDRESS", help="a Dask scheduler, or local; needs layered-paging[dask]"),
]
