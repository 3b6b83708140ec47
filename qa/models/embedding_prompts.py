"""The prompts that embedding models were trained with, for those whose own files or servers do not add them."""

from __future__ import annotations

import re
from typing import NamedTuple


class Prompts(NamedTuple):
    """The words put before a query and before a passage."""

    query: str = ""
    passage: str = ""


_SEARCH = "Represent this sentence for searching relevant passages: "
_INSTRUCT = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "

# From the models' cards. The first pattern found in a model's name counts.
PROMPTS: tuple[tuple[str, Prompts], ...] = (
    (r"nomic-embed", Prompts("search_query: ", "search_document: ")),
    (r"embeddinggemma", Prompts("task: search result | query: ", "title: none | text: ")),
    (r"qwen3-embedding", Prompts(_INSTRUCT)),
    (r"multilingual-e5-large-instruct", Prompts(_INSTRUCT)),
    (r"(?:^|[/-])e5-", Prompts("query: ", "passage: ")),
    (r"arctic-embed(?:2|-[lm]-v2)", Prompts("query: ")),
    (r"arctic-embed", Prompts(_SEARCH)),
    (r"mxbai-embed", Prompts(_SEARCH)),
    (r"bge-(?:small|base|large)-en", Prompts(_SEARCH)),
)


def prompts_for(model: str) -> Prompts:
    """The prompts for a model of that name; empty if it is not in the table."""
    return next((prompts for pattern, prompts in PROMPTS if re.search(pattern, model, re.IGNORECASE)), Prompts())
