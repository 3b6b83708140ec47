"""Finds dates, weekdays, "last week", "three days ago" and the like in a question: the words that say when."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

from qa.ask.understand.calendar import Stretch, month, months, shifted, the_day, week, year
from qa.ask.understand.time_words_russian import find_russian
from qa.language.dates import Date, find_dates
from qa.language.lexicon import COUNTS, MONTH_NUMBERS, ORDINALS, RELATIVE_DAYS, SEASONS, WEEKDAY_NUMBERS, any_of

Unit = Literal["day", "week", "month", "season", "year", "while"]


class Core(NamedTuple):
    """Time words without preposition; a date without a year has month and day in place of the stretch."""

    start: int
    end: int
    stretch: Stretch | None
    unit: Unit
    counted: bool = False
    month: int = 0
    day: int = 0


_COUNTS = {word: count for word, count in COUNTS.items() if count} | {
    "a": 1,
    "an": 1,
    "couple": 2,
    "couple of": 2,
    "few": 3,
    "several": 4,
}
_DAYS = {"hour": 0, "minute": 0, "day": 1, "night": 1, "week": 7, "fortnight": 14, "month": 30, "year": 365}
_DAYS |= {"quarter": 91, "decade": 3650}

_COUNT = rf"(?P<count>\d{{1,3}}|{any_of(_COUNTS)})"
_UNITS = any_of(_DAYS)
_SEASON = any_of(SEASONS)
_YEAR = r"(?P<year>(?:19|20)\d\d)\b"


def find_cores(text: str, asked: dt.date | None = None) -> list[Core]:
    """The time words of a text in order, without prepositions, none overlapping another."""
    taken = bytearray(len(text))
    for address in _ADDRESS.finditer(text):
        taken[address.start() : address.end()] = b"\1" * (address.end() - address.start())
    cores: list[Core] = []
    for find in _FINDERS:
        for core in find(text, asked):
            if 1 not in taken[core.start : core.end]:
                taken[core.start : core.end] = b"\1" * (core.end - core.start)
                cores.append(core)
    return sorted(cores, key=lambda core: core.start)


_ADDRESS = re.compile(r"(?i)\b(?:https?://|www\.)[^\s<>\"]+")


# --- the kinds of time words, the fuller ones first -------------------------------------------------------------------

_ISO_MONTH = re.compile(r"(?<![\w-])((?:19|20)\d\d)-(0[1-9]|1[0-2])(?![\w-])")
_QUARTER = re.compile(
    rf"""(?xi)\b(?: (?P<nth>first|second|third|fourth|1st|2nd|3rd|4th)\s(?P<what>quarter|half) | (?P<short>[QH][1-4]) )
    (?: \s(?:of\s)?(?:the\s)? (?: {_YEAR} | (?P<step>this|last|next)\syear ) )?\b"""
)
_SEASON_OF = re.compile(
    rf"""(?xi)\b(?: (?P<step>this|last|next|past)\s(?P<stepped>{_SEASON})
    | (?P<dated>{_SEASON})\s(?:of\s)?{_YEAR}(?:[-/]\d\d)?
    | (?:in|during|since|over|until|by)\s(?:the\s)?(?P<alone>{_SEASON})\b(?!\s(?:of|in)\b|\s\d) )\b"""
)
_STEP = re.compile(
    rf"""(?xi)\b(?P<step>this|last|past|next|previous|coming|current)\s(?:past\s|coming\s)?
    (?P<unit>week|weekend|month|year|quarter|fortnight|decade|night|morning|afternoon|evening
    |{any_of(WEEKDAY_NUMBERS)}|{any_of(MONTH_NUMBERS)})\b(?!\sof\b|-|\s\d)"""
)
_SPAN = re.compile(
    rf"(?i)\b(?P<step>last|past|previous|recent|next|coming)\s(?:{_COUNT}\s)?(?P<unit>{_UNITS})s\b(?!\sof\b)"
)
_WITHIN = re.compile(rf"(?i)\bwithin\s(?:the\s)?{_COUNT}\s(?P<unit>{_UNITS})s?\b")
_AGO = re.compile(rf"(?i)\b{_COUNT}\s(?P<unit>{_UNITS})s?\sago\b")
_NEAR = re.compile(
    r"(?i)\b(?P<day>(?:the\s)?day\sbefore\syesterday|yesterday|today|tonight|tomorrow|overnight)\b(?!\sshow)"
)
_LATELY = re.compile(r"(?i)\b(?:recently|lately|of\slate|these\sdays)\b")
_WEEKEND = re.compile(r"(?i)\b(?:over|at|during|on)\s(?:the\s)?(?P<weekend>weekend)\b")
_WEEKDAY = re.compile(
    rf"""(?xi)(?<!black\s)(?<!super\s)(?<!bloody\s)(?<!good\s)(?<!cyber\s)(?<!ash\s)(?<!palm\s)(?<!easter\s)(?<!giving\s)
    (?P<link>\b(?:on|since|until|by|before|after|from|early|late|of|between|and|to)\s)?
    \b(?P<weekday>{any_of(WEEKDAY_NUMBERS)})\b
    (?!\s(?:night\s(?:live|lights|football)|times|telegraph|mirror|mail|express|herald|people|addams|star|post))"""
)
_MONTH = re.compile(
    rf"""(?xi)\b(?P<link>in|since|of|from|during|by|until|till|before|after|between|and|to|through|early|late|mid|for
    |over|the|throughout)[\s-](?P<month>{any_of(MONTH_NUMBERS)})\b(?!\s?\d|\son\b)"""
)
_DECADE = re.compile(
    r"(?i)\b(?:in|during|since|of|from|until|by|before|after|early|late|mid)[\s-](?:the\s)?(?P<decade>(?:1[89]|20)\d0)'?s\b"
)
# Words that are months only where a capital letter or the word before says so.
_ALSO_WORDS = {"march", "may", "august"}
_SURELY = {"in", "since", "last", "until", "early", "late", "mid", "during", "next"}


def _calendar_dates(text: str, asked: dt.date | None) -> Iterator[Core]:
    for match in _ISO_MONTH.finditer(text):
        yield Core(*match.span(), month(int(match[1]), int(match[2])), "month")
    for start, end, date in find_dates(text):
        if date.is_year:
            assert date.year
            if _is_a_year(text, start, end, date.year):
                yield Core(start, end, year(date.year), "year")
        elif (date.year or date.day) and date.month and (core := _calendar_date(start, end, date)):
            yield core


def _calendar_date(start: int, end: int, date: Date) -> Core | None:
    assert date.month
    if not date.year:
        return Core(start, end, None, "day", month=date.month, day=date.day or 0)
    if not date.day:
        return Core(start, end, month(date.year, date.month), "month")
    day = day_of(date.year, date.month, date.day)
    return Core(start, end, the_day(day), "day") if day else None


def day_of(of_year: int, number: int, day: int) -> dt.date | None:
    """The day; None if the month has no such day."""
    try:
        return dt.date(of_year, number, day)
    except ValueError:  # 30 February
        return None


_BEFORE_YEAR = re.compile(
    r"(?i)(?:\b(?:in|since|of|by|until|till|from|between|and|before|after|during|early|late|mid|through|to|year|around"
    rf"|than|throughout|for|end|start|late|{_SEASON})[\s-]|[(/–-]\s?)$"
)
_UNIT_AFTER = re.compile(
    r"(?i)\s(?:people|soldiers|troops|men|women|children|dollars|euros|pounds|rubles|roubles|km|kilomet|miles|met(?:er|re)s"
    r"|feet|tons|tonnes|kg|years|days|hours|jobs|workers|homes|houses|cases|deaths|cars|times|tickets|members|students"
    r"|employees|guests|points|calories|percent)"
)


def _is_a_year(text: str, start: int, end: int, number: int) -> bool:
    """True if a four-digit number is a year: one that could be a count needs a word before it that says so."""
    if _UNIT_AFTER.match(text, end):
        return False
    return (1990 <= number <= 2040 and number != 2000) or bool(_BEFORE_YEAR.search(text, max(0, start - 12), start))


def _quarters(text: str, asked: dt.date | None) -> Iterator[Core]:
    for match in _QUARTER.finditer(text):
        nth, what = (match["nth"] or "").lower(), (match["what"] or "").lower()
        number = int(match["short"][1]) if match["short"] else ORDINALS.get(nth) or int(nth[0])
        half = what == "half" or (match["short"] or "")[:1] in "Hh" and bool(match["short"])
        if half and (number > 2 or not (match["year"] or match["step"])):
            continue  # the first half of a match
        length = 6 if half else 3
        of_year = int(match["year"]) if match["year"] else None
        if match["step"]:
            of_year = asked.year + _STEPS[match["step"].lower()] if asked else None
        elif of_year is None and asked:
            of_year = asked.year - (number * length - length + 1 > asked.month)
        stretch = months(of_year, number * length - length + 1, length) if of_year else None
        yield Core(*match.span(), stretch, "season", counted=not match["year"])


_STEPS = {"last": -1, "previous": -1, "past": -1, "this": 0, "current": 0, "next": 1, "coming": 1}


def _seasons(text: str, asked: dt.date | None) -> Iterator[Core]:
    for match in _SEASON_OF.finditer(text):
        group = next(name for name in ("stepped", "dated", "alone") if match[name])
        start = match.start() if group != "alone" else match.start("alone")
        first = SEASONS[match[group].lower()]
        if match["year"]:
            yield Core(start, match.end(), months(int(match["year"]), first, 3), "season")
            continue
        stretch = None
        if asked:
            of_year = asked.year - (asked < dt.date(asked.year, first, 1))  # the last one that has begun
            step = (match["step"] or "").lower()
            begun = months(of_year, first, 3)
            is_on = begun.last is not None and asked <= begun.last
            if step == "next" or (step == "this" and begun.last and (asked - begun.last).days > 180):
                of_year += 1
            elif step in ("last", "past") and is_on:
                of_year -= 1
            stretch = months(of_year, first, 3)
        yield Core(start, match.end(), stretch, "season", counted=True)


def _steps(text: str, asked: dt.date | None) -> Iterator[Core]:
    for match in _STEP.finditer(text):
        step, unit = match["step"].lower(), match["unit"].lower()
        if step == "this" and asked and _is_to_come(unit, asked) and speaks_of_the_future(text):
            step = "next"
        if unit == "may" and match["unit"] != "May":
            continue  # "this may be"
        kind: Unit = "day"
        if unit in ("month", "year", "week"):
            kind = "month" if unit == "month" else "year" if unit == "year" else "week"
        elif unit in ("weekend", "fortnight"):
            kind = "week"
        elif unit in MONTH_NUMBERS:
            kind = "month"
        elif unit in ("quarter", "decade"):
            kind = "season" if unit == "quarter" else "year"
        yield Core(*match.span(), _stepped(step, unit, asked) if asked else None, kind, counted=True)


def _is_to_come(unit: str, asked: dt.date) -> bool:
    """Whether "this Friday", "this weekend" may be the coming one: it is not under way."""
    return asked.weekday() < 4 if unit == "weekend" else WEEKDAY_NUMBERS.get(unit, asked.weekday()) != asked.weekday()


def _stepped(step: str, unit: str, asked: dt.date) -> Stretch:
    """The days of "last week", "this March", "next Friday"."""
    steps = _STEPS[step]
    if unit in WEEKDAY_NUMBERS:
        return the_day(_weekday(WEEKDAY_NUMBERS[unit], step, asked))
    if unit in MONTH_NUMBERS:
        number = MONTH_NUMBERS[unit]
        has_begun = number <= asked.month
        if steps > 0:
            return month(asked.year + (number <= asked.month), number)
        return month(asked.year - (not has_begun or (steps < 0 and number == asked.month)) * (steps < 0), number)
    if unit in ("night", "morning", "afternoon", "evening"):
        return the_day(shifted(asked, steps))
    if step == "past" and unit != "weekend":
        return Stretch(shifted(asked, -_DAYS[unit]), asked)
    match unit:
        case "week":
            # On a Monday "this week" may well mean the seven days before it.
            around = week(shifted(asked, 7 * steps))
            return Stretch(shifted(asked, -6), around.last) if steps == 0 else around
        case "weekend":
            saturday = shifted(asked, 5 - asked.weekday())
            is_on = asked.weekday() >= 4
            back = 0 if steps > 0 or (steps == 0 and is_on) else 7
            saturday = shifted(saturday, 7 * (steps > 0 and is_on) - back)
            return Stretch(saturday, shifted(saturday, 1))
        case "month":
            return month(asked.year, asked.month + steps)
        case "year":
            return year(min(max(asked.year + steps, 1), 9999))
        case "quarter":
            return months(asked.year, (asked.month - 1) // 3 * 3 + 1 + 3 * steps, 3)
        case "decade":
            tens = min(max(asked.year // 10 * 10 + 10 * steps, 1), 9990)
            return Stretch(year(tens).first, year(min(tens + 9, 9999)).last)
        case _:
            days = _DAYS[unit]
            return Stretch(asked, shifted(asked, days)) if steps > 0 else Stretch(shifted(asked, -days), asked)


def _weekday(number: int, step: str, asked: dt.date) -> dt.date:
    """The last such day, the day of asking included unless "last" is said; after "next" the next."""
    if step in ("next", "coming"):
        return shifted(asked, (number - asked.weekday() - 1) % 7 + 1)
    back = (asked.weekday() - number) % 7
    return shifted(asked, -(back or (7 if step in ("last", "past", "previous") else 0)))


def _spans(text: str, asked: dt.date | None) -> Iterator[Core]:
    for pattern in (_SPAN, _WITHIN):
        for match in pattern.finditer(text):
            step, unit = (match["step"] if pattern is _SPAN else "past").lower(), match["unit"].lower()
            counted = match["count"]
            if not counted and step not in ("recent", "past", "last", "coming"):
                continue
            count = _count(counted) if counted else 10 if unit == "day" else 6
            days = (-(-count // 24) if unit == "hour" else count * _DAYS[unit]) or 1
            stretch = None
            if asked:
                ahead = step in ("next", "coming")
                stretch = Stretch(asked, shifted(asked, days)) if ahead else Stretch(shifted(asked, -days), asked)
            yield Core(*match.span(), stretch, "while", counted=True)
    for match in _AGO.finditer(text):
        yield Core(*match.span(), _ago(match, asked) if asked else None, "while", counted=True)


def _count(written: str) -> int:
    return int(written) if written.isdigit() else _COUNTS[" ".join(written.lower().split())]


def _ago(match: re.Match[str], asked: dt.date) -> Stretch:
    """The day so long ago, with more days around it the vaguer the unit is."""
    count, unit = _count(match["count"]), match["unit"].lower()
    if unit in ("year", "decade"):
        return year(max(asked.year - count * (10 if unit == "decade" else 1), 1))
    slack = {"week": 3, "fortnight": 5, "month": 15, "quarter": 45}.get(unit, 0)
    day = shifted(asked, -(count // 24 if unit == "hour" else count * _DAYS[unit]))
    return Stretch(shifted(day, -slack), shifted(day, slack))


_MASTHEAD = re.compile(r"\b[A-Z]\w+\s$")


def _near_days(text: str, asked: dt.date | None) -> Iterator[Core]:
    for match in _NEAR.finditer(text):
        said = match["day"].lower()
        if match["day"] == "Today" and _MASTHEAD.search(text, 0, match.start()):
            continue  # "USA Today"
        days = -2 if "before" in said else RELATIVE_DAYS.get(said, 0)
        yield Core(*match.span(), the_day(shifted(asked, days)) if asked else None, "day", counted=True)
    for match in _LATELY.finditer(text):
        yield Core(*match.span(), Stretch(shifted(asked, -30), asked) if asked else None, "while", counted=True)
    for match in _WEEKEND.finditer(text):
        stretch = _stepped("last" if asked.weekday() < 4 else "this", "weekend", asked) if asked else None
        yield Core(*match.span("weekend"), stretch, "week", counted=True)


def _weekdays(text: str, asked: dt.date | None) -> Iterator[Core]:
    ahead = speaks_of_the_future(text)
    for match in _WEEKDAY.finditer(text):
        if not match["link"] and not match["weekday"][0].isupper():
            continue
        number = WEEKDAY_NUMBERS[match["weekday"].lower()]
        day = the_day(_weekday(number, "next" if ahead else "", asked)) if asked else None
        yield Core(*match.span("weekday"), day, "day", counted=True)


def _month_names(text: str, asked: dt.date | None) -> Iterator[Core]:
    for match in _MONTH.finditer(text):
        name, link = match["month"], match["link"].lower()
        if name.lower() in _ALSO_WORDS and not name[0].isupper() and link not in _SURELY:
            continue
        if link == "the" and name.lower() in _ALSO_WORDS and not re.match(r"\s[a-z]+", text[match.end() :]):
            continue  # the March
        yield Core(*match.span("month"), None, "month", month=MONTH_NUMBERS[name.lower()])


def _decades(text: str, asked: dt.date | None) -> Iterator[Core]:
    for match in _DECADE.finditer(text):
        first = int(match["decade"])
        yield Core(match.start("decade"), match.end(), Stretch(year(first).first, year(first + 9).last), "year")


def _russian(text: str, asked: dt.date | None) -> Iterator[Core]:
    for found in find_russian(text, asked):
        yield Core(*found)


_FINDERS: Sequence[Callable[[str, dt.date | None], Iterator[Core]]] = (
    _russian,
    _quarters,
    _seasons,
    _calendar_dates,
    _spans,
    _steps,
    _near_days,
    _weekdays,
    _month_names,
    _decades,
)

_FUTURE = re.compile(
    r"(?i)\b(?:will|going\sto|next|upcoming|scheduled|planned|due|expected\sto|set\sto|tomorrow)\b|'ll\b|\bбудет\b"
)
PAST = re.compile(r"(?i)\b(?:did|was|were|had|happened|last|said|\w{3,}ed)\b")


def speaks_of_the_future(text: str) -> bool:
    """True if a question asks about the future."""
    return bool(_FUTURE.search(text)) and not re.search(r"(?i)\b(?:did|happened|was\ssaid)\b", text)
