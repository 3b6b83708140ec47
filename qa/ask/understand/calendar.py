"""Stretches of the calendar: the first and last day of a week, month, season or year, and of a part of one."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import NamedTuple


class Stretch(NamedTuple):
    """From the first to the last day, both inclusive; None leaves an end open."""

    first: dt.date | None
    last: dt.date | None


def shifted(day: dt.date, days: int) -> dt.date:
    """The day so many days later, within the first and last day that Python knows."""
    ordinal = day.toordinal() + days
    return dt.date.fromordinal(min(max(ordinal, 1), dt.date.max.toordinal()))


def the_day(day: dt.date) -> Stretch:
    """One day."""
    return Stretch(day, day)


def year(number: int) -> Stretch:
    """A year, 1 to 9999."""
    return Stretch(dt.date(number, 1, 1), dt.date(number, 12, 31))


def month(of_year: int, number: int) -> Stretch:
    """A month; `number` may lie outside 1 to 12 and then belongs to another year."""
    of_year, number = of_year + (number - 1) // 12, (number - 1) % 12 + 1
    of_year = min(max(of_year, 1), 9999)
    return Stretch(dt.date(of_year, number, 1), dt.date(of_year, number, calendar.monthrange(of_year, number)[1]))


def months(of_year: int, first: int, count: int) -> Stretch:
    """`count` months from the month `first` on: a quarter, a half, a season."""
    return Stretch(month(of_year, first).first, month(of_year, first + count - 1).last)


def week(day: dt.date) -> Stretch:
    """Monday to Sunday around the day."""
    return Stretch(shifted(day, -day.weekday()), shifted(day, 6 - day.weekday()))


def part_of(stretch: Stretch, which: str) -> Stretch:
    """The "early", "mid" or "late" third of a stretch whose ends are known."""
    if not stretch.first or not stretch.last:
        return stretch
    length = (stretch.last - stretch.first).days + 1
    third = max(length // 3, 1)
    match which:
        case "early":
            return Stretch(stretch.first, shifted(stretch.first, third - 1))
        case "mid":
            return Stretch(shifted(stretch.first, third), shifted(stretch.last, -third))
        case _:
            return Stretch(shifted(stretch.last, 1 - third), stretch.last)
