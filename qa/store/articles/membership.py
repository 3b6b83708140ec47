"""What belongs to a collection: what was chosen by hand, what fits its filter now, what its sources brought."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection as Several
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from qa.errors import UsageError
from qa.store import tables
from qa.store.database import portions
from qa.types import CollectionName, Filters

_articles, _sources, _chosen = tables.articles, tables.sources, tables.collection_articles
_collections, _feeding, _brought = tables.collections, tables.collection_sources, tables.brought_sources


def gone(collection: CollectionName) -> UsageError:
    """What is said of a collection that is not there: the same where it is another user's."""
    return UsageError(f"The collection “{collection.name}” is not there. Take it off the filter, or choose another.")


def filter_of(db: Connection, collection: CollectionName) -> Filters | None:
    """What fills a collection beside what was chosen; None where nothing does. Raises UsageError if it is gone."""
    row = db.execute(sa.select(_collections.c.filter).where(_collections.c.id == collection.id)).first()
    if row is None:
        raise gone(collection)
    return read_filter(row.filter)


def is_chosen(collection_id: str) -> sa.ColumnElement[bool]:
    """Whether an article was chosen by hand; also where a source of a chosen one is a copy of another article now."""
    mine = _chosen.c.collection == collection_id
    copied = sa.select(_sources.c.article_id).join(_chosen, _chosen.c.source == _sources.c.source).where(mine)
    return sa.or_(_articles.c.id.in_(sa.select(_chosen.c.article_id).where(mine)), _articles.c.id.in_(copied))


def is_brought(db: Connection, collection_id: str) -> list[sa.ColumnElement[bool]]:
    """Whether an article came from one of the sources, as one condition for each."""
    of = sa.select(_feeding.c.source).where(_feeding.c.collection == collection_id)
    return [came_from(source) for source in db.execute(of).scalars()]


def came_from(source: str) -> sa.ColumnElement[bool]:
    """Whether an article was read from a file, folder, page or feed, or from what a followed one has led to."""
    inside = source.rstrip("/") + "/"
    from_it = (
        _sources.c.container == source,
        sa.func.substr(_sources.c.container, 1, len(inside)) == inside,  # of a folder
        _sources.c.source.in_(sa.select(_brought.c.source).where(_brought.c.followed == source)),
    )
    return _articles.c.id.in_(sa.select(_sources.c.article_id).where(sa.or_(*from_it)))


# --- inside a transaction ---------------------------------------------------------------------------------------------


def note_members(db: Connection, rows: Sequence[Mapping[str, Any]], there: Several[str]) -> None:
    """Notes what chosen articles are known by, of rows on their way in; `there` are ids that articles have already.

    An article that has gone comes back to its collections with its file, or with its text. Where another article takes
    its id, it was not chosen.
    """
    by_id = {row["id"]: row for row in rows}
    for some in portions(list(by_id)):
        for known in db.execute(sa.select(_chosen).where(_chosen.c.article_id.in_(some))).mappings().all():
            row = by_id[known["article_id"]]
            now = {name: row[name] for name in ("source", "text_hash")}
            here = _chosen.c.collection == known["collection"], _chosen.c.article_id == known["article_id"]
            if row["id"] not in there and not any(known[name] == value for name, value in now.items()):
                db.execute(_chosen.delete().where(*here))
            elif any(known[name] != value for name, value in now.items()):
                db.execute(_chosen.update().where(*here).values(now))


def note_brought(db: Connection, followed: str, sources: Sequence[str]) -> None:
    """Notes what a page or feed that is followed has led to."""
    known: set[str] = set()
    for some in portions(sources):
        query = sa.select(_brought.c.source).where(_brought.c.followed == followed, _brought.c.source.in_(some))
        known.update(db.execute(query).scalars())
    if new := [{"followed": followed, "source": source} for source in dict.fromkeys(sources) if source not in known]:
        db.execute(_brought.insert(), new)


# --- a filter as text -------------------------------------------------------------------------------------------------


def written_filter(filters: Filters | None) -> str | None:
    """The filter as JSON. What holds for one question only is left out."""
    if filters is None:
        return None
    days = {"from": filters.date_from, "to": filters.date_to}
    named = {name: list(getattr(filters, name)) for name in ("outlets", "articles", "stories")}
    return json.dumps({**{name: day and day.isoformat() for name, day in days.items()}, **named}, ensure_ascii=False)


def read_filter(text: str | None) -> Filters | None:
    """The filter that `written_filter` wrote."""
    if text is None:
        return None
    read: dict[str, Any] = json.loads(text)
    first, last = (read[name] and dt.date.fromisoformat(read[name]) for name in ("from", "to"))
    outlets, articles, stories = (tuple(read[name]) for name in ("outlets", "articles", "stories"))
    return Filters(first, last, outlets, articles, stories)
