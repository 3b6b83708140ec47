"""Reads MultiHop-RAG: news articles in corpus.json, and questions that need several of them in MultiHopRAG.json."""

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
    files_named,
    json_list,
    known,
    require_list,
    require_object,
    require_text,
)

_UNANSWERABLE = "null_query"


def read_multihop_rag(source: ImportSource) -> Iterator[Item]:
    """Yields the articles, then the questions. Each gold fact is evidence in the article that it names."""
    corpus, questions = files_named(source, ["corpus.json"], ["MultiHopRAG.json"])
    ids, found = Ids(), dict[str, str]()
    for where, values in json_list(corpus, "article"):
        title, url = str(values.get("title") or ""), values.get("url")
        id = ids.of(where, title)
        for key in (f"title {title}", f"url {url}"):
            found.setdefault(key, id)
        metadata = known(
            date=values.get("published_at"),
            outlet=values.get("source"),
            url=url,
            authors=values.get("author"),
            category=values.get("category"),
        )
        yield ArticleItem(where, id, require_text(where, values, "body"), title, metadata)
    for number, (where, values) in enumerate(json_list(questions, "question"), start=1):
        yield from _question(where, f"q{number:04}", values, found)


def _question(where: str, id: str, values: dict[str, Any], found: dict[str, str]) -> Iterator[Item]:
    kind = values.get("question_type") or ""
    facts = [require_object(where, fact) for fact in require_list(where, values, "evidence_list")]
    evidence = [
        {"article_id": _article(where, fact, found), "text": require_text(where, fact, "fact")} for fact in facts
    ]
    answerable = kind != _UNANSWERABLE
    about = known(type=kind, answers=[require_text(where, values, "answer")] if answerable else [], evidence=evidence)
    yield QuestionItem(where, id, require_text(where, values, "query"), {**about, "answerable": answerable})
    for article in dict.fromkeys(piece["article_id"] for piece in evidence):
        yield JudgementItem(where, id, article)


def _article(where: str, fact: dict[str, Any], found: dict[str, str]) -> str:
    for key in (f"url {fact.get('url')}", f"title {fact.get('title')}"):
        if key in found:
            return found[key]
    raise EvalError(
        f"{where}: no article of the corpus has the title or the address of its evidence '{fact.get('title')}'."
    )
