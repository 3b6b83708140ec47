"""Intervals of means over a sample of questions, and paired tests of whether two runs differ."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from qa.errors import EvalError

Array = NDArray[np.float64]
Key = TypeVar("Key")

ROUNDS = 10_000
SEED = 20170119
CONFIDENCE = 0.95
ALPHA = 1 - CONFIDENCE
POWER = 0.8
_BLOCK = 1_000_000  # Numbers drawn at a time: a few megabytes for any number of questions.
_EQUAL = 1e-9  # Values that differ by less are the same number, summed in another order.


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95% interval, as expected for other questions of the same kind."""

    value: float | None
    """None if no question counts; never zero because data is missing."""
    low: float | None
    high: float | None
    n: int
    """The number of questions in the mean."""


def mean(values: Iterable[float | None]) -> tuple[float | None, int]:
    """The mean of the values that are not None (None if there are none), and their number."""
    kept = [value for value in values if value is not None]
    return (sum(kept) / len(kept) if kept else None), len(kept)


def estimate(values: Iterable[float | None]) -> Estimate:
    """The mean of those values, each from 0 to 1, that are not None, with its 95% percentile bootstrap interval.

    10,000 rounds from a fixed seed, so that equal values give equal intervals. If all values are equal, resampling says
    nothing; the interval is then the exact one for what was not seen in n draws (Clopper and Pearson 1934). 15 right
    out of 15 gives .78 to 1, not certainty.
    """
    sample = np.array([value for value in values if value is not None], dtype=np.float64)
    if not len(sample):
        return Estimate(None, None, None, 0)
    low, high = _interval(sample, least=0)
    return Estimate(float(sample.mean()), low, high, len(sample))


def _interval(sample: Array, least: float) -> tuple[float, float]:
    """The 95% interval of the mean of numbers from `least` to 1."""
    if np.ptp(sample) > _EQUAL:
        return _bootstrap(sample)
    # All draws are equal: a share of up to 1 - seen may have any value.
    seen = float((ALPHA / 2) ** (1 / len(sample)))
    known, rest = float(sample[0]) * seen, 1 - seen
    return known + least * rest, known + rest


