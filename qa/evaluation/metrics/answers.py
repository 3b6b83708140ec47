"""Metrics of the answer: correctness of the text, and refusals."""

from __future__ import annotations

from qa.evaluation.metrics.base import Case, Record
from qa.evaluation.metrics.matching import contains_answer, rouge_l, token_f1


def answer_text(record: Record) -> str:
    """The sentences of the answer, without citation markers; empty for a refusal."""
    return "" if record["abstained"] else " ".join(sentence["text"] for sentence in record["sentences"])


def answer_correct(record: Record, case: Case) -> float | None:
    """1 when the sentences contain an accepted answer, or every item where all are asked for; else 0.

    `contains_answer` decides. A refused answerable question is 0 as well; None without accepted answers.
    """
    items = _items_found(record, case)
    return None if not items else float(all(items) if case.query.wants_all else any(items))


def answer_items(record: Record, case: Case) -> float | None:
    """The share of items in the sentences of the answer; None for a question that does not ask for several."""
    items = _items_found(record, case)
    return sum(items) / len(items) if items and case.query.wants_all else None


def _items_found(record: Record, case: Case) -> list[bool]:
    text = answer_text(record)
    return [contains_answer(text, [answer]) for answer in case.query.answers]


def answer_f1(record: Record, case: Case) -> float | None:
    """Token F1 with the closest accepted answer; 0 for a refusal, None without accepted answers.

    Short answers in whole sentences score low even if they are right.
    """
    references = _references(case)
    return max((token_f1(answer_text(record), reference) for reference in references), default=None)


def answer_rouge_l(record: Record, case: Case) -> float | None:
    """ROUGE-L with the closest accepted answer; 0 for a refusal, None without accepted answers."""
    references = _references(case)
    return max((rouge_l(answer_text(record), reference) for reference in references), default=None)


def _references(case: Case) -> tuple[str, ...]:
    """The accepted answers; one text of all items if the question asks for all."""
    answers = case.query.answers
    return (" ".join(answers),) if answers and case.query.wants_all else answers


# --- refusals --------------------------------------------------------------------------------------------------------


def refused_right(record: Record, case: Case) -> float | None:
    """1 when a question that the articles do not answer was refused; None for every other question.

    Its mean is the recall of refusals.
    """
    return float(record["abstained"]) if case.query.answerable is False else None


def refused_wrong(record: Record, case: Case) -> float | None:
    """1 when a question that the articles do answer was refused; None for every other question."""
    return float(record["abstained"]) if case.query.answerable else None


def refusal_precision(record: Record, case: Case) -> float | None:
    """1 when a refused question is one that the articles do not answer; None unless it was refused, or if unknown."""
    known = case.query.answerable is not None
    return float(not case.query.answerable) if record["abstained"] and known else None
