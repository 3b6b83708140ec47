"""Finds the day of publication in the lines above the text of a document."""

from __future__ import annotations

import re

from qa.ingest.read.dates import SAYS_CHANGED, SAYS_PUBLISHED
from qa.language.days import find_days
from qa.types import DateSource

_TOP, _TOP_LINES = 2000, 8
_LONGEST_LINE, _MOST_BESIDES = 90, 40  # characters, of them letters beside the date
_TIMELINE = 3  # lines that begin with a date make a list of what happened when
_STARTS = re.compile(r"\W*(?:[^\W\d]+\W+)?")  # before the date of an entry: nothing, or a weekday


def dates_above(text: str) -> tuple[tuple[DateSource, str], ...]:
    """The day in the one line at the top that is there for the date: "2 May 2024", "Published on 2 May 2024".

    Empty where there is none, where two such lines name different days, and in a list of what happened when.
    """
    lines = [line.strip() for line in text[:_TOP].splitlines() if line.strip()]
    if sum(map(_is_entry, (line.strip() for line in text[:20_000].splitlines()))) >= _TIMELINE:
        return ()
    found: dict[str, None] = {}
    for number, line in enumerate(lines[:_TOP_LINES]):
        spans = find_days(line) if len(line) <= _LONGEST_LINE else []
        if not spans or SAYS_CHANGED.search(line[: spans[0][0]]):
            continue
        start, end, day = spans[0]
        besides = sum(map(str.isalpha, line[:start] + line[end:]))
        says = SAYS_PUBLISHED.search(line[:start])
        if besides <= (_MOST_BESIDES if says or number else 0) and not (line.endswith(".") and besides and not says):
            found[day.date.isoformat()] = None
    return (("inferred", next(iter(found))),) if len(found) == 1 else ()


def _is_entry(line: str) -> bool:
    """True for a line that begins with a whole date."""
    spans = find_days(line[:60]) if line[:30].strip() and any(map(str.isdigit, line[:30])) else []
    return bool(spans) and _STARTS.fullmatch(line[: spans[0][0]]) is not None
