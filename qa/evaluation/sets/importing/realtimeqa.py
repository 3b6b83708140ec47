"""Reads RealTimeQA: articles, weekly quiz questions, and the articles that reported each answer."""

from __future__ import annotations

from collections.abc import Iterator

from qa.evaluation.sets.importing.items import (
    ArticleItem,
    ImportSource,
    Item,
    JudgementItem,
    QuestionItem,
    files_named,
    find_day,
    known,
    require_list,
    require_text,
)
from qa.evaluation.sets.lines import json_lines

_COMPRESSIONS = ("", ".xz", ".gz")


def read_realtimeqa(source: ImportSource) -> Iterator[Item]:
    """Yields the articles, then the questions that have a `gold_fresh` article.

    The quiz's own explanation is kept as `explanation`. It does not quote an article, so it is not evidence.
    """
    names = [[f"{name}.jsonl{packed}" for packed in _COMPRESSIONS] for name in ("articles", "questions")]
    articles, questions = files_named(source, *names)
    for line, values in json_lines(articles):
        metadata = known(
            date=find_day(values.get("date")) or values.get("date"),
            outlet=values.get("outlet"),
            url=values.get("url"),
            authors=values.get("authors"),
        )
        id, title = require_text(line, values, "id"), str(values.get("title") or "")
        yield ArticleItem(line, id, str(values.get("text") or ""), title, metadata)
    for line, values in json_lines(questions):
        fresh = require_list(line, values, "gold_fresh")
        if not fresh:
            continue
        id = require_text(line, values, "id")
        metadata = known(
            date=find_day(values.get("date")),
            answers=values.get("answers"),
            choices=values.get("choices"),
            explanation=values.get("evidence"),
        )
        yield QuestionItem(line, id, require_text(line, values, "question"), metadata)
        for article in fresh:
            yield JudgementItem(line, id, str(article))
