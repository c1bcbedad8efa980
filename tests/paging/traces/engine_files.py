"""The same routing as each engine would write it, by the descriptions in paging/traces/dumps.

Four tokens, the first three a prompt, ask two experts of five in the layers 1 and 2; layer 0 is dense.
"""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

SETS = [[[3, 1], [0, 2]], [[2, 0], [4, 1]], [[1, 4], [3, 0]], [[3, 0], [1, 2]]]
"""By token and layer."""

DECODE = [False, False, False, True]
DENSE = np.array([[[0, 0], *token] for token in SETS])
"""With a dense layer of zeros, shape (tokens, layers, width)."""

PACKED = r"""
c-pO1UvJw~6u*uW=TEn$8D-
tNQU(<8#+EvNmZl(>6rljR2tolVDvB)EzKczrILE%}8l;Lzh*f*#1MtKH5+7g>d;oaa0}{OPGL08_;R_(ay>^n?E=|Xu8(F@-
KEHE*=lFL{T3AdXl*yoDYXO}@nyZ`E9$7ausuc&jcC#^$wj=9K;sB7`PBVZ@bjLM35IT^M4?vXLd3Jisac^s`p$;_9Q!N9MINeTi
YpuTvDU8}@*h5#NCUJ?Y?vfEmzPEvE^)z<`Y2RStrRNv~GFWJ5*`d`R3@P*JLAC=q8K<y>)5L!@a6F4zPTzyM4xEuO!U9eZpAgxn
q;IGm0o5kV;A{uxv8c5R>>YImyWFAb+){0AL|n-0)L}&^szYkoUQTt%&d{<AmHF@-
SKTY;U_lP@_n4*DB~S<;xwrcC{op7E=h_0ZP~eHS$nN@J2#fd<g(u%*%tZb>g!4GdHo_q+-
P3i)wu$a1kbBoPSZR#cEuH4z!j&z!NMU&kF8OuoS)Q&sJ0CM+4^}$x)bIdSWiyF0CabL}nQ1eF6DF(A(>SA<tQePBuIAZy%)H5Xn
*}pqR)S~DMVzJZY`{q1jGptUF-
B|mOdj}o3NLKIizbUB4@rB4;cU&L>cAX%maf?<byVBw`rDp1fGa_WaXH?0`rT<guKH2S@Dhufr*JKZnz{?u*;f?qLNSQAPC?m%(y
-XV>C6YeeRZdsU}9lc>qOZup~b0ei%d2>jjDUZ^;j*NjfI$cx3^2&^Znm{{*3eC*U6rj(Z-
SI@yAv*+v@gvq)(fT$}#7Uv1(OL;O1@km1TtzGYJ&X%_)JM5hV^+MzitCzll3pwneE;IET+)eRNS`QKXq1=Fw}Bsj#jz8!!I{0)I
Zn633s0?-OGle9zC4<2@QzkMENqdog6sv;6wIpB~y=xTj=!A(~~W*;quU@fTy<5}~-
?fAh=LHTJxAO5DrQxaDSJWoC6JNMU@R)Mvsa8H@0L+3}pdJ$z8uXZ!t`IpxvZG^c4JrYA{Na@^AoUv@t{UH_}7eAIw`c|77;tOGy
M_^4!qyV)rILoF)x>SncGuU9uVYd4f?eWP+iQ8sH8rBbUawT()-
TB$0VWxq?)b07UEGaj<fQt(SN;TaxI3&)tp|3~BK@BmthAnzy8N#iW;Bs@fxqk}_4GbUHuPk0a%B7VLI`I!!&I6T~8^AY&@B#O<B
I5ylRQS2XaY$=Wnt1*hDsTj5#$A<Nnk6_=FP+Yxna99?r(Rzize=pb;mZWPFd5hPl$ZYKX#<&mb=}G%Z{_fN4QM<NqN(wMp-
#)PY3r=84?*
"""
TORCH = zlib.decompress(base64.b85decode("".join(PACKED.split())))
"""What torch.save (2.13) wrote of a dict as SGLang's recorder makes it: a forward of three tokens, and one of one."""


def lines(records: Iterable[object]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def npy(array: object) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.asarray(array))
    return stream.getvalue()


