from __future__ import annotations

import numpy as np
import pytest

from paging.errors import InvalidArgument, InvalidTrace
from paging.traces.synthetic import synthetic, zipf_weights
from paging.traces.trace import Trace


def test_driven_by_the_seed_alone() -> None:
    one, two, three = (synthetic(3, 5, 20, rng=np.random.default_rng(s)).routing.tolist() for s in (1, 1, 2))
    assert one == two != three


def test_popularity_is_zipf() -> None:
    """With exponent 1 and 4 experts the probabilities are 12, 6, 4, 3 out of 25."""
    trace = synthetic(1, 4, 100_000, zipf=1.0, rng=np.random.default_rng(0))
    counts = np.sort(np.bincount(trace.routing.ravel()))[::-1] / 100_000
    assert np.allclose(counts, np.array([12, 6, 4, 3]) / 25, atol=0.01)
    assert np.allclose(zipf_weights(4, 0.0), 0.25)


def test_stickiness_repeats_the_layers_last_set() -> None:
    """A repetition has probability q + (1 - q) sum p^2."""
    trace = synthetic(2, 8, 50_000, zipf=0.0, stickiness=0.5, rng=np.random.default_rng(0))
    repeats = (trace.routing[1:] == trace.routing[:-1]).mean()
    assert abs(repeats - (0.5 + 0.5 / 8)) < 0.01


def test_full_coupling_makes_layers_functions_of_each_other() -> None:
    trace = synthetic(3, 6, 2000, coupling=1.0, width=2, rng=np.random.default_rng(0))
    for layer in (1, 2):
        seen: dict[int, int] = {}
        for before, now in zip(
            trace.routing[:, layer - 1].ravel(), trace.routing[:, layer].ravel(), strict=True
        ):
            assert seen.setdefault(int(before), int(now)) == now


def test_sets_have_distinct_experts() -> None:
    trace = synthetic(2, 4, 500, width=4, rng=np.random.default_rng(0))
    assert (np.sort(trace.routing, axis=2) == np.arange(4)).all()


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"stickiness": 1.5}, "stickiness: expected 0 to 1"),
        ({"coupling": -0.1}, "coupling: expected 0 to 1"),
        ({"zipf": -1.0}, "zipf: expected an exponent of at least 0"),
        ({"zipf": float("nan")}, "zipf"),
        ({"width": 5}, "width: expected 1 to 4"),
        ({"tokens": 0}, "tokens: expected at least 1"),
    ],
)
def test_values_out_of_range(bad: dict[str, float], said: str) -> None:
    arguments = {"layers": 2, "experts": 4, "tokens": 3, "rng": np.random.default_rng(0), **bad}
    with pytest.raises(InvalidArgument, match=said):
        synthetic(**arguments)  # type: ignore[arg-type]


def test_a_phase_without_tokens() -> None:
    with pytest.raises(InvalidTrace, match="phase prefill: expected at least one token"):
        Trace.from_array([[0]]).requests("prefill")
