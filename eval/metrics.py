"""The metrics: one pure function of a record and its case each, and a row in METRICS.

A function returns None where the metric does not apply to the question; None is left out of every mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import ir_measures

from eval.sets import Query
from qa.text import normalise, words

Record = Mapping[str, Any]
"""One line of records.jsonl: what `qa ask --json` prints, and `_id`."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question with everything that an answer to it is held against."""

    query: Query
    judgements: Mapping[str, int]
    """Article id -> relevance."""
    texts: Mapping[str, str]
    """Article id -> stored text, at least of the articles that the record cites."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A row of METRICS."""

    name: str
    title: str
    function: Callable[[Record, Case], float | None]
    failure: str | None = None
    """What is wrong with an answer that has the worst value; None where one number says too little to list."""
    worst: float = 0.0

    def failed(self, value: float | None) -> bool:
        """Whether `value` puts the question on the list of failures."""
        return self.failure is not None and value == self.worst


# --- finding ---------------------------------------------------------------------------------------------------------


def ranked_articles(record: Record) -> list[str]:
    """Ids of the articles found, in the order in which a passage of each first appears."""
    return list(dict.fromkeys(passage["article_id"] for passage in record["passages"]))


def descending_scores(articles: Iterable[str]) -> dict[str, float]:
    """Article id -> 1 / rank: scores without ties, since every tool breaks ties in its own way."""
    return {article: 1 / rank for rank, article in enumerate(articles, start=1)}


def retrieval(record: Record, case: Case, measure: str) -> float | None:
    """A measure of ir_measures, such as "R@5", over the ranking of articles; None without a relevant article."""
    if not any(relevance > 0 for relevance in case.judgements.values()):
        return None
    parsed = ir_measures.parse_measure(measure)
    run = {case.query.id: descending_scores(ranked_articles(record))}
    (result,) = ir_measures.iter_calc([parsed], {case.query.id: dict(case.judgements)}, run)
    return float(result.value)


# --- answers ---------------------------------------------------------------------------------------------------------

_ARTICLES = frozenset(("a", "an", "the"))
_PERCENT = re.compile(r"\s?%|\bper cent\b")


def holds(text: str, answers: Iterable[str]) -> bool:
    """Whether the words of one of the answers stand in the text, side by side.

    Compared are lower-case words and numbers without punctuation, possessive 's, thousands separators and the words
    "a", "an", "the"; "5%" and "5 per cent" are "5 percent".
    """
    hay = _comparable(text)
    return any(needle in hay for needle in map(_comparable, answers) if needle.strip())


def _comparable(text: str) -> str:
    """Words with a space before and after each, so that containment of strings is containment of words."""
    kept = [word for word in words(_PERCENT.sub(" percent", normalise(text).lower())) if word not in _ARTICLES]
    return f" {' '.join(kept)} "


def answer_correct(record: Record, case: Case) -> float | None:
    """1 when the sentences hold an accepted answer (see `holds`), or every item where all are asked for; else 0.

    0 as well for an answerable question that was refused; None without accepted answers. Citation markers are no part
    of the sentences.
    """
    items = _items_held(record, case)
    return None if not items else float(all(items) if case.query.wants_all else any(items))


def answer_items(record: Record, case: Case) -> float | None:
    """The share of items that the sentences of the answer hold; None for a question that does not ask for several."""
    items = _items_held(record, case)
    return sum(items) / len(items) if items and case.query.wants_all else None


def _items_held(record: Record, case: Case) -> list[bool]:
    text = " ".join(sentence["text"] for sentence in record["sentences"])
    return [not record["abstained"] and holds(text, [answer]) for answer in case.query.answers]


def citation_correct(record: Record, case: Case) -> float | None:
    """1 when every quote is its article's text at its offsets, and one holds an accepted answer or the evidence.

    A quote holds the evidence when the two share at least half of the shorter one's characters. None for a question
    that was refused, is not answerable, or has neither answers nor evidence.
    """
    query = case.query
    if record["abstained"] or query.answerable is False or not (query.answers or query.evidence):
        return None
    citations = record["citations"]
    return float(all(_exists(c, case) for c in citations) and any(_supports(c, case) for c in citations))


def _exists(citation: Mapping[str, Any], case: Case) -> bool:
    text = case.texts.get(citation["article_id"], "")
    return bool(citation["quote"]) and text[citation["start"] : citation["end"]] == citation["quote"]


def _supports(citation: Mapping[str, Any], case: Case) -> bool:
    if holds(citation["quote"], case.query.answers):
        return True
    text = case.texts.get(citation["article_id"], "")
    return any(
        _overlap((citation["start"], citation["end"]), _locate(evidence.text, text)) >= 0.5
        for evidence in case.query.evidence
        if evidence.article_id == citation["article_id"]
    )


def _locate(evidence: str, text: str) -> tuple[int, int]:
    """Offsets of the evidence in the stored text, whatever the white space; (0, 0) where it is not there."""
    pattern = r"\s+".join(re.escape(word) for word in normalise(evidence).split())
    match = re.search(pattern, text) if pattern else None
    return match.span() if match else (0, 0)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Characters shared, as a share of the shorter span."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    shorter = min(one[1] - one[0], other[1] - other[0])
    return shared / shorter if shorter > 0 else 0.0


def refused_right(record: Record, case: Case) -> float | None:
    """1 when a question that the articles do not answer was refused; None for every other question."""
    return float(record["abstained"]) if case.query.answerable is False else None


def refused_wrong(record: Record, case: Case) -> float | None:
    """1 when a question that the articles do answer was refused; None for every other question."""
    return float(record["abstained"]) if case.query.answerable else None


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("recall@1", "Recall@1", partial(retrieval, measure="R@1")),
        Metric("recall@5", "Recall@5", partial(retrieval, measure="R@5")),
        Metric("recall@10", "Recall@10", partial(retrieval, measure="R@10"), "no relevant article among the first ten"),
        Metric("mrr@10", "MRR@10", partial(retrieval, measure="RR@10")),
        Metric("ndcg@10", "nDCG@10", partial(retrieval, measure="nDCG@10")),
        Metric("answer_correct", "Answer correct", answer_correct, "no accepted answer in the sentences"),
        Metric("answer_items", "Items of a list held", answer_items),
        Metric("citation_correct", "Citation correct", citation_correct, "no citation holds the answer"),
        Metric("refused_right", "Refused, rightly", refused_right, "answered though the articles do not say"),
        Metric(
            "refused_wrong",
            "Refused, wrongly (less is better)",
            refused_wrong,
            "refused though the articles say",
            1.0,
        ),
    )
}


def score(record: Record, case: Case) -> dict[str, float | None]:
    """Every metric of one record, by name."""
    return {name: metric.function(record, case) for name, metric in METRICS.items()}
