"""Dates and times of day in a text, as far as it gives them, and whether two wordings mean the same."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import NamedTuple

from qa.language.lexicon import (
    MONTH_NUMBERS,
    RELATIVE_DAYS,
    SHORT_MONTHS,
    SHORT_WEEKDAYS,
    WEEKDAY_NUMBERS,
    WEEKDAYS,
    any_of,
    months,
)


class Date(NamedTuple):
    """A day, month or year; a part that the text leaves open is None."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    """Monday is 0."""
    near: dt.date | None = None
    """For a weekday alone: the day of publication; the date lies within a week of it."""
    relative: str = ""
    """"yesterday", "last year": set when no day of publication is known to count from."""

    either: tuple[int, int] | None = None
    """The numbers of 4/7/2024, where nobody can tell which is the month; `month` and `day` are None then."""

    @property
    def is_year(self) -> bool:
        """Whether it is a year and nothing more."""
        return self.year is not None and self.month is None and self.weekday is None and self.either is None


class TimeOfDay(NamedTuple):
    """A time of day."""

    minutes: int
    """Since midnight."""
    half_known: bool
    """Whether morning or afternoon is known."""


_ANY_MONTH = MONTH_NUMBERS | SHORT_MONTHS
_ANY_WEEKDAY = WEEKDAY_NUMBERS | SHORT_WEEKDAYS

_MONTH = rf"(?P<month>{any_of(MONTH_NUMBERS)}\b|{any_of(SHORT_MONTHS)}\b\.?)"
_WEEKDAY = rf"(?:(?P<weekday>{any_of(_ANY_WEEKDAY)})\b\.?,?\s(?:the\s)?)?"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_UNTIL = r"(?:(?:\s?[-–—]\s?|\s(?:and|to)\s)(?P<until>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?!\d))?"
_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d)(?!\d|,\d)"
_NO_DAY = r"(?![\d:]|,\d|\s(?:million|billion|per))"

_CALENDAR = [
    re.compile(rf"\b{_WEEKDAY}{_DAY}{_UNTIL}\s(?:of\s)?{_MONTH}(?:,?\s{_YEAR})?", re.IGNORECASE),
    re.compile(rf"\b{_WEEKDAY}{_MONTH}\s(?:the\s)?{_DAY}{_NO_DAY}{_UNTIL}(?:,?\s{_YEAR})?", re.IGNORECASE),
    re.compile(rf"\b{_MONTH},?\s(?:of\s)?{_YEAR}", re.IGNORECASE),
    re.compile(rf"(?<![\w.-]){_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)"),
    re.compile(rf"(?<![\w.-])(?P<day>\d\d?)(?P<mark>[./])(?P<month>\d\d?)(?P=mark){_YEAR}"),
]
_YEARS = re.compile(
    r"(?<![\w.,$€£¥])(?P<year>1[5-9]\d\d|20\d\d)(?!'?s\b)"
    r"(?:\s?[-–—/]\s?(?P<last>20\d\d|19\d\d|\d\d(?!\d)))?(?![\w%$€£]|[.,:]\d|-\w)"
)
_NAMED = re.compile(
    rf"\b(?:(?P<weekday>{any_of(WEEKDAYS)})(?:'s)?"
    rf"|(?P<month>{any_of(set(months('en')) - {'March', 'May'})}"
    r"|(?:(?<=[Ii]n )|(?<=since |until |early |month )|(?<=late |last |next |this )|(?<=mid-)|(?<=by ))(?:March|May))"
    r"|(?P<relative>[Yy]esterday|[Tt]oday|[Tt]omorrow|[Tt]onight|(?:[Ll]ast|[Tt]his|[Nn]ext)\s(?:year|month)))\b"
)
_STEP = {"last": -1, "this": 0, "next": 1}


def find_dates(text: str, published: dt.date | None = None) -> Iterator[tuple[int, int, Date]]:
    """Start, end and value of each date, fuller forms first: a later one may lie inside an earlier one.

    `published` is the day that "yesterday", "Tuesday" and "19 January" count from. The ends of a range are two dates.
    """
    for pattern in _CALENDAR:
        for match in pattern.finditer(text):
            yield from _calendar_dates(match, published)
    for match in _YEARS.finditer(text):
        yield match.start(), match.end("year"), Date(int(match["year"]))
        if last := match["last"]:
            century = match["year"][: 4 - len(last)]
            yield match.start("last"), match.end(), Date(int(century + last))
    for match in _NAMED.finditer(text):
        yield match.start(), match.end(), _named_date(match, published)


def _calendar_dates(match: re.Match[str], published: dt.date | None) -> Iterator[tuple[int, int, Date]]:
    parts = match.groupdict()
    month = _ANY_MONTH.get(parts["month"].lower().rstrip(".")) or int(parts["month"])
    day = int(parts["day"]) if parts.get("day") else None
    if parts.get("mark") == "/" and day and day <= 12 < month:
        day, month = month, day
    if not 1 <= month <= 12 or (day and not 1 <= day <= 31):
        return
    if parts.get("mark") == "/" and day and day <= 12 and day != month:
        yield match.start(), match.end(), Date(int(parts["year"]), either=(day, month))
        return
    date = Date(int(parts["year"]) if parts["year"] else None, month, day)
    until = parts.get("until")
    weekday = _ANY_WEEKDAY.get((parts.get("weekday") or "").lower())
    day_of = date._replace(weekday=weekday)
    yield match.start(), match.end("day") if until else match.end(), _placed(day_of, published, match.string)
    if until:
        yield match.start("until"), match.end(), _placed(date._replace(day=int(until)), published, match.string)


AHEAD = re.compile(r"\b(?:will|shall|next|coming|to be|is due|are due|plans?|scheduled)\b", re.I)
"""Words of a sentence that tells what is to come."""


def _placed(date: Date, published: dt.date | None, text: str) -> Date:
    """The date; if it has no year, with the year nearest to the day of publication.

    A day more than half a year back is of the year to come only where the text tells what is to come, or where it is
    more than nine months back: in December "on 3 May" is of the same year, and "on 15 January" of the next.
    """
    if date.year or not published or not date.month:
        return date
    days = published.month * 30.4 + published.day - date.month * 30.4 - (date.day or 15)
    most = 183 if AHEAD.search(text) else 274
    return date._replace(year=published.year + (1 if days > most else -1 if days < -183 else 0))


def _named_date(match: re.Match[str], published: dt.date | None) -> Date:
    if match["month"]:
        return _placed(Date(month=MONTH_NUMBERS[match["month"].lower()]), published, match.string)
    if match["weekday"]:
        return Date(weekday=WEEKDAY_NUMBERS[match["weekday"].lower()], near=published)
    said = " ".join(match["relative"].lower().split())
    if not published:
        return Date(relative=said)
    if said in RELATIVE_DAYS:
        day = published.toordinal() + RELATIVE_DAYS[said]
        return date_of(dt.date.fromordinal(min(max(day, 1), dt.date.max.toordinal())))
    step, _, unit = said.partition(" ")
    if unit == "year":
        return Date(published.year + _STEP[step])
    month = published.year * 12 + published.month - 1 + _STEP[step]
    return Date(month // 12, month % 12 + 1)


def date_of(day: dt.date) -> Date:
    """The day as a fully known date."""
    return Date(day.year, day.month, day.day)


def same_date(claimed: Date, stated: Date) -> bool:
    """Whether the claimed date is the stated one. It may say less than its source, and add only the year."""
    if claimed.relative or stated.relative:
        return claimed.relative == stated.relative
    if claimed.either:
        is_reading = stated.either == claimed.either or (stated.day, stated.month) in (
            claimed.either,
            claimed.either[::-1],
        )
        return claimed.year == stated.year and is_reading
    parts = list(zip(claimed[:3], stated[:3], strict=True))
    if any(a != b for a, b in parts if a is not None and b is not None):
        return False
    a, b = _weekday(claimed), _weekday(stated)
    if a is not None and b is not None:
        both_written = claimed.weekday is not None and stated.weekday is not None
        return a == b and (both_written or _within_a_week(claimed, stated))
    common = any(a is not None and b is not None for a, b in parts)
    return common and all(a is None or b is not None for a, b in parts[1:])


def _weekday(date: Date) -> int | None:
    if date.weekday is not None:
        return date.weekday
    return day.weekday() if (day := _day(date)) else None


def _day(date: Date) -> dt.date | None:
    if not (date.year and date.month and date.day):
        return None
    try:
        return dt.date(date.year, date.month, date.day)
    except ValueError:  # 30 February
        return None


def _within_a_week(claimed: Date, stated: Date) -> bool:
    near, day = (claimed.near, _day(stated)) if claimed.near else (stated.near, _day(claimed))
    return not near or not day or abs((day - near).days) <= 7


_TIME = re.compile(
    r"(?<![\w.:,$€£])(?:(?P<hour>[01]?\d|2[0-3])(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap]\.?m\b\.?)"
    r"|(?P<hour24>[01]?\d|2[0-3]):(?P<minute24>[0-5]\d)(?![:\d])|\b(?P<word>noon|midday|midnight)\b)",
    re.IGNORECASE,
)


def find_times(text: str) -> Iterator[tuple[int, int, TimeOfDay]]:
    """Start, end and value of each time of day."""
    for match in _TIME.finditer(text):
        yield match.start(), match.end(), _clock(match)


def _clock(match: re.Match[str]) -> TimeOfDay:
    if word := match["word"]:
        return TimeOfDay(0 if word.lower() == "midnight" else 720, True)
    if half := match["half"]:
        hour = int(match["hour"]) % 12 + (12 if half[0] in "pP" else 0)
        return TimeOfDay(hour * 60 + int(match["minute"] or 0), True)
    hour = int(match["hour24"])
    return TimeOfDay(hour * 60 + int(match["minute24"]), hour > 12 or match["hour24"].startswith("0"))


def same_time(claimed: TimeOfDay, stated: TimeOfDay) -> bool:
    """Whether the times are the same; if one leaves morning or afternoon open, either fits."""
    if claimed.half_known and stated.half_known:
        return claimed.minutes == stated.minutes
    return claimed.minutes % 720 == stated.minutes % 720
