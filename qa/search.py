"""Searches words and vectors for the passages that a question may find its answer in."""

from __future__ import annotations

from qa.models import Embedder
from qa.store import Candidate, Store
from qa.types import Question


def search(store: Store, embedder: Embedder, question: Question, count: int) -> list[Candidate]:
    """Up to `count` passages by words and as many by vectors, each once, in no order, within the filters."""
    return store.find(question.standalone, embedder.embed_query(question.standalone), count, question.filters)
