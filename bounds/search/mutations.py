"""Small changes to a cycle, as an array of experts of shape (rounds, layers): so the order of the layers is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from paging.model import Instance, Page

Rounds = NDArray[np.int32]
Mutation = Callable[[Instance, Rounds, np.random.Generator], Rounds]


def rounds_of(instance: Instance, cycle: Sequence[Page]) -> Rounds:
    """A cycle of whole rounds, beginning at layer 0."""
    return (np.array(cycle, np.int32) % instance.experts).reshape(-1, instance.layers)


def flat(instance: Instance, rounds: Rounds) -> tuple[Page, ...]:
    """As page numbers."""
    first = np.arange(instance.layers, dtype=np.int32) * instance.experts
    return tuple((rounds + first).reshape(-1).tolist())


def random_rounds(instance: Instance, rng: np.random.Generator) -> Rounds:
    """A few rounds with few experts, so that pages come back."""
    experts = int(rng.integers(1, instance.experts + 1))
    return rng.integers(experts, size=(int(rng.integers(1, 9)), instance.layers), dtype=np.int32)


def change_expert(instance: Instance, rounds: Rounds, rng: np.random.Generator) -> Rounds:
    """Another expert at one place."""
    new = rounds.copy()
    place = int(rng.integers(len(new))), int(rng.integers(instance.layers))
    new[place] = rng.integers(instance.experts)
    return new


def insert_round(instance: Instance, rounds: Rounds, rng: np.random.Generator) -> Rounds:
    """A random round more."""
    at = int(rng.integers(len(rounds) + 1))
    return np.insert(rounds, at, rng.integers(instance.experts, size=instance.layers, dtype=np.int32), axis=0)


def delete_round(_: Instance, rounds: Rounds, rng: np.random.Generator) -> Rounds:
    """A round less; the last one stays."""
    if len(rounds) == 1:
        return rounds
    return np.delete(rounds, int(rng.integers(len(rounds))), axis=0)


def repeat_round(_: Instance, rounds: Rounds, rng: np.random.Generator) -> Rounds:
    """A round twice, the second time anywhere."""
    again = rounds[int(rng.integers(len(rounds)))]
    return np.insert(rounds, int(rng.integers(len(rounds) + 1)), again, axis=0)


def swap_rounds(_: Instance, rounds: Rounds, rng: np.random.Generator) -> Rounds:
    """Two rounds change places."""
    new = rounds.copy()
    i, j = rng.integers(len(new), size=2)
    new[[i, j]] = new[[j, i]]
    return new


def swap_experts(instance: Instance, rounds: Rounds, rng: np.random.Generator) -> Rounds:
    """Two experts of a layer change names in some rounds."""
    new = rounds.copy()
    layer = int(rng.integers(instance.layers))
    a, b = rng.integers(instance.experts, size=2)
    begin, end = np.sort(rng.integers(len(new) + 1, size=2))
    part = new[begin:end, layer]
    new[begin:end, layer] = np.where(part == a, b, np.where(part == b, a, part))
    return new


def splice(_: Instance, rounds: Rounds, rng: np.random.Generator) -> Rounds:
    """A stretch of rounds is copied over to another place."""
    begin, end = np.sort(rng.integers(len(rounds) + 1, size=2))
    at = int(rng.integers(len(rounds) + 1))
    return np.concatenate((rounds[:at], rounds[begin:end], rounds[at:]))


def shift_layer(instance: Instance, rounds: Rounds, rng: np.random.Generator) -> Rounds:
    """One layer's experts are asked a round later."""
    new = rounds.copy()
    layer = int(rng.integers(instance.layers))
    new[:, layer] = np.roll(new[:, layer], 1)
    return new


MUTATIONS: tuple[Mutation, ...] = (
    change_expert,
    insert_round,
    delete_round,
    repeat_round,
    swap_rounds,
    swap_experts,
    splice,
    shift_layer,
)
