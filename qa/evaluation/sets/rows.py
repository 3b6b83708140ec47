"""Turns articles, questions and judgements into the lines of a question set."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from qa.evaluation.sets import QRELS_HEADER, Query
from qa.types import Article


def article_row(article: Article, *, with_title: bool = True) -> dict[str, Any]:
    """A line of corpus.jsonl: the whole text as the library stores it."""
    about = {
        "date": article.date.isoformat() if article.date else None,
        "outlet": article.outlet,
        "url": article.url,
    }
    title = article.title if with_title else ""
    return {"_id": article.id, "title": title, "text": article.text, "metadata": _known(about)}


def query_row(query: Query, **more: Any) -> dict[str, Any]:
    """A line of queries.jsonl, with `more` in its metadata. Unknown fields are left out."""
    about = {
        "date": query.date.isoformat() if query.date else None,
        "type": query.type,
        "answerable": query.answerable,
        "answers": list(query.answers),
        "evidence": [{"article_id": item.article_id, "text": item.text} for item in query.evidence],
        "history": [{"question": turn.question, "answer": turn.answer} for turn in query.history],
    }
    return {"_id": query.id, "text": query.text, "metadata": _known(about | more)}


def row_lines(rows: Iterable[Mapping[str, Any]]) -> str:
    """JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def qrels_lines(qrels: Mapping[str, Mapping[str, int]]) -> str:
    """The judgements with their header line: query id -> article id -> relevance."""
    rows = [(query, article, str(score)) for query, judged in qrels.items() for article, score in judged.items()]
    return "".join("\t".join(row) + "\n" for row in [QRELS_HEADER, *rows])


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, [], "")}
