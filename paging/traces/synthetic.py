"""Synthetic traces: Zipf popularity, stickiness from token to token, coupling from layer to layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidArgument
from paging.traces.trace import Trace


def zipf_weights(experts: int, exponent: float) -> NDArray[np.float64]:
    """Probabilities proportional to rank^-exponent for ranks 1..experts."""
    weights = np.arange(1, experts + 1, dtype=np.float64) ** -exponent
    return np.asarray(weights / weights.sum())


def synthetic(
    layers: int,
    experts: int,
    tokens: int,
    *,
    zipf: float = 1.0,
    stickiness: float = 0.0,
    coupling: float = 0.0,
    width: int = 1,
    rng: np.random.Generator,
) -> Trace:
    """A trace of ``tokens`` decode tokens, shape (tokens, layers, width), driven by ``rng`` alone.

    Each layer has a Zipf distribution with exponent ``zipf`` over a random permutation of its experts. With
    probability ``stickiness`` a layer repeats its previous set; else with probability ``coupling`` its set is the
    image of the previous layer's set under a fixed random permutation; else ``width`` distinct experts are drawn one after
    another with the layer's probabilities (Gumbel's trick). Raises InvalidArgument for values out of range.
    """
    for name, value in (("stickiness", stickiness), ("coupling", coupling)):
        if not 0 <= value <= 1:
            raise InvalidArgument(f"{name}: expected 0 to 1, got {value}")
    if not zipf >= 0:
        raise InvalidArgument(f"zipf: expected an exponent of at least 0, got {zipf}")
    for name, count in (("layers", layers), ("experts", experts), ("tokens", tokens)):
        if count < 1:
            raise InvalidArgument(f"{name}: expected at least 1, got {count}")
    if not 1 <= width <= experts:
        raise InvalidArgument(f"width: expected 1 to {experts}, got {width}")
    weights = zipf_weights(experts, zipf)
    routing = np.empty((tokens, layers, width), np.int32)
    for layer in range(layers):
        popularity, image = rng.permutation(experts), rng.permutation(experts)
        chosen = popularity[_draw(weights, tokens, width, rng)]
        if layer:
            coupled = rng.random(tokens) < coupling
            chosen[coupled] = image[routing[coupled, layer - 1]]
        fresh = rng.random(tokens) >= stickiness
        fresh[0] = True
        source = np.maximum.accumulate(np.where(fresh, np.arange(tokens), 0))
        routing[:, layer] = chosen[source]
    return Trace.from_array(routing, experts=experts, name="synthetic")


def _draw(
    weights: NDArray[np.float64], tokens: int, width: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Ranks of ``width`` distinct experts per token, shape (tokens, width), by successive draws."""
    if width == 1:
        return rng.choice(len(weights), size=(tokens, 1), p=weights)
    keys = np.log(weights) + rng.gumbel(size=(tokens, len(weights)))
    return np.argsort(-keys, axis=1)[:, :width]
