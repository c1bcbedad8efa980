"""Responses of a server that returns the routed experts: vLLM and SGLang (--enable-return-routed-experts).

    {"prompt_routed_experts": [[[12, 45], …], …], "choices": [{"routed_experts": […], …}], "usage": {…}}         (vLLM)
    {"choices": [{"sgl_ext": {"routed_experts": "base64"}, …}], "usage": {"prompt_tokens": 9, …}}                (SGLang)
    {"text": "…", "meta_info": {"routed_experts": "base64", "prompt_tokens": 9, "completion_tokens": 4}}         (SGLang)

One response, or one in each line; every choice is a request. Experts are nested lists [tokens][layers][width], a .npy file
in base64, or int32 in base64 without their shape, which ``--axes tokens,LAYERS,WIDTH`` then gives. Sources: vLLM's pages
"Routed Experts Replay" (v0.21) and "Routed Experts Return", SGLang's on "Returning Routed Experts"; read from these, which
do not say what stands in dense layers: a set of zeros, as in the engines' buffers, or of -1 is no routing. Certain are the
names of the fields and the shape; that the base64 of vLLM is a .npy file was seen in programs that read it.

An array that has as many tokens as prompt and completion, or one less, as the last one is never computed, begins with the
prompt; any other holds decoded tokens. Where no prompt is told apart all tokens count as decoded.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidTrace
from paging.traces.arrays import NPY, load
from paging.traces.axes import AXES, Order, lengths, oriented
from paging.traces.dumps.padded import from_padded
from paging.traces.dumps.records import Record, first_record, parsed, records
from paging.traces.passes import together
from paging.traces.trace import Trace

FIELD = b'routed_experts"'


def is_responses(content: bytes) -> bool:
    """Whether JSON is a response, and no routing JSONL with a field of that name."""
    return FIELD in content and "layer" not in first_record(content)


def read_responses(content: bytes, where: str, axes: Order | None = None) -> Trace:
    """Read all responses. Raises InvalidTrace naming the line and the field."""
    shape = None if axes is None else lengths(axes)
    if axes is not None and shape is None:
        raise InvalidTrace(f"{where}: --axes: expected tokens,LAYERS,WIDTH with two numbers for responses")
    found = [
        trace for place, response in _responses(content, where) for trace in _requests(response, place, shape)
    ]
    if not found:
        raise InvalidTrace(f"{where}: expected routed_experts in a choice or in meta_info")
    return together(found)


def read_padded_npy(content: bytes, where: str, axes: Order | None = None) -> Trace:
    """An array of vLLM's in a file of its own: (tokens, layers, width), where a set of zeros or of -1 is no routing."""
    array = load(content, where)
    if not isinstance(array, np.ndarray):
        raise InvalidTrace(f"{where}: expected one array, got an archive")
    return from_padded(oriented(array, axes or AXES, where), where, zeros=True)


def _responses(content: bytes, where: str) -> Iterator[tuple[str, Record]]:
    """The only one, in several lines perhaps; or that of each line."""
    if not first_record(content):
        yield where, parsed(content, where)
        return
    for number, response in records(content, where):
        yield f"{where}:{number}", response


def _requests(response: Record, place: str, shape: tuple[int, int] | None) -> Iterator[Trace]:
    usage = _object(response, "usage")
    choices = response.get("choices")
    if not isinstance(choices, list):
        meta = _object(response, "meta_info") or response
        choices, usage = [meta], meta
    prompt = response.get("prompt_routed_experts")
    for number, choice in enumerate(choices):
        if not isinstance(choice, dict):
            raise InvalidTrace(f"{place}: choices: expected objects")
        value = choice.get("routed_experts")
        value = _object(choice, "sgl_ext").get("routed_experts") if value is None else value
        if value is None:
            continue
        name = f"{place}: routed_experts of choice {number}"
        own = _array(value, name, shape)
        before = _prompt_tokens(usage, len(own))
        if prompt is not None and not number:
            first = _array(prompt, f"{place}: prompt_routed_experts", shape)
            if first.shape[1:] != own.shape[1:]:
                raise InvalidTrace(
                    f"{name}: layers and width {own.shape[1:]}, those of prompt_routed_experts are {first.shape[1:]}"
                )
            before, own = len(first), np.concatenate([first, own])
        yield from_padded(own, name, zeros=True, decode=np.arange(len(own)) >= before)


def _prompt_tokens(usage: Record, tokens: int) -> int:
    """How many of the tokens are those of the prompt."""
    prompt, completion = (usage.get(name) for name in ("prompt_tokens", "completion_tokens"))
    if (
        type(prompt) is int
        and type(completion) is int
        and tokens in (prompt + completion, prompt + completion - 1)
    ):
        return prompt
    return 0


def _array(value: Any, name: str, shape: tuple[int, int] | None) -> NDArray[Any]:
    """Integers of shape (tokens, layers, width)."""
    array: NDArray[Any]
    if isinstance(value, str):
        try:
            content = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise InvalidTrace(f"{name}: expected base64") from None
        if content.startswith(NPY):
            loaded = load(content, name)
            array = loaded if isinstance(loaded, np.ndarray) else np.zeros(0)
        else:
            array = _shaped(content, name, shape)
    else:
        try:
            array = np.array(value)
        except (ValueError, OverflowError):
            raise InvalidTrace(f"{name}: expected lists of equal lengths, [tokens][layers][width]") from None
    if array.ndim != 3 or array.dtype.kind not in "iu" or 0 in array.shape:
        raise InvalidTrace(
            f"{name}: expected integers of shape (tokens, layers, width), got {array.dtype} of {array.shape}"
        )
    if shape is not None and array.shape[1:] != shape:
        raise InvalidTrace(f"{name}: shape {array.shape}, --axes says {shape[0]} layers of {shape[1]}")
    return array


def _shaped(content: bytes, name: str, shape: tuple[int, int] | None) -> NDArray[np.int32]:
    if shape is None:
        raise InvalidTrace(
            f"{name}: {len(content) // 4} numbers without a shape; say --axes tokens,LAYERS,WIDTH with the layers of the model "
            "and its experts per token"
        )
    if not content or len(content) % (4 * math.prod(shape)):
        raise InvalidTrace(
            f"{name}: {len(content)} bytes are no int32 of {shape[0]} layers and {shape[1]} experts"
        )
    return np.frombuffer(content, "<i4").reshape(-1, *shape)


def _object(record: Record, name: str) -> Record:
    value = record.get(name)
    return value if isinstance(value, dict) else {}
