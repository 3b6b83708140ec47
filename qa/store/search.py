"""The search of a library: the best passages by words and by vectors, of those that the filters let through."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from qa.models.base import Vectors
from qa.store.articles.articles import Articles
from qa.store.articles.rows import Days, Nearness
from qa.store.words.index import WordIndex
from qa.store.words.query import WordQuery
from qa.types import Filters, Passage


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that words or vectors found, with what each of them says of it."""

    passage: Passage
    bm25: float
    cosine: float | None
    """None where only the words found it."""


class Search:
    """Finds passages in the word index as it is now, by the vectors that `nearest` gives, and in the articles."""

    def __init__(
        self,
        articles: Articles,
        words: Callable[[], WordIndex],
        nearest: Callable[[Vectors, int, Filters], dict[int, float]],
    ) -> None:
        self._articles, self._words, self._nearest = articles, words, nearest
        self._copies, self._copies_generation = np.zeros(0, np.int64), -1
        self._days: tuple[NDArray[np.int64], int, Days] = (_NONE, -1, np.zeros(0, np.float64))

    def find(
        self,
        query: WordQuery | str,
        vector: Vectors | None,
        count: int,
        filters: Filters,
        *,
        copies: bool,
        nearness: Nearness | None,
    ) -> list[Candidate]:
        """What `Store.find` gives."""
        if filters.dated_until and not self._holds_later(filters.dated_until):
            filters = replace(filters, dated_until=None)
        hides = not (copies or filters)
        for _ in range(_TRIES):
            candidates, gone = self._find(query, vector, count, filters, hides, nearness)
            if not gone:
                break  # else the library has changed between one index and the other: what was replaced would be missed
        return candidates

    def _find(
        self,
        query: WordQuery | str,
        vector: Vectors | None,
        count: int,
        filters: Filters,
        hides: bool,
        nearness: Nearness | None,
    ) -> tuple[list[Candidate], bool]:
        """Candidates, and whether some that were found have gone meanwhile."""
        words = self._words()
        if not len(words):
            return [], False
        query = words.query(query) if isinstance(query, str) else query
        scores = words.scores(query)
        if (quoted := words.phrase_rows(query)) is not None:
            scores[quoted] += scores.max() * (1.0 if _quotes_several_words(query) else _LONE_QUOTED)
        copies = self._copied() if hides else _NONE
        if filters:
            scores = np.where(self._passing(words.passage_ids, filters), scores, 0)
        elif len(copies):
            scores = np.where(np.isin(words.passage_ids, copies, assume_unique=True), 0, scores)
        orders = [scores]
        if nearness:
            near = nearness(self._days_of(words.passage_ids))
            orders.append(np.where(scores > 0, scores / max(float(scores.max()), 1e-9) + near, 0))
        by_words = {int(words.passage_ids[i]) for order in orders for i in _top(order, count) if order[i] > 0}
        most = min(2 * count if len(copies) else count, len(words))
        cosines = {} if vector is None else self._nearest(vector, most, filters)
        hidden = set(np.intersect1d(copies, list(cosines)).tolist()) if len(copies) else set()
        cosines = dict(islice(((id_, cosine) for id_, cosine in cosines.items() if id_ not in hidden), count))
        wanted = {*by_words, *cosines}
        found = self._articles.passages(sorted(wanted), filters.dated_until)
        candidates = [Candidate(found[id_], words.score_of(id_, scores), cosines.get(id_)) for id_ in found]
        return candidates, len(found) < len(wanted)

    def _passing(self, passage_ids: NDArray[np.int64], filters: Filters) -> NDArray[np.bool_]:
        """True for each passage that passes the filters. Days are compared in memory, without a list from SQL."""
        others = replace(filters, dated_until=None)
        passing = (
            np.isin(passage_ids, self._articles.passage_ids(others)) if others else np.ones(len(passage_ids), bool)
        )
        if filters.dated_until:
            passing &= ~(self._days_of(passage_ids) > filters.dated_until.toordinal())
        return passing

    def _holds_later(self, day: dt.date) -> bool:
        """True if an article is dated after the day."""
        return bool((self._days_of(self._words().passage_ids) > day.toordinal()).any())

    def _copied(self) -> NDArray[np.int64]:
        """Ids of the passages that say nothing new in their story, ascending."""
        generation = self._articles.generation()
        if generation != self._copies_generation:
            self._copies, self._copies_generation = np.array(self._articles.copies(), np.int64), generation
        return self._copies

    def _days_of(self, passage_ids: NDArray[np.int64]) -> Days:
        """Day of publication of each passage's article, as an ordinal; nan where it is undated or has gone."""
        generation = self._articles.generation()
        of, at, found = self._days
        if of is not passage_ids or at != generation:  # another index of as many passages has its days elsewhere
            ids, days = self._articles.days()
            places = np.minimum(np.searchsorted(ids, passage_ids), max(len(ids) - 1, 0))
            found = (
                np.where(ids[places] == passage_ids, days[places], np.nan)
                if len(ids)
                else np.full(len(passage_ids), np.nan)
            )
            self._days = passage_ids, generation, found
        return found


_NONE = np.zeros(0, np.int64)
_TRIES = 5
_LONE_QUOTED = 0.25
"""What a lone word in quotation marks adds, as a share of the best score: often it is only what somebody called it."""


def _quotes_several_words(query: WordQuery) -> bool:
    phrases = [term.phrase for term in query.terms if term.phrase >= 0]
    return len(phrases) > len(set(phrases))


def _top(scores: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    if len(scores) <= count:
        return np.arange(len(scores))
    # Of the negative scores: from the other end, partition is many times slower over the many equal zeros.
    return np.argpartition(-scores, count - 1)[:count]
