"""Ranks hits again: by how much of the question one sentence covers, by date where it counts, and across articles."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from qa.text import sentence_spans, stems
from qa.types import Hit, Passage, Question

_FIRST_PAGE = 10


def rank(
    hits: Sequence[Hit],
    question: Question,
    idf: Callable[[str], float],
    *,
    coverage_weight: float,
    recency_weight: float = 0.0,
    recency_days: float = 14.0,
    per_article: int = 2,
) -> list[Hit]:
    """The hits, best first: score = (1 - c) * fused + c * coverage, and, with an as-of date, + r * exp(-|age| / days).

    The sum is divided by 1 + r, so that it stays within 0 and 1. At most `per_article` passages of one article stand
    among the first ten, as long as other articles match.
    """
    weights = {stem: idf(stem) for stem in set(stems(question.standalone))}
    ranked = []
    for hit in hits:
        covered = coverage(hit.passage, weights)
        score = (1 - coverage_weight) * hit.score + coverage_weight * covered
        if question.as_of:
            closeness = recency(hit.passage.article.date, question.as_of, recency_days)
            score = (score + recency_weight * closeness) / (1 + recency_weight)
        ranked.append(replace(hit, score=score, coverage=covered))
    return _spread(sorted(ranked, key=lambda hit: (-hit.score, hit.passage.id)), per_article)


def coverage(passage: Passage, weights: dict[str, float]) -> float:
    """Share of the question's words, by `weights` (stem -> idf), that the best sentence holds, 0 to 1.

    A word that only the title holds counts half: it says what the sentence is about, and does not say it there.
    """
    total = sum(weights.values())
    if not total:
        return 0.0
    title = set(stems(passage.article.title)) & weights.keys()
    text, best = passage.text, 0.0
    for start, end in sentence_spans(text):
        held = weights.keys() & set(stems(text[start:end]))
        if held:
            best = max(best, sum(weights[s] for s in held) + 0.5 * sum(weights[s] for s in title - held))
    return best / total


def recency(date: dt.date | None, as_of: dt.date, days: float) -> float:
    """Closeness of a day of publication to the as-of date, exp(-|age in days| / days); .5 for an undated article."""
    return math.exp(-abs((as_of - date).days) / days) if date else 0.5


def _spread(hits: Sequence[Hit], per_article: int) -> list[Hit]:
    """The same hits, those beyond `per_article` of one article moved behind the first page."""
    seen: Counter[str] = Counter()
    page: list[Hit] = []
    behind: list[Hit] = []
    for hit in hits:
        article = hit.passage.article.id
        if len(page) < _FIRST_PAGE and seen[article] < per_article:
            seen[article] += 1
            page.append(hit)
        else:
            behind.append(hit)
    return page + behind
