"""Reads CLAP NQ: a question a line, with the passage it is asked of and an answer in sentences, or none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qa.evaluation.sets.importing.items import (
    Article,
    Given,
    Ids,
    Item,
    Judgement,
    Question,
    known,
    require_list,
    require_object,
    require_text,
)
from qa.evaluation.sets.lines import Line, json_lines


def read_clapnq(given: Given) -> Iterator[Item]:
    """The passages as articles, and the questions; one whose answer is null is not answerable.

    The evidence is the sentences that an annotator selected. The files end each with "&", which is left off.
    """
    ids = Ids()
    for path in given.paths:
        for line, values in json_lines(path):
            yield from _items(line, values, ids)


def _items(line: Line, values: dict[str, Any], ids: Ids) -> Iterator[Item]:
    question = str(values.get("id") or "")
    articles = []
    for passage in (require_object(line, value) for value in require_list(line, values, "passages")):
        title, text = str(passage.get("title") or ""), require_text(line, passage, "text")
        is_new = (title, text) not in ids
        articles.append((ids.of((title, text), title), text))
        if is_new:
            yield Article(line, articles[-1][0], text, title)
    outputs = [require_object(line, value) for value in require_list(line, values, "output")]
    answers = list(dict.fromkeys(output["answer"] for output in outputs if output.get("answer")))
    evidence = [
        {"article_id": article, "text": sentence}
        for sentence in dict.fromkeys(_sentences(outputs))
        for article, text in articles
        if sentence in text
    ]
    about = known(answers=answers, evidence=evidence, type="long" if answers else "unanswerable")
    yield Question(line, question, require_text(line, values, "input"), {**about, "answerable": bool(answers)})
    if answers:
        for article, _ in articles:
            yield Judgement(line, question, article)


def _sentences(outputs: list[dict[str, Any]]) -> Iterator[str]:
    for output in outputs:
        for sentence in output.get("selected_sentences") or []:
            if stripped := str(sentence).removesuffix("&").strip():
                yield stripped
