"""What a library holds, in numbers: by day and by outlet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from qa.store import tables
from qa.store.database import Database

_articles = tables.articles
_HAS_DAY = (_articles.c.date.is_not(None), _articles.c.date_precision == "day")


@dataclass(frozen=True, slots=True)
class Overview:
    """A library in numbers."""

    articles: int
    days: Mapping[dt.date, int]
    """Articles by their day, in order; only those whose day is known exactly."""
    outlets: tuple[tuple[str, int], ...]
    """Articles by outlet, the most first; without those of an unknown one."""


def overview_of(database: Database) -> Overview:
    """The numbers as they are now."""
    day, outlet, count = _articles.c.date, _articles.c.outlet, sa.func.count()
    by_day = sa.select(day, count).where(*_HAS_DAY).group_by(day).order_by(day)
    by_outlet = sa.select(outlet, count).where(outlet.is_not(None)).group_by(outlet).order_by(count.desc(), outlet)
    with database.reading() as db:
        total = int(db.execute(sa.select(count).select_from(_articles)).scalar_one())
        days = {row[0]: int(row[1]) for row in db.execute(by_day)}
        outlets = tuple((str(name), int(number)) for name, number in db.execute(by_outlet))
    return Overview(total, days, outlets)
