"""What a mean over a sample of questions is worth: bootstrap intervals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROUNDS = 10_000
SEED = 20170119
CONFIDENCE = 0.95
_BLOCK = 1_000_000  # Indices drawn at a time: 8 MB, whatever the number of questions.


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, and the 95% interval in which it would fall with other questions of the same kind."""

    value: float | None
    """None where no question counts; never zero for want of data."""
    low: float | None
    high: float | None
    n: int
    """Over how many questions the mean is."""


def mean(values: Iterable[float | None]) -> tuple[float | None, int]:
    """The mean of those values that are not None, None where there are none, and how many there are."""
    kept = [value for value in values if value is not None]
    return (sum(kept) / len(kept) if kept else None), len(kept)


def estimate(values: Iterable[float | None]) -> Estimate:
    """The mean of those values, each from 0 to 1, that are not None, with its 95% percentile bootstrap interval.

    10,000 rounds from a fixed seed, so that equal values give equal intervals. Where all values are equal there is
    nothing to resample: the interval is then the exact one for what was not seen in n draws (Clopper and Pearson
    1934), so that 15 right out of 15 reads as .78 to 1 and not as certainty.
    """
    sample = np.array([value for value in values if value is not None], dtype=np.float64)
    if not len(sample):
        return Estimate(None, None, None, 0)
    low, high = _unseen(float(sample[0]), len(sample)) if np.all(sample == sample[0]) else _bootstrap(sample)
    return Estimate(float(sample.mean()), low, high, len(sample))


def _unseen(value: float, n: int) -> tuple[float, float]:
    """Bounds of the mean when n draws all gave `value`: a share of up to 1 - seen may lie anywhere from 0 to 1."""
    seen = ((1 - CONFIDENCE) / 2) ** (1 / n)
    return value * seen, value * seen + 1 - seen


def _bootstrap(sample: NDArray[np.float64]) -> tuple[float, float]:
    generator, n = np.random.default_rng(SEED), len(sample)
    rounds = max(1, _BLOCK // n)
    means = [
        sample[generator.integers(n, size=(min(rounds, ROUNDS - done), n))].mean(axis=1)
        for done in range(0, ROUNDS, rounds)
    ]
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(np.concatenate(means), [tail, 100 - tail])
    return float(low), float(high)
