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


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader did with a file that its user should know; ``phase``: the one whose tokens are concerned, None: all."""

    text: str
    phase: Literal["decode", "prefill"] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Make one with :meth:`from_array` or read one with ``read_trace``.

    ``routing``: experts, shape (tokens, layers, width), each from 0 to experts - 1, read-only. ``asked``: whether a token
    asks anything of a layer, shape (tokens, layers); where it does not, nothing is requested and the routing is -1.
    ``decode``: True for tokens of the decoding phase, False for prefill, shape (tokens,). ``expert_bytes``: size of one
    expert of each layer, shape (layers,), or None. ``dropped``: tokens with faulty rows that the reader left out, (of
    prefill, of decoding). ``notes``: what else the reader wants said.
    """

    layers: int
    experts: int
    routing: NDArray[np.int32]
    decode: NDArray[np.bool_]
    asked: NDArray[np.bool_]
    expert_bytes: NDArray[np.int64] | None = None
    dropped: tuple[int, int] = (0, 0)
    notes: tuple[Note, ...] = ()
    name: str = ""

    @classmethod
    def from_array(
        cls,
        routing: ArrayLike,
        *,
        experts: int | None = None,
        decode: ArrayLike | None = None,
        asked: ArrayLike | None = None,
        expert_bytes: ArrayLike | None = None,
        dropped: tuple[int, int] = (0, 0),
        notes: tuple[Note, ...] = (),
        name: str = "",
    ) -> Trace:
        """Check ``routing``, of shape (tokens, layers, width) or (tokens, layers), and build the trace.

        ``experts`` per layer: default the largest id + 1. ``decode``: default all tokens. ``asked``: default all layers of
        all tokens; what the routing holds elsewhere does not matter. Raises InvalidTrace, naming token and layer of the first
        fault.
        """
        where = name or "trace"
        array = np.asarray(routing)
        if array.ndim == 2:
            array = array[:, :, None]
        if array.ndim != 3 or 0 in array.shape:
            raise InvalidTrace(
                f"{where}: expected shape (tokens, layers, width) without zeros, got {np.shape(routing)}"
            )
        if array.dtype.kind not in "iu":
            raise InvalidTrace(f"{where}: expected integer expert ids, got {array.dtype}")
        cells = np.ones(array.shape[:2], np.bool_) if asked is None else np.array(asked)
        if cells.shape != array.shape[:2] or cells.dtype != np.bool_:
            raise InvalidTrace(
                f"{where}: asked: expected bool of shape {array.shape[:2]}, got {cells.dtype} of {cells.shape}"
            )
        if not cells.any():
            raise InvalidTrace(f"{where}: no token asks anything of any layer")
        if experts is None:
            experts = int(array[cells].max()) + 1
        wrong = ((array < 0) | (array >= experts)) & cells[:, :, None]
        if wrong.any():
            token, layer, slot = (int(i) for i in np.argwhere(wrong)[0])
            raise InvalidTrace(
                f"{where}: token {token}, layer {layer}: expert {array[token, layer, slot]}, "
                f"expected 0 to {experts - 1}"
            )
        ordered = np.sort(array, axis=2)
        repeated = (ordered[:, :, 1:] == ordered[:, :, :-1]).any(axis=2) & cells
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
            _owned(np.where(cells[:, :, None], array, -1).astype(np.int32, order="C"), array.shape, where),
            _owned(np.array(is_decode, np.bool_), (tokens,), f"{where}: decode"),
            _owned(cells, (tokens, layers), where),
            None
            if expert_bytes is None
            else _owned(np.array(expert_bytes, np.int64), (layers,), f"{where}: expert_bytes"),
            dropped,
            notes,
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
        number = np.flatnonzero(self.of_phase(phase))[:tokens]
        asked = self.asked[number]
        if not asked.any():
            raise InvalidTrace(
                f"{self.name or 'trace'}: phase {phase}: expected at least one token, got none"
            )
        if not 0 <= warmup < len(number) or not asked[warmup:].any():
            raise InvalidTrace(
                f"{self.name or 'trace'}: warm-up: expected fewer than the {len(number)} tokens of phase {phase}, got {warmup}"
            )
        first = np.arange(self.layers, dtype=np.int32)[:, None] * self.experts
        pages = (self.routing[number] + first)[asked]
        rounds = None if asked.all() else np.nonzero(asked)[0]
        found = Requests.of(self.layers, self.experts, pages, semantics, rounds=rounds)
        return found.warmed(int(np.count_nonzero(asked[:warmup])) * self.width)

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

    def of_phase(self, phase: Phase) -> NDArray[np.bool_]:
        """Which tokens are of that phase, shape (tokens,)."""
        if phase == "all":
            return np.ones(self.tokens, np.bool_)
        return self.decode if phase == "decode" else ~self.decode

    def dropped_tokens(self, phase: Phase = "all") -> int:
        """Tokens of that phase that the reader left out."""
        prefill, decode = self.dropped
        return prefill * (phase != "decode") + decode * (phase != "prefill")

    def warnings(self, phase: Phase = "all") -> list[str]:
        """What is to be known before the requests of that phase are believed; one line each."""
        said = [note.text for note in self.notes if phase == "all" or note.phase in (None, phase)]
        if dropped := self.dropped_tokens(phase):
            said.append(f"{dropped} tokens with faulty or cut off rows were dropped")
        chosen = self.of_phase(phase)
        if partial := int(np.count_nonzero(~self.asked[chosen].all(axis=1))):
            said.append(
                f"{partial} of {np.count_nonzero(chosen)} tokens lack layers, which are then not requested"
            )
        return said

    def page_bytes(self) -> NDArray[np.int64] | None:
        """Size of every page, shape (layers * experts,); None where sizes are unknown."""
        return None if self.expert_bytes is None else np.repeat(self.expert_bytes, self.experts)


def _owned(array: NDArray[Number], shape: tuple[int, ...], where: str) -> NDArray[Number]:
    """The array, made read-only; InvalidTrace unless it has the given shape."""
    if array.shape != shape:
        raise InvalidTrace(f"{where}: expected shape {shape}, got {array.shape}")
    array.flags.writeable = False
    return array
