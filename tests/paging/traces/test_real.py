"""The recorded traces, against a count that shares nothing with the reader."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from paging.model import Instance
from paging.offline.engines import opt
from paging.policies.lru import LRU
from paging.replay import replay
from paging.traces.formats import read_trace

TRACES = Path(__file__).parents[4] / "shared" / "traces"
NAMES = {"qwen3-30b-a3b": (48, 36864), "gemma-4-26b-a4b": (30, 23040)}
PARTIAL = {"qwen3-30b-a3b": 27, "gemma-4-26b-a4b": 0}
"""Tokens of the prompt without the last layer: the one engine computes it for the last of 28 tokens, the other for all."""

pytestmark = pytest.mark.skipif(not TRACES.is_dir(), reason="the recorded traces are not beside the checkout")


@pytest.mark.parametrize("name", NAMES)
def test_tokens_by_hand(name: str) -> None:
    path = TRACES / f"{name}.route.csv"
    layers, decode_requests = NAMES[name]
    tokens: dict[tuple[int, int, int], list[tuple[int, int, int]]] = defaultdict(list)
    with path.open(newline="") as stream:
        for row in csv.DictReader(line for line in stream if not line.startswith("#")):
            key = (int(row["turn"]), int(row["phase"]), int(row["step"]))
            tokens[key].append((int(row["layer"]), int(row["slot"]), int(row["expert"])))
    trace = read_trace(path)
    assert trace.dropped_tokens() == 0
    assert len(trace.requests("decode")) == decode_requests
    asked = [
        [layer * trace.experts + expert for layer, _, expert in sorted(tokens[key])] for key in sorted(tokens)
    ]
    assert trace.requests("all").stream.tolist() == [page for pages in asked for page in pages]
    assert trace.decode.tolist() == [key[1] == 1 for key in sorted(tokens)]
    prompt = [key for key in tokens if key[1] == 0]
    partial = [key for key in prompt if len(tokens[key]) == (layers - 1) * 6]
    assert len(partial) == PARTIAL[name]
    said = f"{len(partial)} of {len(prompt)} tokens lack layers, which are then not requested"
    assert trace.warnings("prefill") == ([said] if partial else [])
    assert trace.warnings("decode") == []


def test_known_hit_rates() -> None:
    """Measured independently: LRU 27.5 %, OPT 56.1 % with 288 slots."""
    trace = read_trace(TRACES / "qwen3-30b-a3b.route.csv")
    instance = Instance(trace.layers, trace.experts, 288)
    requests = trace.requests()
    assert round(replay(LRU(), instance, requests).hit_rate, 3) == 0.275
    assert round(1 - opt(instance, requests).cost / len(requests), 3) == 0.561
