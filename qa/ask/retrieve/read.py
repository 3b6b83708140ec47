"""Reads the first passages together with the question and orders them again: by the reader, or by a reranker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qa.models import Reranker
from qa.models.reader import Reader
from qa.types import Hit, Question


def reread(hits: Sequence[Hit], question: Question, reader: Reader) -> list[Hit]:
    """The hits with the first few ordered again by the reader's verdict together with the score they have.

    The score stays the probability that the passage answers. Hits that were not read score at most as much as the
    last one that was.
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


def reranked(hits: Sequence[Hit], question: Question, reranker: Reranker, first: int) -> list[Hit]:
    """The hits with the `first` of them ordered by a reranker that reads question and passage together.

    Its scores, on any scale, are min-max normalised to 0 to 1. Hits that it did not read follow in their old order,
    with score 0.
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
