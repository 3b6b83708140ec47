"""What a library holds, in numbers: by day, by outlet, and the stories that many articles of its last days tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from qa.store import tables
from qa.store.database import Database

_articles = tables.articles
_HAS_DAY = (_articles.c.date.is_not(None), _articles.c.date_precision == "day")
LATELY = 14
"""Days before the newest article that the stories are of."""
STORIES = 5
"""Stories at most."""


@dataclass(frozen=True, slots=True)
class BusyStory:
    """A story of the last days that several articles tell."""

    id: str
    """Of the article that leads it."""
    title: str
    articles: int
    outlets: int
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Overview:
    """A library in numbers."""

    articles: int
    days: Mapping[dt.date, int]
    """Articles by their day, in order; only those whose day is known exactly."""
    outlets: tuple[tuple[str, int], ...]
    """Articles by outlet, the most first; without those of an unknown one."""
    stories: tuple[BusyStory, ...] = ()
    """Those of the last days with the most articles."""


def overview_of(database: Database) -> Overview:
    """The numbers as they are now."""
    day, outlet, count = _articles.c.date, _articles.c.outlet, sa.func.count()
    by_day = sa.select(day, count).where(*_HAS_DAY).group_by(day).order_by(day)
    by_outlet = sa.select(outlet, count).where(outlet.is_not(None)).group_by(outlet).order_by(count.desc(), outlet)
    with database.reading() as db:
        total = int(db.execute(sa.select(count).select_from(_articles)).scalar_one())
        days = {row[0]: int(row[1]) for row in db.execute(by_day)}
        outlets = tuple((str(name), int(number)) for name, number in db.execute(by_outlet))
        stories = _stories(db, max(days) - dt.timedelta(LATELY)) if days else ()
    return Overview(total, days, outlets, stories)


def _stories(db: Connection, since: dt.date) -> tuple[BusyStory, ...]:
    story, day, count = _articles.c.story, _articles.c.date, sa.func.count()
    outlets = sa.func.count(_articles.c.outlet.distinct())
    told = sa.select(story, count, outlets, sa.func.min(day), sa.func.max(day)).where(*_HAS_DAY, day >= since)
    told = told.group_by(story).having(count > 1)
    rows = db.execute(told.order_by(count.desc(), sa.func.max(day).desc(), story).limit(STORIES)).all()
    named = sa.select(_articles.c.id, _articles.c.title).where(_articles.c.id.in_([row[0] for row in rows]))
    titles = {row.id: row.title for row in db.execute(named)}
    return tuple(BusyStory(row[0], titles[row[0]], *row[1:]) for row in rows if row[0] in titles)
