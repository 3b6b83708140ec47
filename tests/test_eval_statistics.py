"""Intervals: against scipy's own bootstrap, against known bounds, and against themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta, bootstrap

from eval.statistics import CONFIDENCE, Estimate, estimate, mean


def test_the_mean_is_over_what_applies() -> None:
    result = estimate([1.0, None, 0.0, 0.5, None])

    assert (result.value, result.n) == (0.5, 3)
    assert mean([1.0, None, 0.0, 0.5, None]) == (0.5, 3)


@pytest.mark.parametrize("values", [[], [None, None]])
def test_nothing_that_applies_is_not_zero(values: list[float | None]) -> None:
    assert estimate(values) == Estimate(None, None, None, 0)
    assert mean(values) == (None, 0)


def test_the_interval_is_that_of_scipy() -> None:
    sample = np.random.default_rng(1).beta(2, 1, size=120)
    theirs = bootstrap((sample,), np.mean, n_resamples=10_000, method="percentile", rng=np.random.default_rng(2))

    result = estimate(sample)

    assert result.low == pytest.approx(theirs.confidence_interval.low, abs=0.003)
    assert result.high == pytest.approx(theirs.confidence_interval.high, abs=0.003)


def test_the_interval_of_a_half_is_the_binomial_one() -> None:
    result = estimate([0.0, 1.0] * 50)

    assert (result.low, result.high) == pytest.approx((0.40, 0.60), abs=0.011)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(3)
    samples = (generator.binomial(1, 0.7, size=80).astype(float) for _ in range(200))

    covered = sum(r.low <= 0.7 <= r.high for r in map(estimate, samples) if r.low is not None and r.high is not None)

    assert 0.89 <= covered / 200 <= 0.99


@pytest.mark.parametrize("n", [1, 15, 100])
def test_equal_values_are_no_certainty(n: int) -> None:
    right, wrong = estimate([1.0] * n), estimate([0.0] * n)

    bound = beta.ppf((1 - CONFIDENCE) / 2, n, 1)  # Clopper and Pearson, n successes in n trials
    assert (right.value, right.low, right.high) == pytest.approx((1, bound, 1))
    assert (wrong.value, wrong.low, wrong.high) == pytest.approx((0, 0, 1 - bound))


def test_equal_values_between_give_an_interval_around_them() -> None:
    result = estimate([0.5] * 30)

    assert result.low is not None and result.high is not None
    assert 0.4 < result.low < 0.5 < result.high < 0.6


def test_the_same_values_give_the_same_interval_at_any_size() -> None:
    sample = np.random.default_rng(4).random(3_000)  # more than one block of draws

    assert estimate(sample) == estimate(list(sample))
    assert 0 < estimate(sample).high - estimate(sample).low < 0.03  # type: ignore[operator]
