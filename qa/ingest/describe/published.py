"""Finds the day of publication, and says how it is known. Never a guess, never the day of ingest."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from qa.ingest.describe.dateline import Dateline
from qa.language.days import MONTH, Day, made_day, read_day
from qa.types import DatePrecision, DateSource

_EARLIEST = dt.date(1900, 1, 1)
_TIME_ZONES = dt.timedelta(days=1)  # it is tomorrow already where the article comes from
_PRINT_ISSUE = dt.timedelta(days=31)  # by which an article may stand on the web before the date of its issue

_SEGMENT_ENDS = r"(?=[/.]|\Z)"  # "/2024/march/1-senator-resigns" is of no day that is known
_IN_ADDRESS = [
    re.compile(rf"/(?P<year>(?:19|20)\d\d)/(?P<month>\d\d?|[a-z]{{3,9}})/(?P<day>\d\d?){_SEGMENT_ENDS}", re.IGNORECASE),
    re.compile(rf"/(?P<year>(?:19|20)\d\d)/(?P<month>\d\d)(?P<day>\d\d){_SEGMENT_ENDS}"),
    re.compile(r"(?<![^\W_])(?P<year>(?:19|20)\d\d)(?P<mark>[-_.])(?P<month>\d\d)(?P=mark)(?P<day>\d\d)(?![^\W_])"),
    # Eight digits at the end of a name are its number: "/world-20101123" is no date.
    re.compile(r"/(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?![^\W_])"),
    re.compile(r"/(?P<year>(?:19|20)\d\d)[/-](?P<month>\d\d|[a-z]{3,9})/(?P<day>)", re.IGNORECASE),
]
_STAMPED_LINES = 5
_LONGEST_STAMP = 90
# "June 5, 2017" alone is more often the heading of what happened then (in five of six such lines at the top of 43,375
# articles), and "Published on June 5, 2017" the caption of a video (in two of three).
_STAMP = re.compile(
    r"\W*(?:(?:first |originally )?published|posted|опубликовано)(?:\son)?(?P<colon>:?)\s", re.IGNORECASE
)
_BYLINE = re.compile(rf"By\s[^.\d]{{3,50}}?[\s,|•·–—-]+(?={MONTH}|\d)")
_CLOCK = re.compile(r"\b\d\d?[:.]\d\d\b")


class Publication(NamedTuple):
    """The day of publication, how it is known and how exact it is."""

    date: dt.date | None = None
    source: DateSource = "unknown"
    precision: DatePrecision = "day"


class _Claim(NamedTuple):
    source: DateSource
    day: Day


def find_publication(
    field: Any,
    dates: Sequence[tuple[DateSource, str]],
    url: str | None,
    text: str,
    dateline: Dateline | None,
    today: dt.date,
    day_first: bool | None = None,
) -> Publication:
    """The day of publication, from the most trusted source that names one.

    In order: the article's date field, what its page says (`dates`), its address, its dateline, a line at its top that
    says when it was published. A date before 1900 or after `today` (plus a day, for time zones) is passed over. A later
    source wins over an earlier one that it makes more exact: 20 March over "March 2024". `day_first` says which number
    of 3/4/2024 is the day; None passes such a date over.

    The day in an address is the day on which the page was first published: it was in all of 35 articles whose date was
    known from elsewhere. So it counts before a field that is later, which tells of an update, or of the next day in
    UTC; a field up to a month earlier stands, for a print issue carries a day to come in its address; a field further
    off than that is a scraper's mistake, and the address counts.
    """
    latest = today + _TIME_ZONES
    claims = [
        claim
        for claim in (
            *_stated(field, dates, day_first),
            *_claims("url", day_in_address(url)),
            *_claims("dateline", _day_of(dateline)),
            *_claims("inferred", _stamped_day(text)),
        )
        if _EARLIEST <= claim.day.date <= latest
    ]
    if not claims:
        return Publication()
    best = claims[0]
    for claim in claims[1:]:
        if _is_better(claim, best):
            best = claim
    completed = _completed(best, dateline)
    best = completed if completed.day.date <= latest else best
    return Publication(best.day.date, best.source, best.day.precision)


def find_update(
    updates: Iterable[str], published: Publication, today: dt.date, day_first: bool | None = None
) -> dt.date | None:
    """The day of the last change, from the most trusted of the `updates` that names one later than the publication."""
    if published.date is None:
        return None
    first = Day(published.date, published.precision)
    for value in updates:
        day = read_day(value, day_first=day_first)
        if day and day.precision == "day" and day.date <= today + _TIME_ZONES:
            return day.date if day.date > first.date and not first.holds(day) else None
    return None


def _stated(field: Any, dates: Iterable[tuple[DateSource, str]], day_first: bool | None) -> Iterator[_Claim]:
    yield from _claims("field", read_day(field, day_first=day_first))
    for source, value in dates:
        yield from _claims(source, read_day(value, day_first=day_first))


def _claims(source: DateSource, day: Day | None) -> Iterator[_Claim]:
    if day:
        yield _Claim(source, day)


def _is_better(claim: _Claim, best: _Claim) -> bool:
    if best.day.precision != "day":
        return best.day.holds(claim.day)
    if claim.source != "url" or claim.day.precision != "day":
        return False
    return not dt.timedelta(0) <= claim.day.date - best.day.date <= _PRINT_ISSUE


def _completed(best: _Claim, dateline: Dateline | None) -> _Claim:
    """The claim of a month or year with the day that a dateline without a year adds to it."""
    if best.day.precision == "day" or not dateline or dateline.year:
        return best
    day = _day_of(dateline._replace(year=best.day.date.year))
    return _Claim("dateline", day) if day and best.day.holds(day) else best


def day_in_address(url: str | None) -> Day | None:
    """The day, else the month, that the path of an address names: /2024/03/20/, /2024/mar/20/, 2024-03-20, 20240320."""
    try:
        path = urlsplit(url or "").path
    except ValueError:
        return None
    matches = (match for pattern in _IN_ADDRESS for match in pattern.finditer(path))
    return next((day for match in matches if (day := made_day(match["year"], match["month"], match["day"]))), None)


def _day_of(dateline: Dateline | None) -> Day | None:
    """The day of a dateline that names its year. Without it nobody can tell: see the tests."""
    if not dateline or not dateline.year:
        return None
    return made_day(str(dateline.year), str(dateline.month), str(dateline.day))


def _stamped_day(text: str) -> Day | None:
    """The day that a line at the top says the article was published on: "Published: 20 March 2024, 10:00"."""
    for line in text[:2000].split("\n\n")[:_STAMPED_LINES]:
        if len(line) <= _LONGEST_STAMP and (match := _BYLINE.match(line) or _stamp(line)):
            day = read_day(line[match.end() :])
            if day and day.precision == "day":
                return day
    return None


def _stamp(line: str) -> re.Match[str] | None:
    match = _STAMP.match(line)
    return match if match and (match["colon"] or _CLOCK.search(line)) else None
