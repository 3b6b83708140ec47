"""What a run's confidence is worth: the risk-coverage curve, and confidence against truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean

from qa.evaluation.metrics.answers import answer_correct
from qa.evaluation.metrics.base import Case, Record


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """The result of answering only questions of at least this confidence."""

    confidence: float
    coverage: float
    """Share of all questions that are answered."""
    risk: float
    """Share of those answers that are wrong."""


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """The curve from the most confident answers to all answers, and the area under it."""

    points: tuple[RiskPoint, ...]
    """By falling confidence; the last point is the run itself, without refusals."""
    aurc: float | None
    """Mean risk over the answered questions, each at its own confidence; None if none was answered."""
    n: int
    """Questions whose answers are known to be right or wrong."""

    @property
    def coverage(self) -> float | None:
        """The share of questions that were answered, where the curve ends; None without questions."""
        return (self.points[-1].coverage if self.points else 0.0) if self.n else None


def risk_coverage(records: Iterable[Record], cases: Mapping[str, Case]) -> RiskCoverage:
    """The risk-coverage curve (El-Yaniv and Wiener 2010) of a run; `cases` are by query id.

    Confidence is what the run says of its answer; where it says nothing, the score of the first passage. An answer is
    wrong when it is not `answer_correct`, or when the question has no answer in the articles. Equal confidences form
    one point. Compare two AURCs only if their coverage is about the same.
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


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """The answers of about one confidence."""

    confidence: float
    """Their mean."""
    right: float
    """Share of them that are right."""
    n: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Confidence against truth, over the answers given."""

    bins: tuple[CalibrationBin, ...]
    """By rising confidence; those without an answer are left out."""
    error: float | None
    """Expected calibration error: how far the two lie apart in the mean of all answers; None without any."""


def calibration(records: Iterable[Record], cases: Mapping[str, Case], bins: int = 10) -> Calibration:
    """How often answers of each confidence are right, in `bins` of equal width (Guo et al. 2017).

    Runs that state no confidence have no bins; refusals count nowhere, as nobody judged what they would have said.
    """
    stated = (one for one in records if not one["abstained"] and one.get("confidence") is not None)
    judged = ((one["confidence"], _wrong(one, cases[one["_id"]])) for one in stated)
    return calibrated(((confidence, 1 - wrong) for confidence, wrong in judged if wrong is not None), bins)


def calibrated(judged: Iterable[tuple[float, float]], bins: int = 10) -> Calibration:
    """The same of pairs: a probability, and how right that is which has it, both 0 to 1."""
    groups: dict[int, list[tuple[float, float]]] = {}
    for confidence, right in judged:
        groups.setdefault(min(int(confidence * bins), bins - 1), []).append((confidence, right))
    found = tuple(
        CalibrationBin(fmean(confidence for confidence, _ in group), fmean(right for _, right in group), len(group))
        for _, group in sorted(groups.items())
    )
    count = sum(each.n for each in found)
    error = sum(each.n * abs(each.confidence - each.right) for each in found) / count if count else None
    return Calibration(found, error)


def _wrong(record: Record, case: Case) -> float | None:
    """1 for a wrong answer, 0 for a right one, None if unknown."""
    if case.query.answerable is False:
        return 1.0
    correct = answer_correct(record, case)
    return None if correct is None else 1 - correct


def _confidence(record: Record) -> float:
    if record.get("confidence") is not None:
        return float(record["confidence"])
    return float(max((passage["score"] for passage in record["passages"][:1]), default=0.0))