def _bootstrap(sample: Array) -> tuple[float, float]:
    from scipy.stats import bootstrap  # takes a second to load, and most commands need no intervals

    drawn = bootstrap(
        (sample,),
        np.mean,
        n_resamples=ROUNDS,
        batch=max(1, _BLOCK // len(sample)),
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(SEED),
    )
    return float(drawn.confidence_interval.low), float(drawn.confidence_interval.high)


# --- two runs --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a second run differs from a first on the questions where both have a value."""

    difference: float | None
    """Mean of second minus first; None if no question counts."""
    low: float | None
    """The 95% interval of the difference, computed like that of `estimate`."""
    high: float | None
    p: float | None
    """How often chance produces a difference this large between equally good runs."""
    n: int
    """Questions where both have a value."""
    wins: int
    """Questions where the second run has the higher value."""
    ties: int
    losses: int
    smallest: float | None
    """The smallest difference that this many questions detect 4 times out of 5; None if they do not vary."""
    test: Literal["randomisation", "McNemar"]
    """The test behind `p`: McNemar's exact test if all values are 0 or 1."""
    adjusted: float | None = None
    """`p` after Holm's adjustment, if it is one of several comparisons; see `together`."""

    @property
    def differs(self) -> bool:
        """True when the difference is significant at 5%."""
        p = self.p if self.adjusted is None else self.adjusted
        return p is not None and p < ALPHA

    def words(self, *, less_is_better: bool = False) -> str:
        """The comparison in words, such as "better by .04 to .09"."""
        if self.difference is None or self.low is None or self.high is None:
            return "no question has a value in both"
        if not self.differs:
            return self._undecided()
        better = (self.difference > 0) != less_is_better
        near, far = (self.low, self.high) if self.difference > 0 else (self.high, self.low)
        # Interval and test are separate calculations: near 5% they may disagree.
        amount = f"{_short(near)} to {_short(far)}" if near * far > 0 else f"up to {_short(far)}"
        return f"{'better' if better else 'worse'} by {amount}"

    def _undecided(self) -> str:
        questions = f"{self.n:,} question{'s' if self.n != 1 else ''}"
        if self.ties == self.n:
            return f"the same on {questions}"
        if self.smallest is None:
            return f"too few questions to tell ({questions})"
        return f"too few questions to tell (differences under {_short(self.smallest)} cannot be seen with {questions})"


def _short(value: float) -> str:
    """An amount as people write it: .04, .004, 1.25."""
    text = f"{abs(value):.2f}"
    return (text if float(text) else f"{abs(value):.3f}").removeprefix("0")


def compare(first: Sequence[float | None], second: Sequence[float | None]) -> Comparison:
    """Compares the second run with the first: each has a value from 0 to 1 per question, in the same order.

    A question without a value in both does not count. Equal values give equal comparisons, because the seed is fixed.
    Raises EvalError if the lengths differ.
    """
    pairs = _paired(first, second)
    differences, n = pairs[:, 1] - pairs[:, 0], len(pairs)
    wins, losses = int((differences > _EQUAL).sum()), int((differences < -_EQUAL).sum())
    low, high = _interval(differences, least=-1) if n else (None, None)
    return Comparison(
        difference=float(differences.mean()) if n else None,
        low=low,
        high=high,
        p=_p(pairs) if n else None,
        n=n,
        wins=wins,
        ties=n - wins - losses,
        losses=losses,
        smallest=smallest_difference(differences),
        test="McNemar" if _are_hits(pairs) else "randomisation",
    )


def together(comparisons: Mapping[Key, Comparison]) -> dict[Key, Comparison]:
    """The same comparisons with `adjusted`: p adjusted for their number (Holm)."""
    tested = {key: comparison.p for key, comparison in comparisons.items() if comparison.p is not None}
    adjusted = dict(zip(tested, holm(list(tested.values())), strict=True))
    return {key: replace(comparison, adjusted=adjusted.get(key)) for key, comparison in comparisons.items()}


def paired_p(first: Sequence[float | None], second: Sequence[float | None]) -> float | None:
    """Only the p of `compare`: McNemar's if all values are 0 or 1, else by randomisation; None without pairs."""
    pairs = _paired(first, second)
    return _p(pairs) if len(pairs) else None


def _paired(first: Sequence[float | None], second: Sequence[float | None]) -> Array:
    """The values of the questions with a value in both runs: questions x 2."""
    if len(first) != len(second):
        raise EvalError(f"Runs of {len(first):,} and {len(second):,} questions cannot be compared.")
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    return np.array(pairs, dtype=np.float64).reshape(-1, 2)


def _p(pairs: Array) -> float:
    first, second = pairs[:, 0], pairs[:, 1]
    return mcnemar(first, second) if _are_hits(pairs) else randomisation(second - first)


def _are_hits(pairs: Array) -> bool:
    return len(pairs) > 0 and bool(np.isin(pairs, (0, 1)).all())


# --- tests -----------------------------------------------------------------------------------------------------------


def randomisation(differences: Array) -> float:
    """Two-sided p of the paired randomisation test (Fisher 1935; for retrieval, Smucker et al. 2007).

    If the runs are equally good, each difference could have either sign. p is the share of 10,000 draws of signs, from
    a fixed seed, whose mean is at least as far from zero; the observed signs count as one more draw.
    """
    moved = differences[np.abs(differences) > _EQUAL]  # A zero stays one with either sign.
    seen = abs(moved.sum()) - _EQUAL
    # The sum with the signs drawn is twice the sum of those drawn positive, less the sum of all.
    sums = (2 * (positive @ moved) - moved.sum() for positive in _coins(len(moved)))
    count = sum(int((np.abs(drawn) >= seen).sum()) for drawn in sums)
    return (count + 1) / (ROUNDS + 1)


def mcnemar(first: Iterable[float], second: Iterable[float]) -> float:
    """Two-sided p of McNemar's exact test (1947) on values 0 or 1: binomial over questions where the runs differ."""
    from scipy.stats import binomtest

    moved = [b > a for a, b in zip(first, second, strict=True) if a != b]
    return float(binomtest(sum(map(bool, moved)), len(moved)).pvalue) if moved else 1.0


def holm(ps: Sequence[float]) -> list[float]:
    """The ps adjusted for their number (Holm 1979), in the same order: those under .05 are significant together."""
    adjusted, highest = [0.0] * len(ps), 0.0
    for place, index in enumerate(sorted(range(len(ps)), key=lambda index: ps[index])):
        highest = max(highest, min(1.0, ps[index] * (len(ps) - place)))
        adjusted[index] = highest
    return adjusted


def smallest_difference(differences: Array) -> float | None:
    """The smallest true mean difference that a two-sided test at 5% finds with power .8, given these differences.

    (z(.975) + z(.8)) * s / sqrt(n), with s their standard deviation: 2.80 standard errors (Cohen 1988). This is for one
    comparison; several need more. None if there are fewer than two differences, or if all are equal.
    """
    spread = float(differences.std(ddof=1)) if len(differences) > 1 else 0.0
    if spread < _EQUAL:
        return None
    normal = NormalDist()
    return (normal.inv_cdf(1 - ALPHA / 2) + normal.inv_cdf(POWER)) * spread / math.sqrt(len(differences))


# --- draws -----------------------------------------------------------------------------------------------------------


def _coins(n: int) -> Iterator[NDArray[np.uint8]]:
    """Zeros and ones: 10,000 rows of n, some rows at a time. scipy's permutation_test takes five times as long."""
    generator, block = np.random.default_rng(SEED), max(1, _BLOCK // max(n, 1))
    for done in range(0, ROUNDS, block):
        rows = min(block, ROUNDS - done)
        bits = np.frombuffer(generator.bytes(rows * n // 8 + 1), dtype=np.uint8)
        yield np.unpackbits(bits, count=rows * n).reshape(rows, n)
