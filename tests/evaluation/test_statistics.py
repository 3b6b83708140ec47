"""Intervals and paired tests: against scipy's own, against known values, and against themselves."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import beta, binomtest, bootstrap, permutation_test

from eval.simulate import simulate
from qa.errors import EvalError
from qa.evaluation.statistics import (
    CONFIDENCE,
    ROUNDS,
    Comparison,
    Estimate,
    compare,
    estimate,
    holm,
    mcnemar,
    mean,
    paired_p,
    randomisation,
    smallest_difference,
    together,
)


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


# --- two runs


def graded(seed: int, n: int = 120, gain: float = 0.0) -> tuple[list[float], list[float]]:
    """Values of two runs that share most of what makes a question hard; the second is better by `gain`."""
    generator = np.random.default_rng(seed)
    first = generator.random(n)
    return list(first), list(first + generator.normal(gain, 0.1, n))


def test_a_comparison_of_a_worked_example() -> None:
    result = compare([0.5, None, 0.25, 1, 0.5, 0.5], [1, 1, None, 0.5, 0.75, 0.5])

    assert (result.n, result.wins, result.ties, result.losses) == (4, 2, 1, 1)
    assert result.difference == pytest.approx((0.5 - 0.5 + 0.25 + 0) / 4)
    assert result.test == "randomisation"
    # 5 of the 8 draws of signs for .5, -.5 and .25 are at least .25 away from zero: all.
    assert result.p == 1


def test_a_difference_has_the_interval_of_scipy() -> None:
    first, second = graded(5, gain=0.03)
    theirs = bootstrap(
        (np.subtract(second, first),), np.mean, n_resamples=10_000, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval

    result = compare(first, second)

    assert (result.low, result.high) == pytest.approx((theirs.low, theirs.high), abs=0.001)
    assert result.low is not None and result.high is not None and result.difference is not None
    assert result.low < result.difference < result.high


def test_equal_runs_compare_equal_and_the_other_way_round() -> None:
    first, second = graded(6, gain=0.02)
    there, back = compare(first, second), compare(second, first)

    assert there == compare(np.array(first), np.array(second))  # type: ignore[arg-type]
    assert (back.difference, back.wins, back.losses) == pytest.approx((-there.difference, there.losses, there.wins))  # type: ignore[operator]
    assert (back.p, back.smallest) == pytest.approx((there.p, there.smallest))


def test_equal_differences_are_no_certainty() -> None:
    better, same = compare([0.0] * 6, [1.0] * 6), compare([0.5] * 125, [0.5] * 125)

    seen = 0.025 ** (1 / 6)
    assert (better.p, better.low, better.high) == pytest.approx((2 / 2**6, seen - (1 - seen), 1))
    assert better.words() == "better by .08 to 1.00"
    seen = 0.025 ** (1 / 125)
    assert (same.p, same.low, same.high) == pytest.approx((1, -(1 - seen), 1 - seen))


def test_runs_without_a_common_question_have_no_difference() -> None:
    result = compare([None, 0.5], [0.5, None])

    assert result == Comparison(None, None, None, None, 0, 0, 0, 0, None, "randomisation")
    assert compare([], []) == result and paired_p([], []) is None
    assert not result.differs and result.words() == "no question has a value in both"


def test_runs_of_another_length_are_refused() -> None:
    with pytest.raises(EvalError, match="Runs of 1 and 2 questions cannot be compared"):
        compare([1.0], [1.0, 0.0])


# --- tests


@pytest.mark.parametrize("differences", [[0.5, 0.25, -0.125, 1.0, 0.5, 0.5, -0.25], [0.1] * 9, [0.3, -0.2, 0.0, 0.0]])
def test_randomisation_comes_near_all_draws_of_signs(differences: list[float]) -> None:
    seen = abs(sum(differences)) - 1e-9
    draws = [abs(sum(sign * d for sign, d in zip(signs, differences, strict=True))) >= seen
             for signs in product((1, -1), repeat=len(differences))]  # fmt: skip

    assert randomisation(np.array(differences)) == pytest.approx(sum(draws) / len(draws), abs=0.015)


def test_randomisation_is_that_of_scipy() -> None:
    differences = np.subtract(*reversed(graded(8, gain=0.02)))
    theirs = permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=9_999, rng=np.random.default_rng(1)
    )

    assert 0.005 < theirs.pvalue < 0.2
    assert randomisation(differences) == pytest.approx(theirs.pvalue, abs=0.01)


def test_a_difference_that_no_draw_reaches_is_still_not_impossible() -> None:
    assert randomisation(np.ones(60)) == 1 / (ROUNDS + 1)
    assert randomisation(np.zeros(60)) == randomisation(np.array([])) == 1


def test_questions_where_nothing_moved_change_no_p() -> None:
    differences = np.subtract(*reversed(graded(9, n=40, gain=0.02)))

    assert randomisation(np.concatenate([differences, np.zeros(500)])) == randomisation(differences)


@pytest.mark.parametrize(("wins", "losses"), [(0, 0), (5, 0), (6, 0), (12, 3), (7, 7), (2, 9), (1500, 1380)])
def test_mcnemar_is_the_binomial_test_over_what_differs(wins: int, losses: int) -> None:
    first, second = [0.0] * wins + [1.0] * losses + [1.0] * 20, [1.0] * wins + [0.0] * losses + [1.0] * 20

    theirs = binomtest(wins, wins + losses).pvalue if wins + losses else 1
    assert mcnemar(first, second) == pytest.approx(theirs)
    assert paired_p(first, second) == mcnemar(first, second)
    assert compare(first, second).test == "McNemar"


def test_holm_of_a_worked_example() -> None:
    # In order: .005 * 4, .01 * 3, .03 * 2, and .04 * 1, which may not fall below the one before it.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == [1, 1]
    assert holm([]) == []


def test_together_adjusts_what_was_tested() -> None:
    some, none = compare(*graded(10, gain=0.03)), compare([], [])
    adjusted = together({"a": replace(some, p=0.03), "b": replace(some, p=0.04), "c": none})

    assert {key: c.adjusted for key, c in adjusted.items()} == {"a": 0.06, "b": 0.06, "c": None}
    assert replace(some, p=0.03).differs and not adjusted["a"].differs


# --- what could have been seen


def test_the_smallest_difference_of_a_worked_example() -> None:
    # Standard deviation sqrt(1/3) of four differences; 1.960 + 0.842 standard errors of half of that.
    assert smallest_difference(np.array([0.5, -0.5, 0.5, -0.5])) == pytest.approx(
        2.8016 * math.sqrt(1 / 3) / 2, abs=1e-4
    )
    assert smallest_difference(np.array([0.5])) is smallest_difference(np.array([0.2, 0.2])) is None


@pytest.mark.slow
def test_the_smallest_difference_is_found_four_times_out_of_five() -> None:
    generator = np.random.default_rng(11)
    size = 2.8016 * 0.2 / math.sqrt(80)

    found = sum(randomisation(generator.normal(size, 0.2, 80)) < 0.05 for _ in range(300))

    assert 0.72 <= found / 300 <= 0.88


@pytest.mark.slow
def test_no_difference_is_found_about_as_often_as_it_says() -> None:
    ps = [paired_p(*graded(seed)) for seed in range(300)]

    assert 0.02 <= sum(p < 0.05 for p in ps if p is not None) / 300 <= 0.09


# --- words

SEEN = Comparison(0.065, 0.04, 0.09, 0.001, 125, 40, 70, 15, 0.036, "randomisation")


@pytest.mark.parametrize(
    ("comparison", "words"),
    [
        (SEEN, "better by .04 to .09"),
        (replace(SEEN, difference=-0.065, low=-0.09, high=-0.04), "worse by .04 to .09"),
        (replace(SEEN, low=-0.001), "better by up to .09"),
        (replace(SEEN, low=0.004, high=1.5), "better by .004 to 1.50"),
        (
            replace(SEEN, p=0.2, smallest=0.07),
            "too few questions to tell (differences under .07 cannot be seen with 125 questions)",
        ),
        (
            replace(SEEN, adjusted=0.051, n=1_250),
            "too few questions to tell (differences under .04 cannot be seen with 1,250 questions)",
        ),
        (replace(SEEN, p=1.0, n=1, ties=0, smallest=None), "too few questions to tell (1 question)"),
        (replace(SEEN, p=1.0, ties=125, smallest=None), "the same on 125 questions"),
    ],
)
def test_a_comparison_in_words(comparison: Comparison, words: str) -> None:
    assert comparison.words() == words


def test_where_less_is_better_the_words_turn_round() -> None:
    assert SEEN.words(less_is_better=True) == "worse by .04 to .09"
    assert replace(SEEN, difference=-0.065, low=-0.09, high=-0.04).words(less_is_better=True) == "better by .04 to .09"


# --- planted differences


@pytest.mark.slow
def test_a_planted_improvement_is_found_and_a_planted_nothing_is_not() -> None:
    values = list(np.random.default_rng(12).beta(2, 1, size=600))

    found = simulate(values, splits=100)

    assert (found.splits, found.questions) == (100, 300)
    assert found.planted >= 0.8 and found.nothing <= 0.1
    assert found.smallest is not None and 0.02 < found.smallest < 0.05
    assert found == simulate(values, splits=100)


@pytest.mark.parametrize("values", [[], [0.5], [0.97] * 50])
def test_an_improvement_needs_room(values: list[float]) -> None:
    with pytest.raises(EvalError, match="leave no room for an improvement of 0.05"):
        simulate(values)


@pytest.mark.slow
def test_the_simulation_of_a_finished_run(tmp_path: Path) -> None:
    lines = [json.dumps({"_id": f"q{n}", "metrics": {"mrr@10": n % 4 / 4, "map": None}}) for n in range(80)]
    (tmp_path / "records.jsonl").write_text("\n".join(lines))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "eval.simulate", str(tmp_path), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    done = run("--metric", "mrr@10", "--splits", "20")
    assert done.returncode == 0 and done.stdout.startswith(
        "mrr@10, 20 splits of 40 of 80 questions\nplanted 0.05: found in"
    )
    wrong = run("--metric", "map")
    assert wrong.returncode == 1 and "has no value of 'map'" in wrong.stderr and "Traceback" not in wrong.stderr
