"""What the day of publication says of a passage, for the day or the days that a question is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from qa.ask.retrieve.rank.segments import Floats
from qa.store import Days, Nearness, days_of
from qa.types import Hit, Question, TimeWindow

MANY = 20
"""Hits that say when what was asked about was news."""


def ages(question: Question, days: Days) -> Days | None:
    """Days between publication and the time asked about: 0 inside it, below 0 for a later article, nan for an undated.

    That time is the window that the words of the question name; else the as-of date, also where it lies within the
    window ("this week"), since it is the more exact. None where the question names no time.
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
    """Whether it asks how things stand now, and nobody said when now is: the newest counts more, but not much more."""
    return question.is_present and not (question.window or question.as_of)


def newness(days: Days) -> Floats:
    """How near the newest of `days` each of them is, 0 to 1, a month being far; of an undated article, .2."""
    if np.isnan(days).all():
        return np.zeros(len(days), np.float32)
    return closeness(np.asarray(np.nanmax(days) - days), 30)


def _within(day: dt.date, window: TimeWindow) -> bool:
    after = window.date_from is None or window.date_from <= day
    return after and (window.date_to is None or day <= window.date_to)


def closeness(age: Days, days: float) -> Floats:
    """exp(-|age| / days), 0 to 1; of an undated article, that of one that is 1.6 times `days` away: .2."""
    return np.where(np.isnan(age), _UNDATED, np.exp(-np.abs(np.nan_to_num(age)) / days)).astype(np.float32)


_UNDATED = 0.2  # about what the passages found for a question have in the middle: neither favoured nor lost


def nearness_of(question: Question, weight: float, scale: float) -> Nearness | None:
    """What nearness to the time asked about adds to a score of 0 to 1, up to `weight`; None where there is no time."""
    if asks_only_of_now(question):
        return lambda days: weight * newness(days)
    if not (question.window or question.as_of):
        return None

    def nearness(days: Days) -> Floats:
        age = ages(question, days)
        assert age is not None  # there is a window or an as-of date
        return weight * closeness(age, scale)

    return nearness


def time_columns(question: Question, hits: Sequence[Hit], fused: Floats) -> dict[str, Floats]:
    """What the day of each hit says, by the name of the feature."""
    days = days_of(hit.passage.article for hit in hits)
    known = ~np.isnan(days)
    asked = ages(question, days)
    age = np.full(len(hits), np.nan) if asked is None else asked
    dated = known & ~np.isnan(age)
    age = np.where(dated, age, 0.0)
    given = float(asked is not None)
    # When were the best of them published? What was asked about was news in those days.
    best = np.argsort(-fused, kind="stable")[:MANY]
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