def megatron() -> bytes:
    """Two steps; the layer of multi-token prediction is the second."""
    return lines(
        {
            "step": step,
            "stage": "pre_dispatch",
            "block": "mtp" if column else "decoder",
            "layer": 0 if column else 1,
            "rank": 0,
            "num_tokens": len(tokens),
            "topk": 2,
            "top_indices": [token[column] for token in tokens],
        }
        | ({"mtp_idx": 0} if column else {})
        for step, tokens in ((0, SETS[:3]), (1, SETS[3:]))
        for column in (0, 1)
    )


HEADER = b"LONGSPEAR_ROUTE_TRACE v1 model=m experts=5 top_k=2 layers=3 main_layers=3 mode=full endian=little record=x\n"


def longspear(passes: Iterable[Mapping[int, list[list[int]]]] | None = None) -> bytes:
    if passes is None:
        passes = [{j + 1: [token[j] for token in tokens] for j in (0, 1)} for tokens in (SETS[:3], SETS[3:])]
    content = HEADER
    for one in passes:
        for layer, rows in one.items():
            flat = [expert for row in rows for expert in row]
            content += struct.pack(f"<HH{len(flat)}H", layer, len(rows), *flat)
    return content


def moe_cache_lab(version: int = 1) -> bytes:
    """Prompt layer by layer, then decoding token by token; version 2 of a decoder."""
    head: dict[str, object] = {
        "record_type": "metadata",
        "format": "moe-cache-lab.routing-jsonl",
        "model_id": "m",
    }
    stage = {
        "routing_stage": "decoder",
        "num_experts": 5,
        "assigned_experts_per_token": 2,
        "allows_unassigned": True,
    }
    head |= {"format_version": version} | (
        {"num_experts": 5} if version == 1 else {"routing_stages": [stage]}
    )
    prompt, generated = ("prompt", "generated") if version == 1 else ("decoder_prompt", "decoder_generated")
    events: list[dict[str, object]] = [
        {"phase": prompt, "token_position": token, "layer": j + 1, "selected_experts": SETS[token][j]}
        for j in (0, 1)
        for token in range(3)
    ]
    events += [
        {"phase": generated, "token_position": 3, "layer": j + 1, "selected_experts": SETS[3][j]}
        for j in (0, 1)
    ]
    more: dict[str, object] = {"record_type": "routing_selection"}
    if version == 2:
        more |= {"routing_stage": "decoder", "assignment_state": "assigned", "selected_probabilities": []}
    return lines([head, *(event | more for event in events)])


def vllm() -> bytes:
    """A response of the completions API."""
    response = {
        "prompt_routed_experts": DENSE[:3].tolist(),
        "choices": [{"index": 0, "text": "a", "routed_experts": DENSE[3:].tolist()}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2},
    }
    return json.dumps(response, indent=1).encode()


def sglang_response(array: object = DENSE) -> bytes:
    """A response of /generate: int32 without a shape, the last token of five not computed."""
    field = base64.b64encode(np.asarray(array, "<i4").tobytes()).decode()
    meta = {"prompt_tokens": 3, "completion_tokens": 2, "routed_experts": field}
    return lines([{"text": "a", "meta_info": meta}])


def wide_csv() -> bytes:
    rows = [f"{t},{j + 1},{a},{b}" for t, token in enumerate(SETS) for j, (a, b) in enumerate(token)]
    return "\n".join(["# token_id,layer_id,expert_0,expert_1", *rows, ""]).encode()


def long_csv() -> bytes:
    rows = [f"{t},{j + 1},{e},9" for t, token in enumerate(SETS) for j, one in enumerate(token) for e in one]
    return "\n".join(["token,layer,expert,t_ns", *rows, ""]).encode()


def flame(layer: int) -> bytes:
    """Layer 1 or 2."""
    stream = io.BytesIO()
    sets = [token[layer - 1] for token in SETS]
    pl.DataFrame(
        {"scores": [[0.5, 0.25]] * 4, "indices": sets},
        schema={"scores": pl.List(pl.Float32), "indices": pl.List(pl.Int16)},
    ).write_parquet(stream)
    return stream.getvalue()


def long_parquet() -> bytes:
    stream = io.BytesIO()
    pl.read_csv(long_csv()).write_parquet(stream)
    return stream.getvalue()


ENGINES: Mapping[str, bytes] = {
    "torch": TORCH,
    "megatron": megatron(),
    "longspear": longspear(),
    "moe-cache-lab": moe_cache_lab(),
    "responses": vllm(),
    "vllm": npy(DENSE),
    "named-csv": wide_csv(),
    "parquet": long_parquet(),
}
"""A file of each format of paging/traces/dumps, by its id."""
