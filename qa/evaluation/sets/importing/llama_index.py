"""Reads the JSON file of llama-index's EmbeddingQAFinetuneDataset: queries, corpus and relevant documents."""

from __future__ import annotations

from collections.abc import Iterator

from qa.errors import EvalError
from qa.evaluation.sets.importing.items import (
    ArticleItem,
    ImportSource,
    Item,
    JudgementItem,
    QuestionItem,
    require_object,
)
from qa.evaluation.sets.lines import json_file


def read_llama_index(source: ImportSource) -> Iterator[Item]:
    """Yields the nodes as articles, the queries, and a judgement for each relevant node."""
    for path in source.paths:
        values = require_object(str(path), json_file(path))
        queries, corpus, relevant = (
            require_object(f"{path}, '{name}'", values.get(name)) for name in ("queries", "corpus", "relevant_docs")
        )
        for id, text in corpus.items():
            yield ArticleItem(f"{path}, '{id}' of 'corpus'", id, _text(text, f"{path}, '{id}' of 'corpus'"))
        for id, text in queries.items():
            yield QuestionItem(f"{path}, '{id}' of 'queries'", id, _text(text, f"{path}, '{id}' of 'queries'"))
        for id, articles in relevant.items():
            where = f"{path}, '{id}' of 'relevant_docs'"
            if not isinstance(articles, list):
                raise EvalError(f"{where}: a list of ids is expected.")
            for article in dict.fromkeys(map(str, articles)):
                yield JudgementItem(where, id, article)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise EvalError(f"{where}: a text is expected.")
    return value
