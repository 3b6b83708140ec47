"""Ranks hits again: by how much of the question one sentence covers, by date where it counts, and across articles."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from qa.types import Hit, Question

_FIRST_PAGE = 10


def rank(
    hits: Sequence[Hit],
    question: Question,
    coverage: Mapping[int, float],
    *,
    coverage_weight: float,
    recency_weight: float = 0.0,
    recency_days: float = 14.0,
    per_article: int = 2,
) -> list[Hit]:
    """The hits, best first: score = (1 - c) * fused + c * coverage, and, with an as-of date, + r * exp(-|age| / days).

    `coverage` is, by passage id, the share of the question's words that the passage's best sentence holds. The sum is
    divided by 1 + r, so that it stays within 0 and 1. At most `per_article` passages of one article stand among the
    first ten, as long as other articles match.
    """
    ranked = []
    for hit in one_per_story(hits):
        covered = coverage[hit.passage.id]
        score = (1 - coverage_weight) * hit.score + coverage_weight * covered
        if question.as_of:
            closeness = recency(hit.passage.article.date, question.as_of, recency_days)
            score = (score + recency_weight * closeness) / (1 + recency_weight)
        ranked.append(replace(hit, score=score, coverage=covered))
    return _spread(sorted(ranked, key=lambda hit: (-hit.score, hit.passage.id)), per_article)


def recency(date: dt.date | None, as_of: dt.date, days: float) -> float:
    """Closeness of a day of publication to the as-of date, exp(-|age in days| / days); .5 for an undated article."""
    return math.exp(-abs((as_of - date).days) / days) if date else 0.5


def one_per_story(hits: Sequence[Hit]) -> list[Hit]:
    """The hits without copies of what another version of the same story says: the one that leads it stays, else the
    version that comes first.
    """
    said_by: dict[str, str] = {}
    for hit in sorted(hits, key=lambda hit: hit.passage.is_copy):
        said_by.setdefault(hit.passage.article.story, hit.passage.article.id)
    return [
        hit for hit in hits if not hit.passage.is_copy or said_by[hit.passage.article.story] == hit.passage.article.id
    ]


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
