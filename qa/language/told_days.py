"""The day that a sentence tells of, where the calendar or the day of publication tells it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from qa.language.dates import AHEAD, Date
from qa.language.facts import find_measures
from qa.language.lexicon import SAID, any_of


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A day, month or year; an unknown part is 0, so that dates can be sorted."""

    year: int
    month: int = 0
    day: int = 0

    @property
    def whole(self) -> dt.date | None:
        """The day on the calendar; None for a month or a year, and for 30 February."""
        try:
            return dt.date(self.year, self.month, self.day)
        except ValueError:
            return None

    def __str__(self) -> str:
        if not self.month:
            return str(self.year)
        month = dt.date(2000, self.month, 1).strftime("%B")
        return " ".join(str(part) for part in (self.day, month, self.year) if part)


def published_day(date: dt.date | None) -> PartialDate | None:
    """The day of publication as a PartialDate."""
    return PartialDate(date.year, date.month, date.day) if date else None


def day_in(text: str, start: int, end: int, published: dt.date | None) -> PartialDate | None:
    """The day named from `start` to `end` of a sentence; None where its year is not known."""
    for fact in find_measures(text, published):
        if fact.kind == "date" and fact.start < end and start < fact.end and isinstance(fact.value, Date):
            return _resolved(fact.value, text, fact.start)
    return None


def first_day(text: str, published: dt.date | None) -> PartialDate | None:
    """The first day, month or year that a sentence names."""
    facts = (fact for fact in find_measures(text, published) if fact.kind == "date")
    days = (_resolved(fact.value, text, fact.start) for fact in facts if isinstance(fact.value, Date))
    return next((day for day in days if day), None)


_TOLD = re.compile(rf"(?i)\b{any_of(SAID)}\b(?P<between>[^.,;]{{0,40}})$")


def _is_ahead(text: str, at: int) -> bool:
    """Whether a sentence tells what is to come on the day that it names there; not in "said on Monday it will ..." ."""
    told = _TOLD.search(text[:at])
    return bool(AHEAD.search(text)) and not (told and not AHEAD.search(told["between"]))


def _resolved(date: Date, text: str, at: int) -> PartialDate | None:
    """The date on the calendar; a lone weekday is the last before publication, or the next where plans are told.

    None for the weekday after that of publication: in news of 2024 it stood there three times as often as the one
    after it, since a report that is brought up to date after midnight keeps its day.
    """
    if date.either:
        return None
    if date.year:
        return PartialDate(date.year, date.month or 0, date.day or 0)
    if date.weekday is None or date.near is None:
        return None
    step, is_ahead = (date.weekday - date.near.weekday()) % 7, _is_ahead(text, at)
    if step == 1 and not is_ahead:
        return None
    day = date.near + dt.timedelta(days=step if is_ahead or not step else step - 7)
    return PartialDate(day.year, day.month, day.day)
