"""Metrics of citations: whether they exist, support their sentences, are needed, and name the right source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from qa.check.claims import not_a_statement
from qa.evaluation.metrics.base import Case, Judge, Record
from qa.evaluation.metrics.matching import comparable, contains_answer, locate, overlap
from qa.language.text import normalise, stems

Citation = Mapping[str, Any]
Sentence = Mapping[str, Any]
Support = Callable[[Sentence, Sequence[Citation], Sequence[Citation]], bool]
"""Returns true when some of its citations support a sentence, given all of them."""


def citation_correct(record: Record, case: Case) -> float | None:
    """1 when every quote is its article's text at its offsets, and one contains an accepted answer or the evidence.

    A quote contains the evidence when the two share at least half of the shorter one's characters. None for a question
    that was refused, is not answerable, or has neither answers nor evidence.
    """
    query = case.query
    if record["abstained"] or query.answerable is False or not (query.answers or query.evidence):
        return None
    citations = record["citations"]
    return float(all(_exists(c, case) for c in citations) and any(_is_right(c, case) for c in citations))


def _exists(citation: Citation, case: Case) -> bool:
    text = case.texts.get(citation["article_id"], "")
    return bool(citation["quote"]) and text[citation["start"] : citation["end"]] == citation["quote"]


def _is_right(citation: Citation, case: Case) -> bool:
    if contains_answer(citation["quote"], case.query.answers):
        return True
    text = case.texts.get(citation["article_id"], "")
    return any(
        overlap((citation["start"], citation["end"]), locate(evidence.text, text)) >= 0.5
        for evidence in case.query.evidence
        if evidence.article_id == citation["article_id"]
    )


# --- recall and precision after ALCE (Gao et al. 2023) ---------------------------------------------------------------


def citation_recall(record: Record, case: Case) -> float | None:
    """The share of an answer's sentences that their citations support: verdict `verbatim` or `supported`.

    Sentences that state nothing, such as a question to the reader, are left out. None for a refusal. An answer that
    copies any passage scores 1: read it together with `answer_correct`.
    """
    return _recall(record, _by_verdict)


def citation_precision(record: Record, case: Case) -> float | None:
    """The share of citations that are needed; None for a refusal and for an answer that cites nothing.

    A citation is not needed when all citations together do not support its sentence, or when it does not support the
    sentence alone and the others do without it. Some citations support as much as all of them when they contain the
    same words of the sentence, by stem. A citation of two sentences counts twice.
    """
    return _precision(record, _by_verdict)


def judged_by(judge: Judge) -> dict[str, Callable[[Record, Case], float | None]]:
    """Citation recall and precision by name, with the judge deciding what supports a sentence instead of our code."""
    ask = cache(judge)

    def supports(sentence: Sentence, some: Sequence[Citation], cited: Sequence[Citation]) -> bool:
        return ask(sentence["text"], "\n".join(citation["quote"] for citation in some))

    return {
        "citation_recall": lambda record, case: _recall(record, supports),
        "citation_precision": lambda record, case: _precision(record, supports),
    }


def _recall(record: Record, supports: Support) -> float | None:
    supported = [bool(cited) and supports(sentence, cited, cited) for sentence, cited in _statements(record)]
    return sum(supported) / len(supported) if supported else None


def _precision(record: Record, supports: Support) -> float | None:
    needed = [need for sentence, cited in _statements(record) for need in _needed(sentence, cited, supports)]
    return sum(needed) / len(needed) if needed else None


def _needed(sentence: Sentence, cited: Sequence[Citation], supports: Support) -> list[bool]:
    if not cited or not supports(sentence, cited, cited):
        return [False] * len(cited)
    if len(cited) == 1:
        return [True]
    others = [[other for other in cited if other is not citation] for citation in cited]
    return [
        supports(sentence, [citation], cited) or not supports(sentence, rest, cited)
        for citation, rest in zip(cited, others, strict=True)
    ]


def _statements(record: Record) -> list[tuple[Sentence, list[Citation]]]:
    """The sentences of an answer that state something, each with its citations."""
    if record["abstained"]:
        return []
    numbered = {citation["n"]: citation for citation in record["citations"]}
    return [
        (sentence, [numbered[n] for n in sentence["citations"] if n in numbered])
        for sentence in record["sentences"]
        if not not_a_statement(normalise(sentence["text"]))
    ]


def _by_verdict(sentence: Sentence, some: Sequence[Citation], cited: Sequence[Citation]) -> bool:
    """The verdict of the record; some citations share it when they contain the same words as all of them."""
    if sentence["verdict"] not in ("verbatim", "supported"):
        return False
    return len(some) == len(cited) or _words_held(sentence, some) == _words_held(sentence, cited)


def _words_held(sentence: Sentence, citations: Sequence[Citation]) -> set[str]:
    return {stem for citation in citations for stem in _stems(sentence["text"]) & _stems(citation["quote"])}


@lru_cache(4_096)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stems(normalise(text)))


# --- attribution -----------------------------------------------------------------------------------------------------


def attribution(record: Record, case: Case, fields: Sequence[str] = ("title", "outlet", "date")) -> float | None:
    """1 when the first citation has the right title, outlet and date, of those the set gives; else 0.

    Words are compared as by `contains_answer`. 0 for a refusal; None if the set gives none of these fields.
    """
    wanted = {field: str(value) for field in fields if (value := getattr(case.query.attribution, field, None))}
    if not wanted:
        return None
    first: Citation = {} if record["abstained"] else next(iter(record["citations"]), {})
    return float(all(comparable(str(first.get(field) or "")) == comparable(text) for field, text in wanted.items()))
