"""States as the format writes them, for forgers: labels by position, and what a request does to them, legal or not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
Label = tuple[int, int]


@dataclass(frozen=True)
class Claim:
    """What a certificate is wanted for; with kind and policy it is false."""

    layers: int
    experts: int
    slots: int
    ratio: str

    def document(self, kind: str, **more: Any) -> Document:
        return {
            "format": "layered-paging certificate", "version": 1, "kind": kind, "ratio": self.ratio,
            "layers": self.layers, "experts": self.experts, "cache": self.slots, **more,
        }  # fmt: skip


@dataclass(frozen=True)
class Board:
    """Labels, sorted in each layer from the one whose turn it is; levels of OPT's unused slots."""

    claim: Claim
    labels: tuple[Label, ...]
    empty: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        n = self.claim.experts
        rows = [self.labels[i : i + n] for i in range(0, len(self.labels), n)]
        text = "|".join(" ".join(f"{level}.{token}" for level, token in row) for row in rows)
        return text + ("#" + " ".join(map(str, self.empty)) if self.empty else "")

    def firsts(self) -> list[int]:
        """Positions of the layer whose turn it is, one for each label."""
        return sorted({self.labels.index(label) for label in self.labels[: self.claim.experts]})

    def cached(self) -> list[int]:
        return [i for i, (_, token) in enumerate(self.labels) if token & 1]

    def grown(self, position: int, tokens: Iterable[int]) -> tuple[int, Board]:
        """After a request of ``position``, with these tokens, wherever it is; the growth of OPT."""
        k, at = self.claim.slots, self.labels[position][0]
        limit = at if at <= k else 1

        def up(level: int) -> int:
            return level + 1 if level <= limit else level

        labels = [(up(level), token) for (level, _), token in zip(self.labels, tokens, strict=True)]
        labels[position] = (1, labels[position][1])
        n = self.claim.experts
        return int(at > k), ordered(self.claim, labels[n:] + labels[:n], map(up, self.empty))


def ordered(claim: Claim, labels: Iterable[Label], empty: Iterable[int] = ()) -> Board:
    row, n, unused = list(labels), claim.experts, tuple(sorted(empty))
    for i in range(0, len(row), n):
        row[i : i + n] = sorted(row[i : i + n])
    return Board(claim, tuple(row), unused if unused and unused[0] <= claim.slots else ())


def start(claim: Claim, full: bool, tokens: Iterable[int] | None = None) -> Board:
    """Full: page x_i, requested i requests ago, in L_i and in the cache; else nothing was requested."""
    k, l, n = claim.slots, claim.layers, claim.experts
    labels = [(k + 1, 0)] * (l * n)
    for i in range(1, k + 1) if full else ():
        labels[-i % l * n + (i - 1) // l] = (i, 1)
    if tokens is not None:
        labels = [(level, token) for (level, _), token in zip(labels, tokens, strict=True)]
    return ordered(claim, labels, () if full else range(1, k + 1))
