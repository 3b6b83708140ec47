"""Searches words and vectors for the passages that a question may find its answer in."""

from __future__ import annotations

from dataclasses import replace

from qa.models import Vectors
from qa.store import Candidate, Nearness, Store, WordQuery
from qa.types import Filters, Question


def search(
    store: Store,
    question: Question,
    asked: WordQuery,
    vector: Vectors | None,
    count: int,
    nearness: Nearness | None = None,
) -> list[Candidate]:
    """Up to `count` passages by words, as many by vectors, and with `nearness` as many by words and day together.

    Each once, in no order, within the filters of the question and the window that its words insist on. `asked` are
    its words as the word index reads them; without a `vector` of it, words alone must do.
    """
    return store.find(asked, vector, count, narrowed(question), nearness=nearness)


def narrowed(question: Question) -> Filters:
    """The filters that were set, and where none names days the window that the words of the question insist on."""
    filters, window = question.filters, question.window
    if window is None or not window.hard or filters.any_time or filters.date_from or filters.date_to:
        return filters
    return replace(filters, date_from=window.date_from, date_to=window.date_to)
