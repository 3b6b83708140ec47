"""Writes the items of an importer as a question set: articles at once, questions after everything is read."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from qa.errors import EvalError
from qa.evaluation.sets import CORPUS, QRELS, QRELS_HEADER, QUERIES, read_query
from qa.evaluation.sets.importing.items import ALL_DAYS, ArticleItem, Item, JudgementItem, Period, QuestionItem, Where
from qa.evaluation.sets.lines import BadLine, Line
from qa.language.days import read_day

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Selection:
    """The part of a set to import."""

    limit: int | None = None
    """Maximum number of questions, chosen at even distances."""
    questions: Period = ALL_DAYS
    articles: Period = ALL_DAYS


@dataclass(slots=True)
class _Contents:
    """What has been read so far; only the ids of articles are kept."""

    articles: dict[str, bool] = field(default_factory=dict)
    """Id -> true if the article is within the selection."""
    questions: dict[str, QuestionItem] = field(default_factory=dict)
    judgements: dict[str, dict[str, JudgementItem]] = field(default_factory=dict)


def write_set(items: Iterable[Item], folder: Path, selection: Selection) -> None:
    """Writes the three files of a set into an empty folder.

    Questions without any known answer, and questions whose relevant articles are all outside the period, are left out.
    Raises EvalError for duplicate ids, for a judgement of an unknown question or article, and if nothing is left.
    """
    (folder / QRELS).parent.mkdir()
    found = _Contents()
    with (folder / CORPUS).open("w", encoding="utf-8") as corpus:
        for item in items:
            if isinstance(item, QuestionItem):
                _add_new(found.questions, item.id, item, item.where)
            elif isinstance(item, JudgementItem):
                judged = found.judgements.setdefault(item.question, {})
                if item.article in judged:
                    raise EvalError(f"{item.where}: '{item.question}' and '{item.article}' are judged twice.")
                judged[item.article] = item
            else:
                is_wanted = _day(item.metadata) in selection.articles
                _add_new(found.articles, item.id, is_wanted, item.where)
                if is_wanted:
                    corpus.write(_line(_article_row(item)))
    if not found.articles or not found.questions:
        counts = f"{len(found.articles)} articles and {len(found.questions)} questions"
        raise EvalError(f"Nothing can be measured: {counts} were found.")
    _require_known(found)
    questions = evenly(_chosen(found, selection), selection.limit)
    if not questions:
        raise EvalError(_nothing_left(found, selection))
    _write_questions(folder, questions, found)


def evenly(items: Sequence[T], limit: int | None) -> Sequence[T]:
    """Up to `limit` of the items, at even distances and in order."""
    if limit is None or len(items) <= limit:
        return items
    return [items[place * len(items) // limit] for place in range(limit)]


def _add_new(things: dict[str, T], id: str, thing: T, where: Where) -> None:
    if not id or id.split() != [id]:
        raise EvalError(f"{where}: the id {id!r} is empty or holds white space. Give it another.")
    if id in things:
        raise EvalError(f"{where}: the id '{id}' is used twice. Give each its own.")
    things[id] = thing


def _require_known(found: _Contents) -> None:
    """Raises EvalError for unknown articles or questions in judgements or evidence, and for an invalid question."""
    for question in found.questions.values():
        try:
            read_query(question.id, Line(Path(QUERIES), 0), _question_row(question), found.articles)
        except BadLine as error:
            raise EvalError(f"{question.where}: {error.reason}") from None
    for judged in found.judgements.values():
        for judgement in judged.values():
            if judgement.question not in found.questions:
                raise EvalError(f"{judgement.where}: there is no question '{judgement.question}'. Take the line out.")
            if judgement.article not in found.articles:
                raise EvalError(
                    f"{judgement.where}: there is no article '{judgement.article}'. Give the whole corpus, "
                    "or take the judgement out."
                )


def _chosen(found: _Contents, selection: Selection) -> list[QuestionItem]:
    chosen = []
    for question in found.questions.values():
        if _day(question.metadata) in selection.questions and (kept := _within(question, found)):
            chosen.append(kept)
    return chosen


def _within(question: QuestionItem, found: _Contents) -> QuestionItem | None:
    """The question with its evidence in selected articles; None if nothing is left to compare an answer with."""
    judged = found.judgements.get(question.id, {}).values()
    relevant = [found.articles[judgement.article] for judgement in judged if judgement.score > 0]
    evidence = question.metadata.get("evidence") or []
    kept = [piece for piece in evidence if found.articles[piece["article_id"]]]
    lost = (relevant and not any(relevant)) or (evidence and not kept)
    known = bool(judged) or any(question.metadata.get(name) not in (None, []) for name in _JUDGED_BY)
    if lost or not known:
        return None
    if len(kept) == len(evidence):
        return question
    return replace(question, metadata={**question.metadata, "evidence": kept})


_JUDGED_BY = ("answers", "answerable", "evidence")


def _nothing_left(found: _Contents, selection: Selection) -> str:
    reason = "has an answer or a judgement"
    if (selection.questions, selection.articles) != (ALL_DAYS, ALL_DAYS):
        reason = "with an answer or a judgement is of the days that were named"
    return f"None of the {len(found.questions)} questions {reason}, so nothing can be measured."


def _write_questions(folder: Path, questions: Iterable[QuestionItem], found: _Contents) -> None:
    with (
        (folder / QUERIES).open("w", encoding="utf-8") as queries,
        (folder / QRELS).open("w", encoding="utf-8") as qrels,
    ):
        qrels.write("\t".join(QRELS_HEADER) + "\n")
        for question in questions:
            queries.write(_line(_question_row(question)))
            qrels.writelines(_judgement_lines(found, question))


def _judgement_lines(found: _Contents, question: QuestionItem) -> Iterator[str]:
    for judgement in found.judgements.get(question.id, {}).values():
        if found.articles[judgement.article]:
            yield f"{question.id}\t{judgement.article}\t{judgement.score}\n"


def _article_row(article: ArticleItem) -> dict[str, Any]:
    # In some public sets an article is only a title.
    text = article.text if article.text.strip() else article.title
    return {"_id": article.id, "title": article.title, "text": text, "metadata": article.metadata}


def _question_row(question: QuestionItem) -> dict[str, Any]:
    return {"_id": question.id, "text": question.text, "metadata": question.metadata}


def _line(values: object) -> str:
    return json.dumps(values, ensure_ascii=False) + "\n"


def _day(metadata: Mapping[str, Any]) -> dt.date | None:
    day = read_day(metadata.get("date"))
    return day.date if day else None
