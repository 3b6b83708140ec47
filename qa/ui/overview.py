"""The start page: what the library holds, by outlet and over time, and how to begin; or how to fill an empty one."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qa.ask.stories.event import Event
from qa.ingest.read import readable_names
from qa.show.window_words import WORDS
from qa.show.wording import counted_text, date_text, days_text
from qa.store import Overview
from qa.ui.pages import render

OUTLETS = 8
"""Outlets that have a bar of their own."""
_MOST = 60  # columns
HEIGHT = 64
"""Of the chart, in the units of its drawing; a column is ten wide."""


@dataclass(frozen=True, slots=True)
class Column:
    """A stretch of days and its articles."""

    first: dt.date
    last: dt.date
    count: int

    @property
    def days(self) -> str:
        """In words, such as "3 to 9 Mar 2025", "Mar 2025" or "2025"."""
        if self.first.day > 1 or (self.last + dt.timedelta(1)).day > 1:
            return days_text(self.first, self.last)
        is_year = (self.first.month, self.last.month) == (1, 12)
        return f"{self.first:%Y}" if is_year else f"{self.first:%b %Y}"


@dataclass(frozen=True, slots=True)
class Columns:
    """Articles over time."""

    unit: str
    """What a column is: day, week, month or year."""
    columns: tuple[Column, ...]

    @property
    def highest(self) -> Column:
        """The column with the most articles."""
        return max(self.columns, key=lambda column: column.count)


_UNITS = {"day": 1, "week": 7, "month": 30, "year": 0}
"""What a column can be, and its days."""


def columns_of(days: Mapping[dt.date, int], finest: str = "week") -> Columns | None:
    """The articles by the `finest` unit, or the next where that would be too many columns; None without a day."""
    if not days:
        return None
    first, last = min(days), max(days)
    units = list(_UNITS)[list(_UNITS).index(finest) :]
    unit = next((unit for unit in units if (last - first).days < _UNITS[unit] * _MOST), units[-1])
    counts = {start: 0 for start in _starts(unit, first, last)}
    for day, count in days.items():
        counts[_start(unit, day)] += count
    columns = (Column(start, _next(unit, start) - dt.timedelta(1), count) for start, count in counts.items())
    return Columns(unit, tuple(columns))


def _start(unit: str, day: dt.date) -> dt.date:
    if unit == "day":
        return day
    if unit == "week":
        return day - dt.timedelta(day.weekday())
    return day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)


def _next(unit: str, start: dt.date) -> dt.date:
    return _start(unit, start + dt.timedelta({"day": 1, "week": 7, "month": 32, "year": 367}[unit]))


def _starts(unit: str, first: dt.date, last: dt.date) -> Iterator[dt.date]:
    start = _start(unit, first)
    while start <= last:
        yield start
        start = _next(unit, start)


def start_html(overview: Overview) -> str:
    """The screen before the first question: a library in numbers. Questions and stories come when they are known."""
    if not overview.articles:
        return render("start_empty.html", kinds=readable_names())
    days = overview.days
    return render(
        "start.html",
        overview=overview,
        between=WORDS["start"]["from_to"].format(first=date_text(min(days)), last=date_text(max(days))) if days else "",
        undated=overview.articles - sum(days.values()),
        outlets=overview.outlets[:OUTLETS],
        more=len(overview.outlets) - OUTLETS,
        most=max((count for _, count in overview.outlets), default=1),
        chart=columns_of(days),
        height=HEIGHT,
    )


def questions_html(suggestions: Sequence[str]) -> str:
    """The questions that the start page begins with; nothing where there are none."""
    return render("start_questions.html", questions=suggestions)


def stories_html(stories: Sequence[Event]) -> str:
    """The stories of the last days on the start page; nothing where there are none."""
    told = [(story, _spark(story)) for story in stories if story.days]
    return render("start_stories.html", stories=told, counted_text=counted_text, days_text=days_text)


def _spark(story: Event) -> list[int]:
    """Articles of a story in each column of its days; none for a single column."""
    chart = columns_of(Counter(story.days), finest="day")
    return [column.count for column in chart.columns] if chart and len(chart.columns) > 1 else []
