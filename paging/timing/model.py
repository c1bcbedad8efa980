"""How long a token takes: the model."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from paging.errors import InvalidArgument


@dataclass(frozen=True, slots=True)
class Timing:
    """The machine. Times in seconds, ``bandwidth`` in bytes per second, all of them exact.

    1. A step is what must be in the cache together: an expert (sequential) or the set of a layer (atomic). Steps are computed
       in order, each once its experts are in the cache; a layer takes ``compute``, shared equally by the steps of the
       largest one.
    2. Loading an expert takes ``latency`` + bytes / ``bandwidth``, one load at a time; it needs a free slot from its start, and
       an expert leaves, in no time, only when no step that needs it is being computed.
    3. The experts of a layer are known when the layer before is done, or ``lookahead`` layers earlier; no load begins before.
    4. Without ``overlap`` nothing is loaded while something is computed. A load ahead is right with probability ``accuracy``;
       a wrong one occupies the channel as long, and the right one waits until the layer before is done.
    5. With ``elsewhere`` an expert that is not in the cache may be computed where it lies, which takes so much longer.

    Raises InvalidArgument for numbers outside their range.
    """

    bandwidth: Fraction
    latency: Fraction = Fraction(0)
    compute: Fraction = Fraction(0)
    overlap: bool = False
    lookahead: int = 0
    accuracy: Fraction = Fraction(1)
    elsewhere: Fraction | None = None

    def __post_init__(self) -> None:
        for name in ("bandwidth", "latency", "compute", "accuracy", "elsewhere"):
            value = getattr(self, name)
            if value is None and name == "elsewhere":
                continue
            if isinstance(value, bool) or not isinstance(value, int | Fraction):
                raise InvalidArgument(
                    f"{name}: expected an exact number, an int or a Fraction, got {value!r}"
                )
            object.__setattr__(self, name, Fraction(value))
        if self.bandwidth <= 0:
            raise InvalidArgument(f"bandwidth: expected a positive number, got {self.bandwidth}")
        for name in ("latency", "compute", "lookahead", "elsewhere"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise InvalidArgument(f"{name}: expected at least 0, got {value}")
        if not 0 <= self.accuracy <= 1:
            raise InvalidArgument(f"accuracy: expected 0 to 1, got {self.accuracy}")
        if self.lookahead and not self.overlap:
            raise InvalidArgument(
                "lookahead: expected overlap too; without it, loads ahead only move the waiting"
            )

    def load(self, size: int) -> Fraction:
        """Seconds that an expert of so many bytes takes."""
        return self.latency + size / self.bandwidth

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; exact numbers as strings."""
        return {
            "bandwidth": str(self.bandwidth),
            "latency": str(self.latency),
            "compute": str(self.compute),
            "overlap": self.overlap,
            "lookahead": self.lookahead,
            "accuracy": str(self.accuracy),
            "elsewhere": None if self.elsewhere is None else str(self.elsewhere),
        }
