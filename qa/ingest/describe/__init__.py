"""Describes an article: title, outlet, authors, language, place, and its date with how that is known. Never a guess."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from qa.ingest.describe.authors import read_authors
from qa.ingest.describe.dateline import find_dateline
from qa.ingest.describe.language import find_language
from qa.ingest.describe.published import find_publication, find_update
from qa.ingest.describe.title import find_title
from qa.language.days import day_first_in
from qa.language.text import normalise
from qa.types import DatePrecision, DateSource

DESCRIBER_VERSION = 3
"""Goes up with every change of what articles are said to be, so that a library knows what to describe again."""

_NOBODY_KNOWS = {"", "unknown", "none", "null", "n/a", "undated", "-"}


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of an article besides its text."""

    title: str
    title_is_made: bool = False
    """Whether nobody gave it a title, so that the first words of the text stand in."""
    outlet: str | None = None
    date: dt.date | None = None
    date_source: DateSource = "unknown"
    date_precision: DatePrecision = "day"
    updated: dt.date | None = None
    """A later day on which it says that it was changed."""
    authors: tuple[str, ...] = ()
    url: str | None = None
    language: str | None = None
    """Two letters (ISO 639-1)."""
    place: str | None = None
    """The place that the dateline names."""


def describe(
    fields: Mapping[str, Any],
    text: str,
    *,
    dates: Sequence[tuple[DateSource, str]] = (),
    updates: Sequence[str] = (),
    today: dt.date | None = None,
) -> Description:
    """The description of an article, from the fields it came with, its cleaned text, and the dates its page names.

    The outlet that neither a field nor an address tells is the agency of the dateline. `dates` are days of publication
    and `updates` days of change, both as written and the most trusted first; `today` is the last day that an article
    can be of (default: today).
    """
    url = _url(fields.get("url"))
    outlet = find_outlet(fields)
    authors = read_authors(fields.get("authors"))
    title = find_title(_line(fields.get("title")), text, outlet, authors)
    dateline = find_dateline(text)
    named = _known(fields.get("language"))
    language = find_language(named, text)
    latest = today or dt.date.today()
    day_first = day_first_in(named if language == "en" else language, url)
    published = find_publication(fields.get("date"), dates, url, text, dateline, latest, day_first)
    return Description(
        title=title.text,
        title_is_made=title.is_made,
        outlet=outlet or (dateline.agency if dateline else None),
        date=published.date,
        date_source=published.source,
        date_precision=published.precision,
        updated=find_update(updates, published, latest, day_first),
        authors=authors,
        url=url,
        language=language,
        place=dateline.place if dateline else None,
    )


def find_outlet(fields: Mapping[str, Any]) -> str | None:
    """Who published it: the outlet that is named, else the host of its address without "www.".

    An address in its place names its host. A title, or what a template left unfilled, names nobody.
    """
    named = _known(fields.get("outlet"))
    if named and (address := _url(named)):
        return _host(address)
    is_none = not named or named == _line(fields.get("title")) or _UNFILLED.search(named)
    return _host(_url(fields.get("url"))) if is_none else named


_UNFILLED = re.compile(r"\{\{|\{\$|\$\{|<%|\[%")


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
