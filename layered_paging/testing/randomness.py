"""Randomness that no seed of ours governs: the global generators, and generators made without a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


@contextmanager
def uses_of_unseeded_randomness() -> Iterator[list[str]]:
    """The list is filled with what the body used, in words; complete when the body is left.

    The global generators are compared before and after. A fresh ``np.random.default_rng()`` is noticed where it is made by that
    name; other generators without a seed show only in runs that differ.
    """
    found: list[str] = []
    original = np.random.default_rng
    before = random.getstate(), _numpy_state()

    def noticing(seed: Any = None) -> np.random.Generator:
        if seed is None and not found:
            found.append("numpy.random.default_rng() without a seed")
        return original(seed)

    np.random.default_rng = noticing
    try:
        yield found
    finally:
        np.random.default_rng = original
        if random.getstate() != before[0]:
            found.append("the global generator of the module random")
        if _numpy_state() != before[1]:
            found.append("the global generator of numpy.random")


def _numpy_state() -> tuple[Any, ...]:
    state: Any = np.random.get_state(legacy=True)
    return state[0], state[1].tobytes(), *state[2:]
