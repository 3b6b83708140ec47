"""Reports that recur, such as the weather or the close of a market: which of them is of the day that is asked for."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from qa.language.lexicon import CALENDAR, COUNTS, RELATIVE_DAYS
from qa.language.text import STOPWORDS, words
from qa.language.told_days import first_day
from qa.types import Question

ALIKE = 0.7
"""Share of their words, numbers and days left out, that two reports of one series have in common, at least."""
LEADING = 10
"""Best texts that are compared with all others."""


class Report(NamedTuple):
    """A passage or a sentence that may be one of a series."""

    text: str
    title: str
    published: dt.date | None
    """Of its article."""
    is_sentence: bool = False
    """True where the first day in the text is the one that it tells of."""


class _Content(NamedTuple):
    words: frozenset[str]
    """Without numbers, days and stopwords."""
    numbers: tuple[str, ...]


def by_day(question: Question, reports: Sequence[Report]) -> list[int]:
    """Numbers of the reports, best first as they come, but each series in the order of the days that are asked for.

    Reports belong to a series if they are of different days, differ in their numbers and else in few words, and hold
    the same words of the question. The day is that of the question's words. Without one the newest report comes first,
    up to the as-of day; an undated report comes last.
    """
    order = list(range(len(reports)))
    for series in _series(question, reports):
        nearest_first = sorted(series, key=lambda number: _distance(question, reports[number]))
        for place, number in zip(series, nearest_first, strict=True):
            order[place] = number
    return order


def _series(question: Question, reports: Sequence[Report]) -> Iterator[list[int]]:
    """Numbers of the reports of each series that one of the best belongs to, in order."""
    asked = frozenset(words(question.standalone)) - STOPWORDS
    taken: set[int] = set()
    for number, report in enumerate(reports[:LEADING]):
        if number in taken:
            continue
        free = (other for other in range(len(reports)) if other not in taken)
        series = [other for other in free if _are_alike(report, reports[other], asked)]
        taken.update(series)
        days = {reports[other].published for other in series}
        if len(days) > 1 and len({_content(reports[other].text).numbers for other in series}) > 1:
            yield series


def _are_alike(a: Report, b: Report, asked: frozenset[str]) -> bool:
    mine, others = _content(a.text).words, _content(b.text).words
    if len(mine & others) < ALIKE * len(mine | others) or len(mine) < 3:
        return False
    return not asked & ((mine | _content(a.title).words) ^ (others | _content(b.title).words))


@lru_cache(maxsize=512)  # of a few questions, each of which compares its passages with each other
def _content(text: str) -> _Content:
    said = words(text)
    numbers = tuple(word for word in said if word[0].isdigit() or word in COUNTS)
    return _Content(frozenset(said).difference(numbers, STOPWORDS, CALENDAR, RELATIVE_DAYS), numbers)


_LATE = 10_000
"""Days that a report counts as farther away which only the day of grace after the as-of day lets in."""


def _distance(question: Question, report: Report) -> tuple[float, float]:
    """Days between a report and the day asked for, and how old it is: the least of both is wanted most."""
    if report.published is None:
        return math.inf, math.inf
    window = question.window
    first, last = window.days if window else (None, question.as_of)
    day = _told_day(report) if window and not window.hard else report.published
    early = (first - day).days if first else 0
    late = (day - last).days if last else 0
    if late > 0 and not window:
        late += _LATE
    return max(early, late, 0), -report.published.toordinal()


def _told_day(report: Report) -> dt.date:
    """The day that a sentence names, or else the day of publication."""
    assert report.published
    told = first_day(report.text, report.published) if report.is_sentence else None
    return (told and told.whole) or report.published
