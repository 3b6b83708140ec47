"""Ranks the passages that were found: features of each, the bundled trees over them, and an order across articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qa.ask.retrieve.rank.features import FEATURES, features
from qa.ask.retrieve.rank.model import Ranker
from qa.ask.retrieve.rank.order import FIRST_PAGE, by_turns, one_per_story, spread
from qa.ask.retrieve.rank.time import asks_only_of_now, nearness_of, newness
from qa.models import Reranker
from qa.models.reader import Reader
from qa.models.static import StaticEmbedder
from qa.store import WordIndex, WordQuery, days_of
from qa.types import Hit, Question

__all__ = [
    "FEATURES",
    "FIRST_PAGE",
    "by_turns",
    "features",
    "nearness_of",
    "one_per_story",
    "rank",
    "rescored",
    "spread",
]

NOW = 0.1
"""What the newest gains where a question asks how things stand now: enough to decide between two that say it alike."""


def rank(
    question: Question,
    hits: Sequence[Hit],
    asked: WordQuery,
    index: WordIndex,
    embedder: StaticEmbedder,
    ranker: Ranker,
) -> list[Hit]:
    """The hits, best first, each story's copies once; the score is the probability that the passage answers, 0 to 1."""
    kept = one_per_story(hits)
    if not kept:
        return []
    rows = features(question, kept, asked, index, embedder)
    covered = rows[:, FEATURES.index("cover_sentence_title")]
    scores = ranker.scores(rows[:, [FEATURES.index(name) for name in ranker.features]])
    if asks_only_of_now(question):
        scores = np.asarray(
            (scores + NOW * newness(days_of(hit.passage.article for hit in kept))) / (1 + NOW), np.float32
        )
    scored = [
        replace(hit, score=float(score), coverage=float(cover))
        for hit, score, cover in zip(kept, scores, covered, strict=True)
    ]
    return [scored[i] for i in np.lexsort((np.array([hit.passage.id for hit in scored]), -scores))]


def reread(hits: Sequence[Hit], question: Question, reader: Reader) -> list[Hit]:
    """The hits with the first few ordered again by the reader's verdict on top of the score that they have.

    The score stays the probability that the passage answers; that of those behind is at most that of the last read.
    """
    fit = reader.fit
    read, rest = list(hits[: fit.first]), hits[fit.first :]
    if not read:
        return []
    readings = reader.read(question.standalone, [(hit.passage.article.title, hit.passage.text) for hit in read])
    sure = np.clip(np.array([hit.score for hit in read]), 1e-6, 1 - 1e-6)
    told = np.log(sure / (1 - sure)) + fit.weight * np.array([reading.answers for reading in readings])
    scores = 1 / (1 + np.exp(-(fit.slope * told + fit.shift)))
    best = [replace(read[i], score=float(scores[i])) for i in np.argsort(-scores, kind="stable")]
    return [*best, *(replace(hit, score=min(hit.score, best[-1].score)) for hit in rest)]


def rescored(hits: Sequence[Hit], question: Question, reranker: Reranker, first: int) -> list[Hit]:
    """The hits with the `first` of them ordered by a reranker that reads question and passage together.

    Its scores, on whatever scale, become a share of the way from the least to the best of them; what it did not read
    follows, in the order it had.
    """
    read, rest = hits[:first], hits[first:]
    if not read:
        return []
    texts = [f"{hit.passage.article.title}\n{hit.passage.text}" for hit in read]
    scores = reranker.scores(question.standalone, texts)
    low, high = float(scores.min()), float(scores.max())
    shares = (scores - low) / (high - low) if high > low else np.ones(len(scores), np.float32)
    order = np.argsort(-scores, kind="stable")
    best = [replace(read[i], score=float(shares[i])) for i in order]
    return [*best, *(replace(hit, score=0.0) for hit in rest)]
