"""The metrics: one pure function of a record and its case each, and a row in METRICS.

A function returns None if the metric does not apply to the question; means leave None out.
"""

from qa.evaluation.metrics.base import Case, Judge, Metric, Record
from qa.evaluation.metrics.costs import run_costs
from qa.evaluation.metrics.curves import (
    Calibration,
    RiskCoverage,
    RiskPoint,
    calibrated,
    calibration,
    risk_coverage,
)
from qa.evaluation.metrics.matching import contains_answer
from qa.evaluation.metrics.ranking import descending_scores, evidence_in_passages, ranked_articles
from qa.evaluation.metrics.table import METRICS, OTHERS, closest_metric, load_judges, metric_named, score, score_all

__all__ = [
    "METRICS",
    "OTHERS",
    "Calibration",
    "Case",
    "Judge",
    "Metric",
    "Record",
    "RiskCoverage",
    "RiskPoint",
    "calibrated",
    "calibration",
    "closest_metric",
    "descending_scores",
    "evidence_in_passages",
    "contains_answer",
    "load_judges",
    "metric_named",
    "ranked_articles",
    "risk_coverage",
    "run_costs",
    "score",
    "score_all",
]
