"""The metrics by name: those of every run, and others on request, at any k."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial

from qa.errors import EvalError
from qa.evaluation.metrics import answers, citations, ranking
from qa.evaluation.metrics.base import Case, Function, Judge, Metric, Record
from qa.evaluation.metrics.ranking import MOST, Level, Measure, all_evidence, answer_passage, evidence_recall

Builder = Callable[[int | None], Function]
"""Returns the function for the first k, or for everything found if k is None."""

# --- metrics at k ----------------------------------------------------------------------------------------------------

_MEASURES = {  # name -> title, name in ir_measures
    "recall": ("Recall", "R"),
    "ndcg": ("nDCG", "nDCG"),
    "mrr": ("MRR", "RR"),
    "map": ("MAP", "AP"),
    "success": ("Success", "Success"),
    "precision": ("Precision", "P"),
    "judged": ("Judged", "Judged"),
}
_LEVELS: Mapping[str, tuple[str, Level]] = {  # prefix -> title, rankings
    "": ("{}", ranking.articles),
    "passage_": ("Passage {}", ranking.passages),
    "evidence_": ("Evidence {}", ranking.evidence),
    "evidence80_": ("Evidence {} (80% of a piece)", partial(ranking.evidence, share=MOST)),
}
_WITHOUT_K = ("ndcg", "mrr", "map")
"""Measures that are also defined over a whole ranking."""


def _measure(level: Level, formula: str, k: int | None) -> Measure:
    return Measure(level, formula if k is None else f"{formula}@{k}")


_AT_K: Mapping[str, tuple[str, Builder]] = {  # name without k -> title, builder
    **{
        prefix + name: (frame.format(title + "{}"), partial(_measure, level, formula))
        for prefix, (frame, level) in _LEVELS.items()
        for name, (title, formula) in _MEASURES.items()
    },
    "evidence_recall": ("Evidence Recall{}", lambda k: partial(evidence_recall, k=k)),
    "evidence80_recall": ("Evidence Recall{} (80% of a piece)", lambda k: partial(evidence_recall, k=k, share=MOST)),
    "all_evidence": ("All evidence{}", lambda k: partial(all_evidence, k=k)),
    "all_evidence80": ("All evidence{} (80% of a piece)", lambda k: partial(all_evidence, k=k, share=MOST)),
    "answer_passage": ("Answer passage{}", lambda k: partial(answer_passage, k=k)),
}


def _at(name: str, k: int | None = None, failure: str | None = None) -> Metric:
    title, builder = _AT_K[name]
    places = "" if k is None else f"@{k}"
    return Metric(name + places, title.format(places), builder(k), failure, stage="finding")


# --- the table -------------------------------------------------------------------------------------------------------


def _by_name(*metrics: Metric) -> Mapping[str, Metric]:
    return {metric.name: metric for metric in metrics}


METRICS = _by_name(
    _at("recall", 1),
    _at("recall", 5),
    _at("recall", 10, "no relevant article among the first ten"),
    _at("mrr", 10),
    _at("ndcg", 10),
    _at("map", 10),
    _at("success", 5),
    _at("judged", 10),
    _at("passage_mrr", 10),
    _at("answer_passage", 1),
    _at("answer_passage", 5),
    _at("evidence_recall", 5),
    _at("evidence_recall", 10),
    _at("all_evidence", 10),
    Metric("answer_correct", "Answer correct", answers.answer_correct, "no accepted answer in the sentences"),
    Metric("answer_items", "Items of a list held", answers.answer_items),
    Metric("answer_f1", "Answer token F1", answers.answer_f1),
    Metric("answer_rouge_l", "Answer ROUGE-L", answers.answer_rouge_l),
    Metric("citation_correct", "Citation correct", citations.citation_correct, "no citation holds the answer"),
    Metric("citation_recall", "Citation recall", citations.citation_recall),
    Metric("citation_precision", "Citation precision", citations.citation_precision),
    Metric("attribution", "Attribution right", citations.attribution, "title, outlet or date of the source is wrong"),
    Metric("refused_right", "Refused, rightly", answers.refused_right, "answered though the articles do not say"),
    Metric(
        "refused_wrong",
        "Refused, wrongly (less is better)",
        answers.refused_wrong,
        "refused though the articles say",
        1.0,
    ),
    Metric("refusal_precision", "Refusal precision", answers.refusal_precision),
)
"""The metrics of every run."""

OTHERS = _by_name(
    *(_at(level + name) for level in _LEVELS for name in _WITHOUT_K),
    *(
        Metric(f"attribution_{field}", f"{field.title()} right", partial(citations.attribution, fields=(field,)))
        for field in ("title", "outlet", "date")
    ),
    Metric("refusal_recall", "Refusal recall", answers.refused_right),
)
"""Further metrics by name, besides those of METRICS with another k."""


# --- by name ---------------------------------------------------------------------------------------------------------


def metric_named(name: str) -> Metric:
    """The metric of that name, such as "ndcg@10", with any k, or "citation_recall[bundled:news]", with any judge.

    Raises EvalError that offers the closest name. A judge is loaded when it is first asked.
    """
    if known := METRICS.get(name) or OTHERS.get(name):
        return known
    if judged := _JUDGED.fullmatch(name):
        return _by_judge(judged["judge"])[judged["metric"]]
    stem, _, places = name.partition("@")
    if stem not in _AT_K:
        raise EvalError(f"There is no metric '{name}'. Did you mean '{closest_metric(name)}'?")
    if not re.fullmatch(r"[1-9]\d{0,5}", places):
        raise EvalError(f"'{name}': '{stem}' counts the first k, and k is a number from 1, as in '{stem}@10'.")
    return _at(stem, int(places))


def closest_metric(name: str) -> str:
    """The most similar known name, with the same k if possible."""
    typed, _, places = name.strip().lower().replace("-", "_").partition("@")
    k = places if re.fullmatch(r"[1-9]\d{0,5}", places) else "10"
    plain = [known for known in (*METRICS, *OTHERS) if "@" not in known]
    stems = [*_AT_K, *plain] if places else [*plain, *_AT_K]
    (closest,) = difflib.get_close_matches(typed, stems, n=1, cutoff=0)
    return f"{closest}@{k}" if closest in _AT_K and (places or closest not in plain) else closest


_JUDGED = re.compile(r"(?P<metric>citation_recall|citation_precision)\[(?P<judge>[^\]]+)\]")


def load_judges(metrics: Iterable[str]) -> None:
    """Loads the judges that these metrics name. Raises QAError where one cannot be had."""
    for name in metrics:
        if judged := _JUDGED.fullmatch(name):
            _judge(judged["judge"])


@cache
def _judge(name: str) -> Judge:
    from qa.evaluation.metrics.judges import load_judge

    return load_judge(name)


@cache
def _by_judge(name: str) -> Mapping[str, Metric]:
    """The metrics of citations, with this judge in place of the verdicts."""
    functions = citations.judged_by(lambda claim, evidence: _judge(name)(claim, evidence))
    return {
        metric: Metric(f"{metric}[{name}]", f"{METRICS[metric].title} ({name})", function)
        for metric, function in functions.items()
    }


# --- scores ----------------------------------------------------------------------------------------------------------


def score(record: Record, case: Case, metrics: Mapping[str, Metric] = METRICS) -> dict[str, float | None]:
    """Every metric of one record, by name."""
    return {name: metric.function(record, case) for name, metric in metrics.items()}


def score_all(
    records: Iterable[Record], cases: Mapping[str, Case], metrics: Mapping[str, Metric] = METRICS
) -> dict[str, dict[str, float | None]]:
    """Query id -> metric -> value: the same as `score` for each record, but ten times faster.

    `cases` are by query id. Raises EvalError for a record of a question without a case.
    """
    asked = [(record, _case(record, cases)) for record in records]
    measured = ranking.measure_all((m.function for m in metrics.values() if isinstance(m.function, Measure)), asked)
    columns = {
        name: measured[metric.function]
        if isinstance(metric.function, Measure)
        else [metric.function(record, case) for record, case in asked]
        for name, metric in metrics.items()
    }
    return {
        record["_id"]: {name: values[row] for name, values in columns.items()} for row, (record, _) in enumerate(asked)
    }


def _case(record: Record, cases: Mapping[str, Case]) -> Case:
    if record["_id"] not in cases:
        raise EvalError(f"The records hold question '{record['_id']}', which is not in the question set.")
    return cases[record["_id"]]
