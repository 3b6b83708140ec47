"""Builds the contents of a report from finished runs, and loads the templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qa.evaluation.comparison import Comparisons
from qa.evaluation.metrics import calibration, risk_coverage
from qa.evaluation.reports.html.plots import (
    CONFIDENCE_TICKS,
    DIAGONAL,
    RIGHT_TICKS,
    UNIT_TICKS,
    Curve,
    Dots,
    Tick,
    calibration_dots,
    highest_risk,
    risk_curve,
    risk_ticks,
)
from qa.evaluation.reports.html.questions import Entry, entry
from qa.evaluation.reports.html.runs import Labelled
from qa.evaluation.reports.html.tables import (
    Forest,
    MetricGroup,
    SliceTable,
    Speed,
    absent,
    forest,
    metric_groups,
    slice_tables,
    speed,
)
from qa.evaluation.reports.words import loss, summary_lines
from qa.evaluation.runs import cases_of
from qa.show.templates import templates

if TYPE_CHECKING:
    from jinja2 import Template

ASSETS = Path(__file__).parent / "assets"


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """A line of the summary at the top."""

    text: str
    tone: str = "same"


@dataclass(frozen=True, slots=True)
class RiskCurve:
    """The risk-coverage curve of a run."""

    run: Labelled
    curve: Curve


@dataclass(frozen=True, slots=True)
class Risk:
    """The risk-coverage curves of all runs that answer."""

    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    curves: Sequence[RiskCurve]


@dataclass(frozen=True, slots=True)
class CalibrationPlot:
    """Confidence against truth, of all runs that state a confidence."""

    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    diagonal: str
    runs: Sequence[tuple[Labelled, Dots]]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Everything that the template shows."""

    title: str
    facts: str
    runs: Sequence[Labelled]
    words: Sequence[SummaryLine]
    sections: Sequence[tuple[str, str]]
    unit_ticks: Sequence[Tick]
    groups: Sequence[MetricGroup]
    absent: str
    forests: Sequence[Forest]
    compared: int
    """Number of comparisons that p is adjusted for."""
    risk: Risk | None
    calibration: CalibrationPlot | None
    speed: Speed
    slices: Sequence[SliceTable]
    order: str
    types: Sequence[str]
    questions: Sequence[Entry]
    footer: str


def make_page(runs: Sequence[Labelled], comparisons: Comparisons | None) -> ReportPage:
    """The contents of a report; the other runs are compared with the first."""
    first = runs[0].run
    risk = _risk(runs)
    forests = _forests(runs, comparisons)
    asked = [query for query in first.eval_set.queries if all(query.id in labelled.records for labelled in runs)]
    worst = sorted(asked, key=lambda query: -loss(query.id, first, [labelled.run for labelled in runs[1:]]))
    sections = {
        "metrics": "Metrics",
        "differences": "Differences" if forests else "",
        "refusing": "Refusing" if risk else "",
        "speed": "Speed",
        "slices": "Slices",
        "questions": f"{len(asked):,} questions",
    }
    return ReportPage(
        title=first.eval_set.name,
        facts=f"{len(first.records):,} questions, {len(first.eval_set.articles):,} articles",
        runs=runs,
        words=[SummaryLine(*line) for line in summary_lines(comparisons)] if comparisons else [],
        sections=[(id, title) for id, title in sections.items() if title],
        unit_ticks=UNIT_TICKS,
        groups=metric_groups(runs),
        absent=absent(runs),
        forests=forests,
        compared=len(comparisons.rows) if comparisons else 0,
        risk=risk,
        calibration=_calibration(runs),
        speed=speed(runs),
        slices=slice_tables(runs, comparisons),
        order=_order(runs),
        types=sorted({query.type or "other" for query in asked}),
        questions=[entry(query, runs) for query in worst],
        footer=", ".join(f"{name} {value[:12]}" for name, value in first.fingerprint.items()),
    )


def _forests(runs: Sequence[Labelled], comparisons: Comparisons | None) -> list[Forest]:
    if comparisons is None:
        return []
    return [forest(run, [row for row in comparisons.rows if row.run == run.name]) for run in runs[1:]]


def _order(runs: Sequence[Labelled]) -> str:
    if len(runs) == 1:
        return "Those that failed come first."
    if len(runs) == 2:
        return f"Those on which {runs[1].name} lost most against {runs[0].name} come first."
    return f"Those on which the others lost most against {runs[0].name} come first."


def _risk(runs: Sequence[Labelled]) -> Risk | None:
    """The curves of the runs that answer questions; None if none does."""
    found = {
        labelled.number: risk_coverage(labelled.run.records, cases_of(labelled.run))
        for labelled in runs
        if any(record["sentences"] for record in labelled.run.records)
    }
    most = highest_risk(list(found.values()))
    x_ticks, y_ticks = risk_ticks(most)
    drawn = [(run, risk_curve(found[run.number], most)) for run in runs if run.number in found]
    curves = [RiskCurve(run, curve) for run, curve in drawn if curve]
    return Risk(x_ticks, y_ticks, curves) if curves else None


def _calibration(runs: Sequence[Labelled]) -> CalibrationPlot | None:
    """The bins of the runs that state a confidence; None if none does."""
    drawn = [(one, calibration_dots(calibration(one.run.records, cases_of(one.run)))) for one in runs]
    found = [(one, dots) for one, dots in drawn if dots]
    return CalibrationPlot(CONFIDENCE_TICKS, RIGHT_TICKS, DIAGONAL, found) if found else None


def template(name: str) -> Template:
    """A template from the folder of assets."""
    return templates(ASSETS).get_template(name)
