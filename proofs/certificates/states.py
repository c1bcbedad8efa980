"""States of certificates as text."""

from __future__ import annotations

from collections.abc import Sequence

from numpy import int64
from numpy.typing import NDArray

from paging.model import Instance


def state_text(labels: NDArray[int64], instance: Instance, empty: Sequence[int] = ()) -> str:
    """Labels (level * 16 + aux) by position as ``level.token``; layers apart by ``|``; then the levels of empty slots."""
    parts = [f"{label >> 4}.{token(label & 15)}" for label in labels.tolist()]
    n = instance.experts
    text = "|".join(" ".join(parts[i : i + n]) for i in range(0, len(parts), n))
    return text + ("#" + " ".join(map(str, empty)) if any(e <= instance.cache for e in empty) else "")


def token(aux: int) -> int:
    """Odd numbers for the cached pages (aux > 0), 0 for the others."""
    return 2 * aux - 1 if aux else 0
