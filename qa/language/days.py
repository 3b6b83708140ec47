"""Reads a date as people and programs write it: a whole day, or a month or year where no more is said."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from qa.language.lexicon import MONTH_NUMBERS, RUSSIAN_MONTH_FORMS, SHORT_MONTHS, any_of, months
from qa.types import DatePrecision

_LONGEST = 80

# English and Russian. Whole names only: the Finnish "marraskuu" is not March.
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

_SHORT_YEAR = re.compile(r"(?<![\d.])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>[012]\d)(?![\d.]*\d)")

# Any language but English and Russian; the months are looked up by name.
_WORD = r"(?P<month>[^\W\d_][^\s\d.,;:()\[\]|/]*)"
_IN_ANY_LANGUAGE = [
    re.compile(r"(?<!\d)(?P<year>\d{4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]"),
    re.compile(rf"(?<!\d)(?P<day>\d{{1,2}})\s(?i:tháng)\s(?P<month>\d{{1,2}})(?i:,?\s(?:năm\s)?){_YEAR}"),
    re.compile(rf"(?<!\d)(?P<day>\d{{1,2}})(?:er|st|nd|rd|th|[.ºª°])?\s?(?:d['e]\s?)?{_WORD}[.,]?\s(?:del?\s)?{_YEAR}"),
    re.compile(rf"{_WORD}\.?\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[.,]?\s{_YEAR}"),
    re.compile(rf"(?<!\d)(?P<year>\d{{4}})\.?\s(?:m\.\s|gada\s)?{_WORD}\s(?P<day>\d{{1,2}})(?!\d)"),
]

# What newspapers are written in.
_LANGUAGES = """en ar az be bg bs ca cs da de el es et fa fi fr he hi hr hu hy id it ja ka kk ko ky lt lv mk ms nb nl pl
    pt ro ru sk sl sq sr sv th tr uk uz vi zh""".split()


_MONTH_FIRST = re.compile(r"en[-_]us\b", re.IGNORECASE)
_DAY_FIRST = re.compile(r"en[-_](?!us)[a-z]{2}\b|(?!en|zh|ja|ko|fil|tl)[a-z]{2}\b", re.IGNORECASE)
_DAY_FIRST_COUNTRIES = frozenset(
    """uk au nz ie in za ng ke gh sg my eu de at ch fr be nl lu es pt it gr br ar cl mx pl cz sk hu ro bg rs hr si ru ua
    by kz tr il dk se no fi ee lv lt""".split()
)
_MONTH_FIRST_COUNTRIES = frozenset("us gov mil".split())


class Day(NamedTuple):
    """A date and how much of it was said; of a month or a year it is the first day."""

    date: dt.date
    precision: DatePrecision = "day"

    def holds(self, other: Day) -> bool:
        """Whether the other is more exact and lies within this one, as any day of March 2020 does in "March 2020"."""
        if self.precision == "day" or other.precision in ("year", self.precision):
            return False
        return other.date.year == self.date.year and (self.precision == "year" or other.date.month == self.date.month)


def read_day(value: Any, *, day_first: bool | None = None) -> Day | None:
    """The date that a field names; None for relative words and for what is no date.

    Of several dates in it the first counts. A day is taken as it is written, in whatever time zone that was. Which
    number of 03/04/2017 is the day, `day_first` says; None means that nobody can tell, and it is no date then.
    """
    if isinstance(value, dt.datetime):
        return Day(value.date())
    if isinstance(value, dt.date):
        return Day(value)
    return _read(str("" if value is None else value)[:_LONGEST].strip(), day_first)


@lru_cache(maxsize=10_000)
def _read(text: str, day_first: bool | None) -> Day | None:
    if _UNIX_TIME.fullmatch(text):
        return Day(dt.datetime.fromtimestamp(int(text[:10]), dt.UTC).date())
    for pattern in _DAYS:
        if match := pattern.search(text):
            return made_day(match["year"], match["month"], match["day"])
    if match := _NUMERIC.search(text):
        return _numeric(match, day_first)
    for pattern in _WHOLE_MONTHS:
        if match := pattern.fullmatch(text):
            return made_day(match["year"], match["month"])
    if match := _WHOLE_YEAR.fullmatch(text):
        return made_day(match["year"])
    return next((day for *_, day in _in_any_language(text)), None)


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


def find_days(text: str, *, day_first: bool | None = None) -> list[tuple[int, int, Day]]:
    """Start, end and value of each whole day that the text writes out with its year, in order of their places.

    Of two that overlap the longer counts. 03/04/2017 is one where `day_first` says which number is the day.
    """
    found = [
        (match.start(), match.end(), day)
        for pattern in (*_DAYS, _NUMERIC)
        for match in pattern.finditer(text)
        if (
            day := _numeric(match, day_first) if pattern is _NUMERIC else made_day(*match.group("year", "month", "day"))
        )
    ]
    found += _in_any_language(text)
    found += [
        (match.start(), match.end(), day)
        for match in _SHORT_YEAR.finditer(text)
        if (day := made_day(f"20{match['year']}", match["month"], match["day"]))
    ]
    spans: list[tuple[int, int, Day]] = []
    for start, end, day in sorted(found, key=lambda one: (one[0] - one[1], one[0])):
        if all(end <= since or till <= start for since, till, _ in spans):
            spans.append((start, end, day))
    return sorted(spans)


def number_order(text: str) -> bool | None:
    """Whether the dates of a text such as 23/04/2017 are written day first; None where none shows it, or both."""
    orders = {int(match[1]) > 12 for match in _NUMERIC.finditer(text) if match[2] != "." and _shows_order(match)}
    return orders.pop() if len(orders) == 1 else None


def day_first_in(language: str | None, url: str | None) -> bool | None:
    """Whether 3/4/2024 is read day first in a language ("de", "en-GB") or, for plain English, in the address's country.

    None where nobody can tell, as for American English in a British address: it is the default of many programs.
    """
    try:
        country = (urlsplit(url or "").hostname or "").rpartition(".")[2]
    except ValueError:
        country = ""
    if _MONTH_FIRST.match(language or ""):
        return None if country in _DAY_FIRST_COUNTRIES else False
    if _DAY_FIRST.match(language or "") or country in _DAY_FIRST_COUNTRIES:
        return True
    return False if country in _MONTH_FIRST_COUNTRIES else None


def _shows_order(match: re.Match[str]) -> bool:
    return (int(match[1]) > 12) != (int(match[3]) > 12)


def _numeric(match: re.Match[str], day_first: bool | None) -> Day | None:
    first, mark, second, year = match.groups()
    if mark == "." or int(first) > 12 or first == second:  # 19.01.2017, 19/01/2017
        return made_day(year, second, first)
    if int(second) > 12:  # 01/19/2017
        return made_day(year, first, second)
    if day_first is None:
        return None  # such as 03/04/2017: nobody can tell which is the month
    return made_day(year, second, first) if day_first else made_day(year, first, second)


def _in_any_language(text: str) -> list[tuple[int, int, Day]]:
    found = []
    for pattern in _IN_ANY_LANGUAGE:
        for match in pattern.finditer(text):
            month = (
                match["month"] if match["month"].isdigit() else str(_month_names().get(_plain(match["month"])) or "")
            )
            if month and (day := made_day(match["year"], month, match["day"])):
                found.append((match.start(), match.end(), day))
    return found


def _plain(name: str) -> str:
    return name.casefold().removeprefix("d'").strip(".'׳״॰ \N{COMBINING DOT ABOVE}")


@lru_cache(maxsize=1)
def _month_names() -> dict[str, int]:
    """The names of the months, full and short, in every language -> 1 to 12; without those that two read otherwise."""
    names: dict[str, set[int]] = {}
    for language in _LANGUAGES:
        known = import_module(f"dateparser.data.date_translation_data.{language}").info
        for number, english in enumerate(MONTH_NUMBERS, start=1):
            for name in map(_plain, known.get(english, ())):
                if len(name) > 2 or not name.isascii():
                    names.setdefault(name, set()).add(number)
    return {name: numbers.pop() for name, numbers in names.items() if len(numbers) == 1}
