"""Searches words and vectors for the passages that may answer a question."""

from __future__ import annotations

import datetime as dt
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
    """Up to `count` passages from each arm: words, vectors and, given `nearness`, words weighted by day.

    Each passage once, in no order, within the question's filters and the window that its words insist on. `asked` holds
    its words as the word index reads them. Without a `vector`, words alone are searched.
    """
    return store.find(asked, vector, count, narrowed(question), nearness=nearness)


AS_OF_GRACE = dt.timedelta(days=1)
"""An article may be dated a day later than the as-of day: its time zone is unknown."""


def narrowed(question: Question) -> Filters:
    """The filters of a search: those that were set, nothing dated after the as-of day, and the question's own time.

    The window that the words of the question insist on counts only if no filter names days.
    """
    filters, window = question.filters, question.window
    if question.as_of:
        filters = replace(filters, dated_until=question.as_of + AS_OF_GRACE)
    if window is None or not window.hard or filters.any_time or filters.date_from or filters.date_to:
        return filters
    return replace(filters, date_from=window.date_from, date_to=window.date_to)
