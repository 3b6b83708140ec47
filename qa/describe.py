"""Describes an article: title, outlet, authors, date and how it is known. Never a guess, never the day of ingest."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from qa.text import normalise, sentence_spans, words
from qa.types import DateSource

_EARLIEST = dt.date(1900, 1, 1)
_NOBODY_KNOWS = {"", "unknown", "none", "null", "n/a", "undated", "-"}
_LONGEST_TITLE = 160
_LONGEST_FIELD = 300  # characters of a title that comes with the article; more is the text itself in the wrong place
_HEADING = re.compile(r"#{1,6}\s+(.+)")

# The first letters of the months, English and Russian.
_MONTHS = {
    name: number
    for number, names in enumerate(
        "jan янв|feb фев|mar мар|apr апр|may мая май|jun июн|jul июл|aug авг|sep сен|oct окт|nov ноя|dec дек".split(
            "|"
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[^\W\d_]*\.?"
_DAY = r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})(?!\d)"
# Only a day that is written out counts: "March 2020", "2 hours ago" or "Friday" names none.
_DATES = [
    re.compile(r"(?<!\d)(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)"),
    re.compile(r"\A(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:T?\d{4,6}Z?)?\Z"),
    re.compile(rf"{_DAY}[\s.-]+(?:of\s+)?{_MONTH}[\s,.-]+{_YEAR}", re.IGNORECASE),
    re.compile(rf"\b{_MONTH}\s+{_DAY}\b,?\s+{_YEAR}", re.IGNORECASE),
]
_NUMERIC = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)")


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of an article besides its text."""

    title: str
    outlet: str | None = None
    date: dt.date | None = None
    date_source: DateSource = "unknown"
    authors: tuple[str, ...] = ()
    url: str | None = None
    language: str | None = None


def describe(fields: Mapping[str, Any], text: str, today: dt.date | None = None) -> Description:
    """The description of an article, from the fields it came with and its cleaned text.

    `today` is the day after which no article can have been published (default: today).
    """
    date = _date(fields.get("date"), today or dt.date.today())
    url = _url(fields.get("url"))
    title = _line(fields.get("title"))
    return Description(
        title=_shortened(title, _LONGEST_FIELD) if title else _title(text),
        outlet=_known(fields.get("outlet")) or _host(url),
        date=date,
        date_source="field" if date else "unknown",
        authors=_authors(fields.get("authors")),
        url=url,
        language=_known(fields.get("language")),
    )


def _title(text: str) -> str:
    """The first line where it reads like a headline, else the beginning of the first sentence."""
    first = text.split("\n", 1)[0]
    if heading := _HEADING.fullmatch(first):
        return heading[1]
    if first != text and len(first) <= _LONGEST_TITLE and first[-1:] not in ".:;,-–—":
        return first
    spans = sentence_spans(text[:2000])
    first = next((text[a:b] for a, b in spans if len(words(text[a:b])) > 4), text[:_LONGEST_TITLE].strip())
    return _shortened(first, _LONGEST_TITLE)


def _shortened(line: str, longest: int) -> str:
    return line if len(line) <= longest else line[:longest].rsplit(" ", 1)[0] + "…"


def _date(value: Any, today: dt.date) -> dt.date | None:
    """The day that a date field names, None where it names none between 1900 and `today`."""
    if isinstance(value, dt.datetime):
        found: dt.date | None = value.date()
    elif isinstance(value, dt.date):
        found = value
    else:
        found = _parsed(str(value or "")[:80].strip())
    return found if found and _EARLIEST <= found <= today else None


def _parsed(text: str) -> dt.date | None:
    if re.fullmatch(r"[12]\d{9}(?:\d{3})?", text):  # seconds or milliseconds since 1970
        return dt.datetime.fromtimestamp(int(text[:10]), dt.UTC).date()
    for pattern in _DATES:
        if match := pattern.search(text):
            month = match["month"].lower()
            return _day(int(match["year"]), _MONTHS[month] if month in _MONTHS else int(month), int(match["day"]))
    if match := _NUMERIC.search(text):
        first, mark, second, year = int(match[1]), match[2], int(match[3]), int(match[4])
        if mark == "." or first > 12 or first == second:  # 19.01.2017, 19/01/2017
            return _day(year, second, first)
        if second > 12:  # 01/19/2017
            return _day(year, first, second)
    return None  # nothing, or such as 03/04/2017: nobody can tell which is the month


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _authors(value: Any) -> tuple[str, ...]:
    names = value if isinstance(value, list) else re.split(r"\s*[,;]\s*|\s+and\s+", str(value or ""))
    return tuple(name for item in names if (name := _known(item)))


def _url(value: Any) -> str | None:
    """An address that a browser may open; None for anything else, such as a path or a script."""
    line = _line(value)
    return line if line and re.match(r"https?://\S+\Z", line, re.IGNORECASE) else None


def _host(url: str | None) -> str | None:
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:
        return None
    return host.removeprefix("www.") or None


def _known(value: Any) -> str | None:
    line = _line(value)
    return None if line is None or line.lower() in _NOBODY_KNOWS else line


def _line(value: Any) -> str | None:
    """A field as one line of normal characters, None where it is empty."""
    return " ".join(normalise(str(value)).split()) or None if value is not None else None
