"""Reads SQuAD 1.1 and 2.0. A paragraph becomes an article; the sentence around an answer is its evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qa.errors import EvalError
from qa.evaluation.sets.importing.items import (
    ArticleItem,
    Ids,
    ImportSource,
    Item,
    JudgementItem,
    QuestionItem,
    known,
    require_list,
    require_object,
    require_text,
)
from qa.evaluation.sets.lines import json_file
from qa.language.text import sentence_spans


def read_squad(source: ImportSource) -> Iterator[Item]:
    """Yields each paragraph once, and the questions; impossible questions are kept as not answerable."""
    ids = Ids()
    for path in source.paths:
        for entry in require_list(str(path), require_object(str(path), json_file(path)), "data"):
            title = require_text(str(path), require_object(str(path), entry), "title").replace("_", " ")
            where = f"{path}, '{title}'"
            for number, paragraph in enumerate(require_list(where, entry, "paragraphs"), start=1):
                yield from _paragraph(f"{where}, paragraph {number}", title, require_object(where, paragraph), ids)


def _paragraph(where: str, title: str, values: dict[str, Any], ids: Ids) -> Iterator[Item]:
    text = require_text(where, values, "context")
    is_new = text not in ids
    article = ids.of(text, title)
    if is_new:
        yield ArticleItem(where, article, text, title)
    for asked in (require_object(where, value) for value in require_list(where, values, "qas")):
        id = require_text(where, asked, "id")
        at = f"{where}, question '{id}'"
        if asked.get("is_impossible") or not asked.get("answers"):
            yield QuestionItem(at, id, require_text(at, asked, "question"), {"answerable": False})
            continue
        answers = [require_object(at, answer) for answer in require_list(at, asked, "answers")]
        wordings = list(dict.fromkeys(require_text(at, answer, "text") for answer in answers))
        evidence = [{"article_id": article, "text": _sentence(at, text, answers[0])}]
        yield QuestionItem(at, id, require_text(at, asked, "question"), known(answers=wordings, evidence=evidence))
        yield JudgementItem(at, id, article)


def _sentence(where: str, text: str, answer: dict[str, Any]) -> str:
    """The sentences that contain an answer."""
    words, start = answer["text"], answer.get("answer_start")
    if not isinstance(start, int) or text[start : start + len(words)] != words:
        start = text.find(words)
    if start < 0:
        raise EvalError(f"{where}: the answer '{words[:60]}' does not stand in its paragraph.")
    inside = [(a, b) for a, b in sentence_spans(text) if a < start + len(words) and b > start]
    return text[inside[0][0] : inside[-1][1]] if inside else words
