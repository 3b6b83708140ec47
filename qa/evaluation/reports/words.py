"""Shared parts of the reports: numbers as text, subjects of metrics, and the questions a run lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from qa.evaluation.comparison import Comparisons, MetricDifference
from qa.evaluation.metrics import metric_named
from qa.evaluation.runs import Run
from qa.evaluation.statistics import Comparison, Estimate, mean

NOT_APPLICABLE = "–"
HEADLINE = ("ndcg@10", "answer_passage@5", "answer_correct", "citation_correct", "refused_right", "refused_wrong")
"""The main metrics of a run."""

Tone = Literal["better", "worse", "same"]

_SUBJECTS: Mapping[str, tuple[str, ...]] = {  # prefixes of metric names
    "Passages found": ("passage", "answer_passage", "evidence", "all_evidence"),
    "Answers": ("answer",),
    "Citations": ("citation", "judge_", "attribution"),
    "Refusals": ("refus",),
}


def subject_of(metric: str) -> str:
    """What a metric measures, as the heading of its table."""
    return next((subject for subject, names in _SUBJECTS.items() if metric.startswith(names)), "Articles found")


def number(value: float | None) -> str:
    """A mean as text, such as "0.812"."""
    return NOT_APPLICABLE if value is None else f"{value:.3f}"


def tokens_text(timings: Mapping[str, Any]) -> str | None:
    """What a run took of a language model, such as "Model: 60 calls, 48,120 tokens in, 2,210 out"; None without one."""
    if not (told := timings.get("tokens")):
        return None
    read, written = (NOT_APPLICABLE if told[way] is None else f"{told[way]:,.0f}" for way in ("in", "out"))
    return f"Model: {told['calls']:,} call{'' if told['calls'] == 1 else 's'}, {read} tokens in, {written} out"


def interval_text(result: Estimate) -> str:
    """The 95% interval of a mean."""
    return NOT_APPLICABLE if result.n == 0 else f"{number(result.low)} to {number(result.high)}"


def p_text(found: Comparison) -> str:
    """P as text; the adjusted p, if it is one of several."""
    p = found.p if found.adjusted is None else found.adjusted
    return NOT_APPLICABLE if p is None else "< .001" if p < 0.001 else "1" if p > 0.9995 else size(p)


def tone_of(metric: str, found: Comparison) -> Tone:
    """Whether the second run is significantly better or worse; otherwise "same"."""
    if found.difference is None or not found.differs:
        return "same"
    return "better" if (found.difference > 0) != metric_named(metric).less_is_better else "worse"


def summary_lines(comparisons: Comparisons) -> list[tuple[str, Tone]]:
    """A line for each run with its significant differences from the first, what got worse before what got better.

    A run is not called better without a word on each main metric that fell, even where chance could explain that.
    """
    return [_summary(comparisons, name) for name in comparisons.others]


def _summary(comparisons: Comparisons, name: str) -> tuple[str, Tone]:
    rows, first = [row for row in comparisons.rows if row.run == name], comparisons.first
    worse, better = (
        ", ".join(f"{row.title} {row.words.removeprefix(tone).strip()}" for row in rows if _tone(row) == tone)
        for tone in ("worse", "better")
    )
    if worse:
        return f"{name} is worse than {first}: {worse}." + (f" It is better: {better}." if better else ""), "worse"
    if not better:
        return f"Between {name} and {first} no metric shows a difference.", "same"
    fallen = ", ".join(f"{row.title} {number(row.first.value)} to {number(row.second.value)}" for row in _fallen(rows))
    if fallen:
        return f"{name} may be worse than {first}: {fallen}, which chance can explain. It is better: {better}.", "same"
    return f"{name} is better than {first}: {better}.", "better"


FALLEN = 0.05
"""The least fall of a main metric that is told although chance can explain it."""


def _fallen(rows: Sequence[MetricDifference]) -> list[MetricDifference]:
    values = [(row, _drop(row.metric, row.first.value, row.second.value)) for row in rows if row.metric in HEADLINE]
    return [row for row, drop in values if drop is not None and drop >= FALLEN]


def _tone(row: MetricDifference) -> Tone:
    return tone_of(row.metric, row.comparison)


def size(value: float) -> str:
    """An amount as people write it: .041, 1.25."""
    return f"{value:.3f}".removeprefix("0")


def signed(value: float) -> str:
    """A difference as people write it: +.041, −.007, 0."""
    sign = "+" if value > 0 else "−"
    return sign + size(abs(value)) if abs(value) >= 0.0005 else "0"


# --- questions -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loss:
    """A question on which a run did worse than the first."""

    id: str
    question: str
    lost: Mapping[str, tuple[float, float]]
    """Metric -> values of the first and the other run; only metrics that got worse."""


def failures_of(run: Run, id: str) -> list[str]:
    """What is wrong with a run's answer to a question, in words."""
    measured = ((metric_named(name), value) for name, value in run.scores[id].items())
    return [metric.failure for metric, value in measured if metric.failure and metric.failed(value)]


def loss(id: str, first: Run, others: Sequence[Run]) -> float:
    """The mean loss of the other runs on a question over HEADLINE; for one run alone, its number of failures."""
    if not others:
        return float(len(failures_of(first, id)))
    before, after = first.scores[id], [other.scores[id] for other in others]
    return mean(_drop(name, before.get(name), scores.get(name)) for scores in after for name in HEADLINE)[0] or 0.0


def biggest_losses(first: Run, other: Run, count: int = 5) -> list[Loss]:
    """The questions on which the other run lost most, worst first; only real losses."""
    ids = [query.id for query in first.eval_set.queries if query.id in first.scores and query.id in other.scores]
    lost = sorted((id for id in ids if loss(id, first, [other]) > 0), key=lambda id: -loss(id, first, [other]))
    questions = {query.id: query.text for query in first.eval_set.queries}
    return [Loss(id, questions[id], _lost(first.scores[id], other.scores[id])) for id in lost[:count]]


def _lost(one: Mapping[str, float | None], other: Mapping[str, float | None]) -> dict[str, tuple[float, float]]:
    pairs = ((name, one.get(name), other.get(name)) for name in HEADLINE)
    return {name: (a, b) for name, a, b in pairs if a is not None and b is not None and (_drop(name, a, b) or 0) > 0}


def _drop(metric: str, one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return None
    return other - one if metric_named(metric).less_is_better else one - other
