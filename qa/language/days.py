"""Reads a date as people and programs write it: a whole day, or a month or year where no more is said."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from qa.language.lexicon import MONTH_NUMBERS, RUSSIAN_MONTH_FORMS, SHORT_MONTHS, any_of, months
from qa.types import DatePrecision

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

_LONGEST = 80

# English and Russian; anything else is dateparser's. Whole names only: the Finnish "marraskuu" is not March.
_MONTH_NAMES = [
    any_of([english, *(short for short, of in SHORT_MONTHS.items() if of == number), russian, *others.split()])
    for (english, number), russian, others in zip(MONTH_NUMBERS.items(), months("ru"), RUSSIAN_MONTH_FORMS, strict=True)
]
_MONTHS = [re.compile(names, re.IGNORECASE) for names in _MONTH_NAMES]
MONTH = rf"(?i:{'|'.join(_MONTH_NAMES)})(?![^\W\d_])\.?"
_DAY = r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th)?(?!\d)"
_YEAR = r"(?P<year>\d{4})(?!\d)"

_DAYS = [
    re.compile(r"(?<!\d)(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)"),
    re.compile(r"\A(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:T?\d{4,6}Z?)?\Z"),
    re.compile(rf"{_DAY}[\s.-]*(?:of\s+)?(?P<month>{MONTH})[\s,.-]*{_YEAR}"),
    re.compile(rf"(?<![^\W\d_])(?P<month>{MONTH})\s*{_DAY},?\s+{_YEAR}"),
]
_NUMERIC = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)")
_WHOLE_MONTHS = [
    re.compile(rf"(?P<month>{MONTH}),?\s+{_YEAR}"),
    re.compile(r"(?P<year>\d{4})[-/](?P<month>\d{1,2})"),
]
_WHOLE_YEAR = re.compile(r"(?P<year>\d{4})")
_UNIX_TIME = re.compile(r"[12]\d{9}(?:\d{3})?")  # seconds or milliseconds since 1970
_CLOCK = re.compile(r"\b\d\d?:\d\d(?::\d\d)?\b")
_HAS_ALL_PARTS = re.compile(r"(?=.*(?<!\d)\d{1,2}(?!\d))(?=.*(?<!\d)(?:19|20)\d\d(?!\d))(?=.*[^\W\d_])", re.DOTALL)

# What newspapers are written in: with every language there is, the first date that is none takes four seconds.
_LANGUAGES = """ar az be bg bs ca cs da de el es et fa fi fr he hi hr hu hy id it ja ka kk ko ky lt lv mk ms nb nl pl pt
    ro ru sk sl sq sr sv th tr uk uz vi zh""".split()


class Day(NamedTuple):
    """A date and how much of it was said; of a month or a year it is the first day."""

    date: dt.date
    precision: DatePrecision = "day"

    def holds(self, other: Day) -> bool:
        """Whether the other is more exact and lies within this one, as any day of March 2020 does in "March 2020"."""
        if self.precision == "day" or other.precision in ("year", self.precision):
            return False
        return other.date.year == self.date.year and (self.precision == "year" or other.date.month == self.date.month)


def read_day(value: Any) -> Day | None:
    """The date that a field names; None for relative words, for 03/04/2017 and for what is no date.

    Of several dates in it the first counts. A day is taken as it is written, in whatever time zone that was.
    """
    if isinstance(value, dt.datetime):
        return Day(value.date())
    if isinstance(value, dt.date):
        return Day(value)
    return _read(str("" if value is None else value)[:_LONGEST].strip())


@lru_cache(maxsize=10_000)
def _read(text: str) -> Day | None:
    if _UNIX_TIME.fullmatch(text):
        return Day(dt.datetime.fromtimestamp(int(text[:10]), dt.UTC).date())
    for pattern in _DAYS:
        if match := pattern.search(text):
            return made_day(match["year"], match["month"], match["day"])
    if match := _NUMERIC.search(text):
        return _numeric(match)
    for pattern in _WHOLE_MONTHS:
        if match := pattern.fullmatch(text):
            return made_day(match["year"], match["month"])
    if match := _WHOLE_YEAR.fullmatch(text):
        return made_day(match["year"])
    day = _CLOCK.sub("", text).strip(" ,")
    return _read_in_any_language(day) if _HAS_ALL_PARTS.match(day) else None


def made_day(year: str, month: str | None = None, day: str | None = None) -> Day | None:
    """The date of these parts, the month as a number or a name; None where there is no such day."""
    try:
        first = dt.date(int(year), month_number(month) if month else 1, int(day) if day else 1)
    except ValueError:
        return None
    return Day(first, "day" if day else "month" if month else "year")


def month_number(month: str) -> int:
    """1 to 12 for a month that MONTH matched; a number stands for itself. Raises ValueError."""
    name = month.rstrip(".")
    return next((n for n, names in enumerate(_MONTHS, 1) if names.fullmatch(name)), 0) or int(name)


def _numeric(match: re.Match[str]) -> Day | None:
    first, mark, second, year = match.groups()
    if mark == "." or int(first) > 12 or first == second:  # 19.01.2017, 19/01/2017
        return made_day(year, second, first)
    if int(second) > 12:  # 01/19/2017
        return made_day(year, first, second)
    return None  # such as 03/04/2017: nobody can tell which is the month


@lru_cache(maxsize=10_000)  # it takes 15 ms, and many articles are of one day
def _read_in_any_language(text: str) -> Day | None:
    try:
        found = _date_parser().get_date_data(text).date_obj
    except (ValueError, OverflowError, TypeError):  # what it raises for some texts that are no dates
        return None
    return Day(found.date()) if found else None


@lru_cache(maxsize=1)
def _date_parser() -> DateDataParser:
    from dateparser.date import DateDataParser

    settings = {"PARSERS": ["absolute-time"], "STRICT_PARSING": True, "REQUIRE_PARTS": ["day", "month", "year"]}
    # Each text by itself: a language must not be guessed from the date that was read before it.
    return DateDataParser(languages=_LANGUAGES, try_previous_locales=False, settings=settings)
