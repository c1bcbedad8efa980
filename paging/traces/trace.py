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

    ``sizes``: experts in each set, shape (tokens, layers), the slots behind them being -1; None where all sets have the width.
    ``layer_ids``: the numbers that the model gives the layers, rising, shape (layers,). ``request``: which request a token is
    of, and ``step``: which pass through the model computed it, shape (tokens,); None where that is not known.
    ``checksum``: SHA-256 of what it was read from, unpacked, in hexadecimal; "" for a trace that was not read from a file.
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
    sizes: NDArray[np.int32] | None = None
    layer_ids: NDArray[np.int64] | None = None
    request: NDArray[np.int64] | None = None
    step: NDArray[np.int64] | None = None
    checksum: str = ""

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
        sizes: ArrayLike | None = None,
        layer_ids: ArrayLike | None = None,
        request: ArrayLike | None = None,
        step: ArrayLike | None = None,
    ) -> Trace:
        """Check ``routing``, of shape (tokens, layers, width) or (tokens, layers), and build the trace.

        ``experts`` per layer: default the largest id + 1. ``decode``: default all tokens. ``asked``: default all layers of
        all tokens; what the routing holds elsewhere does not matter. ``sizes``: so many experts in the first slots of each
        set, 0 for a layer of which a token asks nothing; says what ``asked`` says, and more. Raises InvalidTrace, naming token
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
        if array.dtype.kind not in "iu":
            raise InvalidTrace(f"{where}: expected integer expert ids, got {array.dtype}")
        cells, counts = _cells(array.shape, asked, sizes, where)
        if not cells.any():
            raise InvalidTrace(f"{where}: no token asks anything of any layer")
        filled = cells[:, :, None] if counts is None else np.arange(array.shape[2]) < counts[:, :, None]
        if experts is None:
            experts = int(np.max(array, initial=0, where=filled)) + 1
        wrong = ((array < 0) | (array >= experts)) & filled
        if wrong.any():
            token, layer, slot = (int(i) for i in np.argwhere(wrong)[0])
            raise InvalidTrace(
                f"{where}: token {token}, layer {layer}: expert {array[token, layer, slot]}, "
                f"expected 0 to {experts - 1}"
            )
        tokens, layers, width = array.shape
        try:
            Instance(layers, experts, 1)
        except InvalidInstance as error:
            raise InvalidTrace(f"{where}: {error}") from None
        owned = np.where(filled, array, -1).astype(np.int32, order="C")
        ordered = np.sort(owned if counts is None else np.where(filled, owned, -1 - np.arange(width)), axis=2)
        repeated = (ordered[:, :, 1:] == ordered[:, :, :-1]).any(axis=2) & cells
        if repeated.any():
            token, layer = (int(i) for i in np.argwhere(repeated)[0])
            raise InvalidTrace(f"{where}: token {token}, layer {layer}: an expert is repeated in its set")
        is_decode = np.ones(tokens, np.bool_) if decode is None else decode

        def numbers(given: ArrayLike | None, length: int, what: str) -> NDArray[np.int64] | None:
            return None if given is None else _owned(np.array(given, np.int64), (length,), f"{where}: {what}")

        return cls(
            layers,
            experts,
            _owned(owned, array.shape, where),
            _owned(np.array(is_decode, np.bool_), (tokens,), f"{where}: decode"),
            _owned(cells, (tokens, layers), where),
            numbers(expert_bytes, layers, "expert_bytes"),
            dropped,
            notes,
            name,
            None if counts is None else _owned(counts, (tokens, layers), where),
            _rising(numbers(layer_ids, layers, "layer_ids"), where),
            numbers(request, tokens, "request"),
            numbers(step, tokens, "step"),
        )

    @property
    def tokens(self) -> int:
        """Number of tokens of both phases."""
        return len(self.routing)

    @property
    def width(self) -> int:
        """Experts per token and layer, m; of the largest set, where they differ in size."""
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
        if self.sizes is None:
            found = Requests.of(self.layers, self.experts, pages, semantics, rounds=rounds)
            return found.warmed(int(np.count_nonzero(asked[:warmup])) * self.width)
        sizes = self.sizes[number]
        if semantics == "atomic" and len(np.unique(sizes[asked])) > 1:
            raise InvalidTrace(
                f"{self.name or 'trace'}: sets differ in size, which are asked for one expert after another: "
                "expected the semantics sequential"
            )
        pages = pages[np.arange(self.width) < sizes[asked][:, None]]
        found = Requests.of(self.layers, self.experts, pages, semantics, rounds=rounds, sizes=sizes[asked])
        return found.warmed(int(sizes[:warmup].sum()))

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

    def mean_page_bytes(self) -> float | None:
        """Size of a page, on average over the layers; None where sizes are unknown."""
        return None if self.expert_bytes is None else float(self.expert_bytes.mean())

    def one_size(self) -> bool:
        """Whether all pages have one size, which is known."""
        return self.expert_bytes is not None and len(set(self.expert_bytes.tolist())) == 1

    def page_bytes(self) -> NDArray[np.int64] | None:
        """Size of every page, shape (layers * experts,); None where sizes are unknown."""
        return None if self.expert_bytes is None else np.repeat(self.expert_bytes, self.experts)


def _cells(
    shape: tuple[int, ...], asked: ArrayLike | None, sizes: ArrayLike | None, where: str
) -> tuple[NDArray[np.bool_], NDArray[np.int32] | None]:
    """Which cells (token, layer) are asked, and the sizes of their sets; None where all have the width."""
    if sizes is not None:
        given = np.asarray(sizes)
        if given.shape != shape[:2] or given.dtype.kind not in "iu":
            raise InvalidTrace(
                f"{where}: sizes: expected integers of shape {shape[:2]}, got {given.dtype} of {given.shape}"
            )
        if (given < 0).any() or (given > shape[2]).any():
            raise InvalidTrace(f"{where}: sizes: expected 0 to {shape[2]} experts in a set")
        cells = given > 0
        return cells, None if (given[cells] == shape[2]).all() else given.astype(np.int32)
    cells = np.ones(shape[:2], np.bool_) if asked is None else np.array(asked)
    if cells.shape != shape[:2] or cells.dtype != np.bool_:
        raise InvalidTrace(
            f"{where}: asked: expected bool of shape {shape[:2]}, got {cells.dtype} of {cells.shape}"
        )
    return cells, None


def _rising(layer_ids: NDArray[np.int64] | None, where: str) -> NDArray[np.int64] | None:
    """The numbers of the layers; None where they are 0, 1, 2, … Raises InvalidTrace unless they rise from 0 or more."""
    if layer_ids is not None and np.array_equal(layer_ids, np.arange(len(layer_ids))):
        return None
    if layer_ids is not None and ((np.diff(layer_ids) <= 0).any() or layer_ids[0] < 0):
        raise InvalidTrace(f"{where}: layer_ids: expected rising numbers from 0 on")
    return layer_ids


def _owned(array: NDArray[Number], shape: tuple[int, ...], where: str) -> NDArray[Number]:
    """The array, made read-only; InvalidTrace unless it has the given shape."""
    if array.shape != shape:
        raise InvalidTrace(f"{where}: expected shape {shape}, got {array.shape}")
    array.flags.writeable = False
    return array
