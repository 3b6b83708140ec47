"""The input of a baseline: articles and passages as the library stores them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from qa.evaluation.sets import Query
from qa.library import Library
from qa.models import Embedder
from qa.settings import Settings
from qa.types import Answer, Article, Hit, Passage

FOUND = 50
"""Passages that a baseline returns for a question: as many as a record keeps."""

Finder = Callable[[Query], Sequence[Hit]]
"""Finds passages, best first, with falling scores."""
Answerer = Callable[[Query], Answer]
"""Answers a question and returns the passages it found."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles and passages of one library, in stored order."""

    articles: Mapping[str, Article]
    passages: Sequence[Passage]
    embedder: Embedder
    settings: Settings

    def first(self, count: int) -> Corpus:
        """Only the first articles."""
        articles = dict(islice(self.articles.items(), count))
        passages = [passage for passage in self.passages if passage.article.id in articles]
        return replace(self, articles=articles, passages=passages)


def read_corpus(library: Library) -> Corpus:
    """Everything in a library. Offsets of its passages are those of Citewire's own records."""
    ids = [row.id for row in library.articles()]
    passages = list(library.store.articles.all_passages(library.store.articles.passage_ids()))
    return Corpus(library.store.articles.many(ids), passages, library.embedder, library.settings)
