"""A routing trace: which experts each token asked of each layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from paging.errors import InvalidInstance, InvalidTrace
from paging.model import Instance, Requests, Semantics

Phase: TypeAlias = Literal["decode", "prefill", "all"]
Warmup: TypeAlias = int | Literal["prefill"]
"""What is served first and not counted: so many tokens, or the prompt."""

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Make one with :meth:`from_array` or read one with ``read_trace``.

    ``routing``: experts, shape (tokens, layers, width), each from 0 to experts - 1, read-only. ``decode``: True for tokens of
    the decoding phase, False for prefill, shape (tokens,). ``expert_bytes``: size of one expert of each layer, shape
    (layers,), or None. ``dropped_tokens``: incomplete tokens that the reader left out.
    """

    layers: int
    experts: int
    routing: NDArray[np.int32]
    decode: NDArray[np.bool_]
    expert_bytes: NDArray[np.int64] | None = None
    dropped_tokens: int = 0
    name: str = ""

    @classmethod
    def from_array(
        cls,
        routing: ArrayLike,
        *,
        experts: int | None = None,
        decode: ArrayLike | None = None,
        expert_bytes: ArrayLike | None = None,
        dropped_tokens: int = 0,
        name: str = "",
    ) -> Trace:
        """Check ``routing``, of shape (tokens, layers, width) or (tokens, layers), and build the trace.

        ``experts`` per layer: default the largest id + 1. ``decode``: default all tokens. Raises InvalidTrace, naming token
        and layer of the first fault.
        """
        where = name or "trace"
        array = np.asarray(routing)
        if array.ndim == 2:
            array = array[:, :, None]
        if array.ndim != 3 or 0 in array.shape:
            raise InvalidTrace(
                f"{where}: expected shape (tokens, layers, width) without zeros, got {np.shape(routing)}"
            )
        if not np.issubdtype(array.dtype, np.integer):
            raise InvalidTrace(f"{where}: expected integer expert ids, got {array.dtype}")
        if experts is None:
            experts = int(array.max()) + 1
        wrong = (array < 0) | (array >= experts)
        if wrong.any():
            token, layer, slot = (int(i) for i in np.argwhere(wrong)[0])
            raise InvalidTrace(
                f"{where}: token {token}, layer {layer}: expert {array[token, layer, slot]}, "
                f"expected 0 to {experts - 1}"
            )
        ordered = np.sort(array, axis=2)
        repeated = (ordered[:, :, 1:] == ordered[:, :, :-1]).any(axis=2)
        if repeated.any():
            token, layer = (int(i) for i in np.argwhere(repeated)[0])
            raise InvalidTrace(f"{where}: token {token}, layer {layer}: an expert is repeated in its set")
        tokens, layers, _ = array.shape
        is_decode = np.ones(tokens, np.bool_) if decode is None else decode
        try:
            Instance(layers, experts, 1)
        except InvalidInstance as error:
            raise InvalidTrace(f"{where}: {error}") from None
        return cls(
            layers,
            experts,
            _owned(np.array(array, np.int32, order="C"), array.shape, where),
            _owned(np.array(is_decode, np.bool_), (tokens,), f"{where}: decode"),
            None
            if expert_bytes is None
            else _owned(np.array(expert_bytes, np.int64), (layers,), f"{where}: expert_bytes"),
            dropped_tokens,
            name,
        )

    @property
    def tokens(self) -> int:
        """Number of tokens of both phases."""
        return len(self.routing)

    @property
    def width(self) -> int:
        """Experts per token and layer, m."""
        return int(self.routing.shape[2])

    def requests(
        self,
        phase: Phase = "decode",
        semantics: Semantics = "sequential",
        tokens: int | None = None,
        warmup: Warmup = 0,
    ) -> Requests:
        """The request sequence of one phase, or of the first ``tokens`` tokens of it.

        ``warmup``: the first so many of these tokens are not counted; or ``prefill``: the prompt is served before them, and
        not counted. Raises InvalidTrace when the phase has no tokens or none is left to count, or for a prompt that
        does not end before the first decoded token.
        """
        if warmup == "prefill":
            return self._after_the_prompt(phase, semantics, tokens)
        wanted = {
            "decode": self.decode,
            "prefill": ~self.decode,
            "all": np.ones(self.tokens, np.bool_),
        }
        chosen = self.routing[wanted[phase]]
        if not len(chosen):
            raise InvalidTrace(
                f"{self.name or 'trace'}: phase {phase}: expected at least one token, got none"
            )
        chosen = chosen[:tokens]
        if not 0 <= warmup < len(chosen):
            raise InvalidTrace(
                f"{self.name or 'trace'}: warm-up: expected fewer than the {len(chosen)} tokens of phase {phase}, got {warmup}"
            )
        first = np.arange(self.layers, dtype=np.int32)[:, None] * self.experts
        found = Requests.of(self.layers, self.experts, (chosen + first).reshape(-1, self.width), semantics)
        return found.warmed(len(found) // len(chosen) * warmup)

    def _after_the_prompt(self, phase: Phase, semantics: Semantics, tokens: int | None) -> Requests:
        where = f"{self.name or 'trace'}: warm-up prefill"
        prompt = int(np.count_nonzero(~self.decode))
        if phase == "prefill" or prompt == self.tokens:
            raise InvalidTrace(f"{where}: expected decoded tokens to count after the prompt, got none")
        if not prompt:
            raise InvalidTrace(
                f"{where}: expected tokens of the prompt, the trace has none; give a number of tokens instead"
            )
        if not self.decode[prompt:].all():
            late = int(np.flatnonzero(~self.decode)[-1])
            raise InvalidTrace(
                f"{where}: expected one prompt before all decoded tokens, token {late} is of a later one; "
                "give a number of tokens instead"
            )
        return self.requests("all", semantics, None if tokens is None else prompt + tokens, prompt)

    def sized(self, expert_bytes: Sequence[int]) -> Trace:
        """The same trace with the size of an expert: one for all layers, or one for each. Raises InvalidTrace."""
        if len(expert_bytes) not in (1, self.layers):
            raise InvalidTrace(
                f"{self.name or 'trace'}: sizes of experts: expected one, or one for each of {self.layers} layers, "
                f"got {len(expert_bytes)}"
            )
        sizes = np.resize(np.array(expert_bytes, np.int64), self.layers)
        return replace(self, expert_bytes=_owned(sizes, (self.layers,), "sizes of experts"))

    def page_bytes(self) -> NDArray[np.int64] | None:
        """Size of every page, shape (layers * experts,); None where sizes are unknown."""
        return None if self.expert_bytes is None else np.repeat(self.expert_bytes, self.experts)


def _owned(array: NDArray[Number], shape: tuple[int, ...], where: str) -> NDArray[Number]:
    """The array, made read-only; InvalidTrace unless it has the given shape."""
    if array.shape != shape:
        raise InvalidTrace(f"{where}: expected shape {shape}, got {array.shape}")
    array.flags.writeable = False
    return array
