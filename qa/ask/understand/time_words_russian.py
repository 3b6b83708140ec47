"""Finds the plainest time words of a question in Russian."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Literal

from qa.ask.understand.calendar import Stretch, month, shifted, the_day, week, year
from qa.language.lexicon import RUSSIAN_MONTH_STEMS

Found = tuple[int, int, Stretch | None, Literal["day", "week", "month", "year", "while"], bool, int, int]
"""Start, end, days, unit, whether they count from the day of asking, and month and day of a date without a year."""

_MONTH = rf"(?P<month>{'|'.join(f'{stem}(?:я|ь|е|а|й|ю)?' for stem in RUSSIAN_MONTH_STEMS)})"
_DATE = re.compile(rf"(?i)\b(?P<day>[12]?\d|3[01])\s{_MONTH}\b(?:\s(?P<year>(?:19|20)\d\d)(?:\sг(?:ода|\.)?)?)?")
_OF_YEAR = re.compile(rf"(?i)\b(?:в|с|до|после|за|на)\s{_MONTH}\b(?:\s(?P<year>(?:19|20)\d\d)(?:\sг(?:ода|оду|\.)?)?)?")
_YEAR = re.compile(r"(?i)\b(?P<year>(?:19|20)\d\d)(?:-?м)?\sгод(?:у|а|ом)?\b")
_NEAR = {"позавчера": -2, "вчера": -1, "сегодня": 0, "завтра": 1}
_DAY = re.compile(rf"(?i)\b(?P<near>{'|'.join(_NEAR)})\b")
_STEP = re.compile(
    r"(?i)\b(?P<step>прошл|эт|следующ|минувш)(?:ой|ый|ом|ем|ую|у|от)\s(?P<unit>недел|месяц|год)(?:е|у|ю|я)?\b"
)
_LAST = re.compile(r"(?i)\bпоследни[ей]\s(?:(?P<count>\d{1,3})\s)?(?P<unit>дн|недел|месяц|год|лет)\w*")
_LATELY = re.compile(r"(?i)\b(?:недавно|в последнее время)\b")


def find_russian(text: str, asked: dt.date | None) -> Iterator[Found]:
    """The time words in Russian that are understood; nothing of a text without Cyrillic letters."""
    if text.isascii():
        return
    for pattern in (_DATE, _OF_YEAR):
        for match in pattern.finditer(text):
            number = _month_number(match["month"])
            day = int(match["day"]) if pattern is _DATE else 0
            start = match.start("month") if pattern is _OF_YEAR else match.start()
            unit: Literal["day", "month"] = "day" if day else "month"
            if not match["year"]:
                yield start, match.end(), None, unit, False, number, day
                continue
            whole = month(int(match["year"]), number)
            if day and whole.first and whole.last and day <= whole.last.day:
                yield start, match.end(), the_day(whole.first.replace(day=day)), unit, False, 0, 0
            elif not day:
                yield start, match.end(), whole, unit, False, 0, 0
    for match in _YEAR.finditer(text):
        yield *match.span(), year(int(match["year"])), "year", False, 0, 0
    for match in _DAY.finditer(text):
        near = the_day(shifted(asked, _NEAR[match["near"].lower()])) if asked else None
        yield *match.span(), near, "day", True, 0, 0
    for match in _STEP.finditer(text):
        yield _stepped(match, asked)
    for match in _LAST.finditer(text):
        days = {"дн": 1, "недел": 7, "месяц": 30}.get(match["unit"].lower(), 365) * int(match["count"] or 6)
        yield *match.span(), Stretch(shifted(asked, -days), asked) if asked else None, "while", True, 0, 0
    for match in _LATELY.finditer(text):
        yield *match.span(), Stretch(shifted(asked, -30), asked) if asked else None, "while", True, 0, 0


def _month_number(written: str) -> int:
    stems = [stem for stem in RUSSIAN_MONTH_STEMS if written.lower().startswith(stem)]
    return RUSSIAN_MONTH_STEMS.index(max(stems, key=len)) + 1


def _stepped(match: re.Match[str], asked: dt.date | None) -> Found:
    steps = {"эт": 0, "следующ": 1}.get(match["step"].lower(), -1)
    unit = match["unit"].lower()
    if unit == "недел":
        around = week(shifted(asked, 7 * steps)) if asked else None
        if asked and around and not steps:
            around = Stretch(shifted(asked, -6), around.last)
        return *match.span(), around, "week", True, 0, 0
    if unit == "месяц":
        return *match.span(), month(asked.year, asked.month + steps) if asked else None, "month", True, 0, 0
    return *match.span(), year(min(max(asked.year + steps, 1), 9999)) if asked else None, "year", True, 0, 0
