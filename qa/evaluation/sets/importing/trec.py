"""Reads a TREC test collection: topics, qrels and documents."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from qa.errors import EvalError
from qa.evaluation.sets.importing.documents import read_documents
from qa.evaluation.sets.importing.items import ImportSource, Item, JudgementItem, QuestionItem
from qa.evaluation.sets.lines import Line, text_lines

_FIELD = re.compile(r"<(?P<name>num|title|desc)>\s*(?:(?:Number|Topic|Description):)?(?P<value>[^<]*)", re.IGNORECASE)


def read_trec(source: ImportSource) -> Iterator[Item]:
    """The documents, the topics by their titles, and the judgements."""
    if len(source.paths) < 3:
        raise EvalError(f"{len(source.paths)} files were named. Give the topics, the qrels, and then the documents.")
    topics, qrels, *documents = source.paths
    yield from read_documents(documents)
    yield from _topics(topics)
    yield from _judgements(qrels)


def _topics(path: Path) -> Iterator[QuestionItem]:
    """The topics of a file: between <top> and </top>, or one per line as number, tab, text."""
    lines = list(text_lines(path))
    if any("<top>" in text.lower() for _, text in lines):
        yield from _marked_topics(lines)
        return
    for line, text in lines:
        id, tab, title = text.partition("\t")
        if not tab or not title.strip():
            raise line.error("a topic is expected: its number, a tab and its text, or the <top> of a topic.")
        yield QuestionItem(line, id.strip(), title.strip())


def _marked_topics(lines: list[tuple[Line, str]]) -> Iterator[QuestionItem]:
    start: Line | None = None
    body: list[str] = []
    for line, text in lines:
        if "<top>" in text.lower():
            if start:
                raise start.error("the <top> that begins here does not end.")
            start, body = line, []
        body.append(text)
        if start and "</top>" in text.lower():
            yield _topic(start, "\n".join(body))
            start = None
    if start:
        raise start.error("the <top> that begins here does not end.")


def _topic(line: Line, text: str) -> QuestionItem:
    fields = {match["name"].lower(): " ".join(html.unescape(match["value"]).split()) for match in _FIELD.finditer(text)}
    title = fields.get("title") or fields.get("desc")
    if not fields.get("num") or not title:
        raise line.error("the topic lacks its <num> or its <title>.")
    return QuestionItem(line, fields["num"], title)


def _judgements(path: Path) -> Iterator[JudgementItem]:
    for line, text in text_lines(path):
        try:
            question, _, article, score = text.split()
            yield JudgementItem(line, question, article, int(score))
        except ValueError:
            raise line.error(f"topic, 0, document and a whole number are expected, not {text[:60]!r}.") from None
