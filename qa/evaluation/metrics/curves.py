"""How the share of wrong answers grows with the share of questions that are answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from qa.evaluation.metrics.answers import answer_correct
from qa.evaluation.metrics.base import Case, Record


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """What answering only the questions of at least this confidence would have given."""

    confidence: float
    coverage: float
    """Share of all questions that are answered."""
    risk: float
    """Share of those answers that are wrong."""


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """The curve from the surest answers to all, and the area under it."""

    points: tuple[RiskPoint, ...]
    """By falling confidence; the last one is the run as it was, and leaves out what was refused."""
    aurc: float | None
    """Mean risk over the answered questions, each at its own confidence; None where none was answered."""
    n: int
    """Questions of which is known whether an answer is right."""

    @property
    def coverage(self) -> float | None:
        """The share of questions that were answered: how far the curve reaches; None without questions."""
        return (self.points[-1].coverage if self.points else 0.0) if self.n else None


def risk_coverage(records: Iterable[Record], cases: Mapping[str, Case]) -> RiskCoverage:
    """The risk-coverage curve (El-Yaniv and Wiener 2010) of a run; `cases` are by query id.

    Confidence is the score of the first passage: an answer has none of its own. An answer is wrong when it is not
    `answer_correct`, or when the question has no answer in the articles. Equal confidences cannot be told apart and
    make one point. An AURC holds for the coverage that was reached: compare two only where that is about the same.
    """
    asked = [(record, wrong) for record in records if (wrong := _wrong(record, cases[record["_id"]])) is not None]
    answered = sorted(
        ((_confidence(record), wrong) for record, wrong in asked if not record["abstained"]), reverse=True
    )
    points, area, errors, count = [], 0.0, 0.0, 0
    for confidence, group in groupby(answered, key=lambda pair: pair[0]):
        wrongs = [wrong for _, wrong in group]
        errors, count = errors + sum(wrongs), count + len(wrongs)
        points.append(RiskPoint(confidence, count / len(asked), errors / count))
        area += len(wrongs) * errors / count
    return RiskCoverage(tuple(points), area / count if count else None, len(asked))


def _wrong(record: Record, case: Case) -> float | None:
    """1 for a wrong answer, 0 for a right one, None where nobody knows."""
    if case.query.answerable is False:
        return 1.0
    correct = answer_correct(record, case)
    return None if correct is None else 1 - correct


def _confidence(record: Record) -> float:
    return float(max((passage["score"] for passage in record["passages"][:1]), default=0.0))
