"""Compares the day of publication with the time that a question is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from qa.ask.retrieve.rank.segments import Floats
from qa.store import Days, Nearness, days_of
from qa.types import Hit, Question, TimeWindow

CROWD = 20
"""Best hits whose days say when the subject of the question was news."""


def ages(question: Question, days: Days) -> Days | None:
    """Days from publication to the time asked about: 0 inside it, negative for a later article, nan for an undated one.

    The time asked about is the window that the question names. It is the as-of date where there is no window, and
    also where the date lies in the window ("this week"), because it is more exact. None if the question names no time.
    """
    window = question.window
    if window and not (question.as_of and _within(question.as_of, window)):
        first = window.date_from.toordinal() if window.date_from else -np.inf
        last = window.date_to.toordinal() if window.date_to else np.inf
        return np.asarray(np.maximum(first - days, 0) - np.maximum(days - last, 0))
    if question.as_of:
        return np.asarray(question.as_of.toordinal() - days)
    return None


def asks_only_of_now(question: Question) -> bool:
    """True if it asks how things stand now and no date says when now is: newer articles then count a little more."""
    return question.is_present and not (question.window or question.as_of)


def newness(days: Days) -> Floats:
    """How near each day is to the newest of `days`, 0 to 1, falling off over 30 days; .2 for an undated article."""
    if np.isnan(days).all():
        return np.zeros(len(days), np.float32)
    return closeness(np.asarray(np.nanmax(days) - days), 30)


def _within(day: dt.date, window: TimeWindow) -> bool:
    after = window.date_from is None or window.date_from <= day
    return after and (window.date_to is None or day <= window.date_to)


def closeness(age: Days, days: float) -> Floats:
    """exp(-|age| / days), 0 to 1; .2 for an undated article, as if it were 1.6 times `days` away."""
    return np.where(np.isnan(age), _UNDATED, np.exp(-np.abs(np.nan_to_num(age)) / days)).astype(np.float32)


_UNDATED = 0.2  # about the median of the passages found: neither favoured nor lost


def nearness_of(question: Question, weight: float, scale: float) -> Nearness | None:
    """A function from days to what their nearness adds to a score, up to `weight`; None if no time is asked about."""
    if asks_only_of_now(question):
        return lambda days: weight * newness(days)
    if not (question.window or question.as_of):
        return None

    def nearness(days: Days) -> Floats:
        age = ages(question, days)
        assert age is not None  # there is a window or an as-of date
        return weight * closeness(age, scale)

    return nearness


@np.errstate(invalid="ignore")  # BLAS flags what lies beside a small matrix, at times
def recency_columns(question: Question, hits: Sequence[Hit], fused: Floats) -> dict[str, Floats]:
    """Name of a feature -> its value for each hit: the day of publication."""
    days = days_of(hit.passage.article for hit in hits)
    known = ~np.isnan(days)
    asked = ages(question, days)
    age = np.full(len(hits), np.nan) if asked is None else asked
    dated = known & ~np.isnan(age)
    age = np.where(dated, age, 0.0)
    given = float(asked is not None)
    # The days on which the best hits appeared: the subject of the question was news then.
    best = np.argsort(-fused, kind="stable")[:CROWD]
    weight = np.where(known[best], fused[best] ** 2, 0)
    gap = np.abs(np.where(known, days, 0)[:, None] - np.where(known, days, 0)[best])
    crowd = np.where(known[:, None], np.exp(-gap / 3), 0) @ weight / max(float(weight.sum()), 1e-6)
    newest = float(np.nanmax(days)) if known.any() else 0.0
    columns = {
        "timed": np.full(len(hits), given),
        "undated": ~known,
        "age": np.where(dated, np.sign(age) * np.log1p(np.abs(age)), 0),
        "close": np.where(dated, np.exp(-np.abs(age) / 14), _UNDATED * given),
        "closest": np.where(dated, np.exp(-np.abs(age) / 4), _UNDATED * given / 2),
        "later": np.where(dated, np.minimum(np.maximum(-age - 1, 0), 400), 0),
        "crowd": crowd,
        "behind_newest": np.where(known, np.log1p(newest - np.where(known, days, newest)), 4.0),
    }
    return {name: np.asarray(values, np.float32) for name, values in columns.items()}
