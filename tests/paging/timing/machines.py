"""Small machines with small traces, drawn at random."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from paging.model import Instance, Requests
from paging.timing.clock import Clock, clock
from paging.timing.model import Timing
from paging.traces.synthetic import synthetic


@dataclass(frozen=True)
class Machine:
    """Loading an expert of layer j takes ``sizes[j]`` ticks: the bandwidth is 1 byte per second."""

    instance: Instance
    requests: Requests
    sizes: NDArray[np.int64]
    timing: Timing

    @property
    def clock(self) -> Clock:
        return clock(self.requests, self.sizes, self.timing)

    @property
    def loads(self) -> NDArray[np.int64]:
        """Ticks of every page."""
        return np.repeat(self.sizes, self.instance.experts)


@st.composite
def machines(
    draw: st.DrawFn, /, pages: int = 6, requests: int = 8, warmup: bool = False, **fixed: Any
) -> Machine:
    """With at most so many pages and about so many requests; ``fixed``: fields of the timing."""
    layers = draw(st.integers(1, 3))
    experts = draw(st.integers(1, pages // layers))
    width = draw(st.integers(1, min(2, experts)))
    tokens = draw(st.integers(1, max(1, requests // (layers * width))))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    asked = synthetic(
        layers, experts, tokens, width=width, zipf=draw(st.sampled_from([0.0, 1.0])), rng=rng
    ).requests(
        semantics=draw(st.sampled_from(["sequential", "atomic"])),
        warmup=draw(st.integers(0, tokens - 1)) if warmup else 0,
    )
    cache = draw(st.integers(asked.batch, layers * experts))
    one_size = draw(st.booleans())
    sizes = (
        [draw(st.integers(1, 4))] * layers if one_size else [draw(st.integers(1, 4)) for _ in range(layers)]
    )
    overlap = fixed.get("overlap", draw(st.booleans()))
    drawn = {
        "bandwidth": Fraction(1),
        "compute": Fraction(draw(st.integers(1, 3))) * (width // asked.batch),
        "overlap": overlap,
        "lookahead": draw(st.integers(0, 3)) if overlap else 0,
        "accuracy": draw(st.sampled_from([Fraction(1), Fraction(1, 2)])),
        "elsewhere": draw(st.sampled_from([None, *map(Fraction, range(5))])),
    }
    return Machine(Instance(layers, experts, cache), asked, np.array(sizes), Timing(**{**drawn, **fixed}))
