"""Simulates how often the paired test finds a planted improvement, and a false one: `python -m eval.simulate`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from qa.errors import EvalError, QAError
from qa.evaluation.metrics import metric_named
from qa.evaluation.statistics import ALPHA, Array, paired_p, smallest_difference

SEED = 20170119


@dataclass(frozen=True, slots=True)
class Found:
    """The share of splits in which a difference was found, at 5%."""

    planted: float
    """The power: of splits with an improvement."""
    nothing: float
    """The false alarms: of splits between two equally good runs."""
    splits: int
    questions: int
    """In each split."""
    smallest: float | None
    """The smallest difference that such splits detect 4 times out of 5 (median over splits)."""


def simulate(
    values: Sequence[float], *, improvement: float = 0.05, changed: float = 0.2, share: float = 0.5, splits: int = 200
) -> Found:
    """How often `paired_p` finds an improvement of that size, and none, between a run and a made-up second one.

    Each split is a random part of the questions with their values, from 0 to 1. The second run gives a share
    `changed` of them the value of some other question, which makes it neither better nor worse but different, as a
    new splitter would. With an improvement, questions drawn by chance are then answered perfectly until the mean is
    expected to be that much higher. Deterministic. Raises EvalError where the values leave no room for that.
    """
    sample = np.array(values, dtype=np.float64)
    questions = int(len(sample) * share)
    if questions < 2 or sample.mean() + improvement > 1:
        raise EvalError(f"{len(sample)} values leave no room for an improvement of {improvement:g}.")
    generator = np.random.default_rng(SEED)
    planted, nothing, smallest = [], [], []
    for _ in range(splits):
        first = generator.permutation(sample)[:questions]
        same = _changed(generator, first, sample, changed)
        better = _improved(generator, same, improvement / (1 - sample.mean()))
        nothing.append(_is_found(first, same))
        planted.append(_is_found(first, better))
        smallest.append(smallest_difference(better - first))
    seen = [size for size in smallest if size is not None]
    middle = float(np.median(seen)) if seen else None
    return Found(sum(planted) / splits, sum(nothing) / splits, splits, questions, middle)


def _changed(generator: np.random.Generator, values: Array, others: Array, share: float) -> Array:
    return np.where(generator.random(len(values)) < share, generator.choice(others, len(values)), values)


def _improved(generator: np.random.Generator, values: Array, share: float) -> Array:
    return np.where(generator.random(len(values)) < share, 1.0, values)


def _is_found(first: Array, second: Array) -> bool:
    p = paired_p(list(first), list(second))
    return p is not None and p < ALPHA


def main() -> None:
    """Prints both shares for a metric of a finished run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="folder of a finished run")
    parser.add_argument("--metric", default="ndcg@10")
    parser.add_argument("--improvement", type=float, default=0.05)
    parser.add_argument("--changed", type=float, default=0.2, help="share of questions that differ by chance")
    parser.add_argument("--share", type=float, default=0.5, help="share of the questions in each split")
    parser.add_argument("--splits", type=int, default=200)
    given = parser.parse_args()
    console = Console()
    try:
        values = _values(given.run / "records.jsonl", metric_named(given.metric).name)
        found = simulate(
            values, improvement=given.improvement, changed=given.changed, share=given.share, splits=given.splits
        )
    except QAError as error:
        raise SystemExit(str(error)) from None
    console.print(f"{given.metric}, {found.splits} splits of {found.questions:,} of {len(values):,} questions")
    console.print(f"planted {given.improvement:g}: found in {found.planted:.1%} of splits")
    console.print(f"planted nothing: found in {found.nothing:.1%} of splits (false alarms; 5% are allowed)")
    if found.smallest is not None:
        console.print(f"smallest difference seen 4 times out of 5: {found.smallest:.3f}")


def _values(path: Path, metric: str) -> list[float]:
    try:
        scores = [json.loads(line)["metrics"].get(metric) for line in path.read_text("utf-8").splitlines()]
    except OSError as error:
        raise EvalError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError):
        raise EvalError(f"{path} is not the records of a finished run.") from None
    values = [value for value in scores if value is not None]
    if not values:
        raise EvalError(f"{path} has no value of '{metric}'. Score the run by it first.")
    return values


if __name__ == "__main__":
    main()
