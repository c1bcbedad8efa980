"""Confidence intervals for the mean of independent repetitions."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 1 - 1e-6
"""Of each single interval: verify makes thousands of them, and should not cry wolf once in a hundred runs."""


def mean_intervals(
    samples: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ends of normal-approximation intervals at level CONFIDENCE for means of misses.

    ``samples`` has shape (repetitions, quantities), at least 30 repetitions. The standard error is taken to be no
    less than one miss in one repetition, so that equal samples do not pass for certainty.
    """
    repetitions = len(samples)
    error = np.maximum(np.std(samples, axis=0, ddof=1) / repetitions**0.5, 1 / repetitions)
    reach = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * error
    mean = np.mean(samples, axis=0)
    return mean - reach, mean + reach


def verdict(low: float, high: float) -> bool | None:
    """A claim says slack >= 0: False if the interval lies below 0, True if at or above 0, None if it straddles."""
    if high < 0:
        return False
    return True if low >= 0 else None
