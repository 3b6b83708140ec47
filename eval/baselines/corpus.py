"""What a baseline works on: the articles as the library stores them, and the passages it splits them into."""

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
"""Passages that a baseline gives for a question: as many as a record keeps."""

Finder = Callable[[Query], Sequence[Hit]]
"""Finds passages, best first, with scores that fall."""
Answerer = Callable[[Query], Answer]
"""Answers a question, and says what it found for it."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles and passages of one library, in the order in which they were stored."""

    articles: Mapping[str, Article]
    passages: Sequence[Passage]
    embedder: Embedder
    settings: Settings

    def first(self, count: int) -> Corpus:
        """The first articles alone."""
        articles = dict(islice(self.articles.items(), count))
        passages = [passage for passage in self.passages if passage.article.id in articles]
        return replace(self, articles=articles, passages=passages)


def read_corpus(library: Library) -> Corpus:
    """Everything in a library. Offsets of its passages are those of Citewire's own records."""
    ids = [row.id for row in library.articles()]
    passages = list(library.store.articles.all_passages(library.store.articles.passage_ids()))
    return Corpus(library.store.articles.many(ids), passages, library.embedder, library.settings)
