"""Ranks the passages that were found: features of each, the bundled trees over them, then an order across articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qa.ask.recurring import Report, by_day
from qa.ask.retrieve.rank.features import FEATURES, features
from qa.ask.retrieve.rank.model import Ranker
from qa.ask.retrieve.rank.order import FIRST_PAGE, interleaved, one_per_story, spread
from qa.ask.retrieve.rank.recency import asks_only_of_now, nearness_of, newness
from qa.models.static import StaticEmbedder
from qa.store import WordIndex, WordQuery, days_of
from qa.types import Hit, Question

__all__ = [
    "FEATURES",
    "FIRST_PAGE",
    "interleaved",
    "features",
    "nearness_of",
    "one_per_story",
    "rank",
    "series_by_day",
    "spread",
]

NEWEST_BONUS = 0.1
"""Added to the newest passage's score where a question asks how things stand now: enough to break a near tie."""


def rank(
    question: Question,
    hits: Sequence[Hit],
    asked: WordQuery,
    index: WordIndex,
    embedder: StaticEmbedder,
    ranker: Ranker,
) -> list[Hit]:
    """The hits, best first, each story once; the score is the probability that the passage answers, 0 to 1."""
    kept = one_per_story(hits)
    if not kept:
        return []
    rows = features(question, kept, asked, index, embedder)
    covered = rows[:, FEATURES.index("cover_sentence_title")]
    scores = ranker.scores(rows)
    if asks_only_of_now(question):
        days = days_of(hit.passage.article for hit in kept)
        scores = np.asarray((scores + NEWEST_BONUS * newness(days)) / (1 + NEWEST_BONUS), np.float32)
    scored = [
        replace(hit, score=float(score), coverage=float(cover))
        for hit, score, cover in zip(kept, scores, covered, strict=True)
    ]
    return series_by_day(
        question, [scored[i] for i in np.lexsort((np.array([hit.passage.id for hit in scored]), -scores))]
    )


def series_by_day(question: Question, hits: Sequence[Hit]) -> list[Hit]:
    """The hits, best first; in a series of reports that recur, those nearest to the day asked for take the best places.

    A place keeps its score.
    """
    reports = [Report(hit.passage.text, hit.passage.article.title, hit.passage.article.date) for hit in hits]
    return [replace(hits[n], score=place.score) for n, place in zip(by_day(question, reports), hits, strict=True)]
