"""Words alone and vectors alone over every passage, with and without a prior for articles of the question's day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from eval.baselines.corpus import FOUND, Corpus, Finder
from qa.evaluation.sets import Query
from qa.types import Hit, Passage

Scores = NDArray[np.float32]
Scorer = Callable[[str], Scores]
"""Scores every passage of a corpus for a question; -inf for no match at all."""

K1, B = 0.9, 0.4
DATE_WEIGHT, DATE_DAYS = 0.3, 14.0


def bm25(corpus: Corpus) -> Finder:
    """BM25 of title and passage: bm25s with its own tokeniser, its English stopwords and the Snowball stemmer."""
    return _finder(corpus, _words(corpus))


def bm25_dates(corpus: Corpus) -> Finder:
    """The same with the date prior."""
    return _with_dates(corpus, _words(corpus))


def vectors(corpus: Corpus) -> Finder:
    """The cosine between the question and every passage, computed exactly, without an index."""
    return _finder(corpus, _cosines(corpus))


def vectors_dates(corpus: Corpus) -> Finder:
    """The same with the date prior."""
    return _with_dates(corpus, _cosines(corpus))


def _words(corpus: Corpus) -> Scorer:
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")

    def tokens(texts: Sequence[str]) -> list[list[str]]:
        split: list[list[str]] = bm25s.tokenize(
            list(texts), stopwords="en", stemmer=stemmer, return_ids=False, show_progress=False
        )
        return split

    index = bm25s.BM25(k1=K1, b=B)
    index.index(tokens([f"{p.article.title}\n{p.text}" for p in corpus.passages]), show_progress=False)

    def score(text: str) -> Scores:
        known = [word for word in tokens([text])[0] if word in index.vocab_dict]
        scores = index.get_scores(known) if known else np.zeros(len(corpus.passages), np.float32)
        return np.where(scores > 0, scores, -np.inf).astype(np.float32)

    return score


def _cosines(corpus: Corpus) -> Scorer:
    matrix = corpus.embedder.embed_passages([passage.text for passage in corpus.passages])
    return lambda text: np.asarray(matrix @ corpus.embedder.embed_query(text), np.float32)


def _finder(corpus: Corpus, scorer: Scorer) -> Finder:
    return lambda query: best(corpus.passages, scorer(query.text))


def _with_dates(corpus: Corpus, scorer: Scorer) -> Finder:
    """Adds .3 exp(-|age in days| / 14) to the scores, stretched from 0 to 1, of a question whose own day is known."""
    days = np.array([_day(passage.article.date) for passage in corpus.passages])

    def find(query: Query) -> Sequence[Hit]:
        scores = stretched(scorer(query.text))
        if query.date:
            scores = scores + closeness(days, query.date)
        return best(corpus.passages, scores)

    return find


def closeness(days: NDArray[np.float64], date: dt.date) -> Scores:
    """What the date prior adds, by passage: .3 on the day itself, .3 / e a fortnight away, 0 for an undated article."""
    age = np.abs(days - date.toordinal())
    return np.asarray(np.where(np.isnan(age), 0.0, DATE_WEIGHT * np.exp(-age / DATE_DAYS)), np.float32)


def stretched(scores: Scores) -> Scores:
    """The scores of those that match, with 1 for the best and 0 for 0, or for the least where that is below."""
    matching = scores[np.isfinite(scores)]
    if not len(matching):
        return scores
    low, high = min(matching.min(), 0.0), matching.max()
    return np.where(np.isfinite(scores), (scores - low) / (high - low) if high > low else 1.0, scores)


def best(passages: Sequence[Passage], scores: Scores, count: int = FOUND) -> list[Hit]:
    """The matching passages with the highest scores, best first; ties in stored order."""
    order = np.argsort(-scores, kind="stable")[:count]
    return [Hit(passages[place], float(scores[place])) for place in order.tolist() if np.isfinite(scores[place])]


def _day(date: dt.date | None) -> float:
    return float(date.toordinal()) if date else float("nan")
