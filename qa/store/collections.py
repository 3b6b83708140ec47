"""Named sets of articles: filled by hand, by a filter, by followed sources; each its owner's, who may share it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from qa.errors import UsageError
from qa.store import tables
from qa.store.articles.articles import conditions
from qa.store.articles.membership import came_from, gone, read_filter, written_filter
from qa.store.database import Database, moment_text, portions, writable
from qa.types import CollectionName, Filters

_collections, _chosen, _feeding = tables.collections, tables.collection_articles, tables.collection_sources
_articles, _sources = tables.articles, tables.sources

LONGEST_NAME = 100
"""Characters of a name, at most."""
_OFFERED = 8  # names that are listed where an unknown one was given


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """A line of the list of collections."""

    id: str
    name: str
    owner: str | None
    is_shared: bool
    """Whether every user may read it; only the owner changes it."""
    filter: Filters | None
    """The articles that fit it now belong to the collection; None where it has none."""
    sources: tuple[str, ...]
    """The followed folders, pages and feeds whose articles belong to it."""
    articles: int
    """How many it holds now."""

    @property
    def named(self) -> CollectionName:
        """As a search is limited to it."""
        return CollectionName(self.id, self.name)


class Collections:
    """The collections of a library. Every method is one transaction.

    Where an `owner` is given, theirs and those that are shared are seen, and only theirs are changed; None sees and
    changes everybody's. One that may not be seen is not there: the sentence is the same.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    # --- writing ------------------------------------------------------------------------------------------------------

    def create(
        self,
        name: str,
        *,
        owner: str | None = None,
        is_shared: bool = False,
        filter: Filters | None = None,
        sources: Sequence[str] = (),
        articles: Sequence[str] = (),
    ) -> CollectionRow:
        """A new collection. Raises UsageError for a name that cannot be, or that the owner has given already."""
        row = {"id": uuid4().hex[:12], **_named(name), "owner": owner or "", "is_shared": is_shared}
        with self._db.writing() as db:
            _require_free(db, row["name"], row["owner"])
            db.execute(_collections.insert(), {**row, "filter": _filter(filter), "changed": _now()})
            _feed(db, row["id"], sources)
            _choose(db, row["id"], articles)
            return _require(db, row["id"], row["name"], owner)

    def add(self, collection: CollectionName, article_ids: Sequence[str], *, owner: str | None = None) -> int:
        """Puts articles in by hand; returns how many were not in it. Raises UsageError for an id that is not there."""
        with self._db.writing() as db:
            _require_own(db, collection, owner)
            _note_change(db, collection.id)
            return _choose(db, collection.id, article_ids)

    def take_out(self, collection: CollectionName, article_ids: Sequence[str], *, owner: str | None = None) -> int:
        """Takes articles out that were put in by hand; returns how many. The library keeps them.

        Raises UsageError for one that is in it by its filter or a source, before any is taken out.
        """
        with self._db.writing() as db:
            _require_own(db, collection, owner)
            copied: set[str] = set()
            for some in portions(article_ids):
                copied.update(db.execute(sa.select(_sources.c.source).where(_sources.c.article_id.in_(some))).scalars())
            count = 0
            for column, values in ((_chosen.c.article_id, article_ids), (_chosen.c.source, sorted(copied))):
                for some in portions(values):
                    out = _chosen.delete().where(_chosen.c.collection == collection.id, column.in_(some))
                    count += db.execute(out).rowcount
            where = conditions(db, Filters(articles=tuple(article_ids), collection=collection)) if article_ids else []
            if where and (held := db.execute(sa.select(_articles.c.title).where(*where).limit(1)).scalar()):
                raise UsageError(
                    f"“{held}” is in “{collection.name}” by its filter or by a source that fills it, not by hand. "
                    "Change those, or leave it in."
                )
            _note_change(db, collection.id)
            return count

    def rename(self, collection: CollectionName, name: str, *, owner: str | None = None) -> CollectionRow:
        """The collection under another name. Raises UsageError for one that cannot be, or that is taken."""
        named = _named(name)
        with self._db.writing() as db:
            row = _require_own(db, collection, owner)
            _require_free(db, named["name"], row.owner or "", besides=row.id)
            _note_change(db, row.id, **named)
            return _require(db, row.id, named["name"], owner)

    def share(self, collection: CollectionName, is_shared: bool, *, owner: str | None = None) -> CollectionRow:
        """Lets every user read it, or its owner alone."""
        with self._db.writing() as db:
            _require_own(db, collection, owner)
            _note_change(db, collection.id, is_shared=is_shared)
            return _require(db, collection.id, collection.name, owner)

    def fill(
        self,
        collection: CollectionName,
        *,
        filter: Filters | None,
        sources: Sequence[str],
        owner: str | None = None,
    ) -> CollectionRow:
        """Fills it by this filter and these sources from now on, in place of those before."""
        with self._db.writing() as db:
            _require_own(db, collection, owner)
            db.execute(_feeding.delete().where(_feeding.c.collection == collection.id))
            _feed(db, collection.id, sources)
            _note_change(db, collection.id, filter=_filter(filter))
            return _require(db, collection.id, collection.name, owner)

    def delete(self, collection: CollectionName, *, owner: str | None = None) -> None:
        """Deletes the collection; its articles stay in the library."""
        with self._db.writing() as db:
            _require_own(db, collection, owner)
            for table in (_chosen, _feeding):
                db.execute(table.delete().where(table.c.collection == collection.id))
            db.execute(_collections.delete().where(_collections.c.id == collection.id))

    # --- reading ------------------------------------------------------------------------------------------------------

    def all(self, *, owner: str | None = None) -> list[CollectionRow]:
        """Those that the owner may read, in the order of the alphabet."""
        query = (
            sa.select(_collections)
            .where(_is_visible(owner))
            .order_by(_collections.c.name_key, sa.func.coalesce(_collections.c.owner, ""), _collections.c.id)
        )
        with self._db.reading() as db:
            return [_row(db, row) for row in db.execute(query).all()]

    def find(self, name: str, *, owner: str | None = None) -> CollectionRow:
        """The collection with this id or name; of two with the same name, the owner's own.

        Raises UsageError where there is none that the owner may read, or where more than one is meant.
        """
        query = sa.select(_collections).where(_is_visible(owner))
        wanted = name.strip()
        with self._db.reading() as db:
            rows = db.execute(
                query.where(sa.or_(_collections.c.id == wanted, _collections.c.name_key == _key(wanted)))
            ).all()
            own = [row for row in rows if owner is not None and row.owner == owner]
            found = [row for row in rows if row.id == wanted] or own or rows
            if not found:
                offered = sa.select(_collections.c.name).where(_is_visible(owner)).limit(_OFFERED)
                names = sorted(db.execute(offered).scalars())
                there = f"Choose one of: {', '.join(names)}." if names else "None has been made yet."
                raise UsageError(f"There is no collection '{wanted}'. {there}")
            if len(found) > 1:
                raise UsageError(f"'{wanted}' names {len(found)} collections. Give an id: qa collections lists them.")
            return _row(db, found[0])

    def allowed(self, filters: Filters, *, owner: str | None = None) -> Filters:
        """The filters with today's name of their collection. Raises UsageError for one that the owner may not read."""
        if filters.collection is None:
            return filters
        with self._db.reading() as db:
            row = _require(db, filters.collection.id, filters.collection.name, owner)
        return replace(filters, collection=row.named)

    def stamp(self, *, owner: str | None = None) -> str:
        """A text that is another one once a collection that the owner may read has come, gone or changed."""
        query = sa.select(sa.func.count(), sa.func.max(_collections.c.changed))
        with self._db.reading() as db:
            return " ".join(map(str, db.execute(query.where(_is_visible(owner))).one()))


def _is_visible(owner: str | None) -> sa.ColumnElement[bool]:
    return sa.true() if owner is None else sa.or_(_collections.c.owner == owner, _collections.c.is_shared)


def _row(db: Connection, row: Any) -> CollectionRow:
    name = CollectionName(row.id, row.name)
    sources = sa.select(_feeding.c.source).where(_feeding.c.collection == row.id).order_by(_feeding.c.source)
    count = sa.select(sa.func.count()).select_from(_articles).where(*conditions(db, Filters(collection=name)))
    return CollectionRow(
        row.id,
        row.name,
        row.owner or None,
        row.is_shared,
        read_filter(row.filter),
        tuple(db.execute(sources).scalars()),
        int(db.execute(count).scalar_one()),
    )


def _require(db: Connection, collection_id: str, name: str, owner: str | None) -> CollectionRow:
    query = sa.select(_collections).where(_is_visible(owner), _collections.c.id == collection_id)
    if (row := db.execute(query).first()) is None:
        raise gone(CollectionName(collection_id, name))
    return _row(db, row)


def _require_own(db: Connection, collection: CollectionName, owner: str | None) -> CollectionRow:
    row = _require(db, collection.id, collection.name, owner)
    if owner is not None and row.owner != owner:
        raise UsageError(f"The collection “{row.name}” belongs to another user, who alone can change it.")
    return row


def _require_free(db: Connection, name: str, owner: str, besides: str = "") -> None:
    same = _collections.c.owner == owner, _collections.c.name_key == _key(name), _collections.c.id != besides
    if db.execute(sa.select(_collections.c.id).where(*same)).first():
        raise UsageError(f"There is a collection “{name}” already. Choose another name.")


def _named(name: str) -> dict[str, Any]:
    """The name as it is kept. Raises UsageError for one that cannot be."""
    name = "".join(filter(str.isprintable, writable(" ".join(name.split()))))
    if not name:
        raise UsageError("The collection has no name. Give it one, such as: Election in Belarus")
    if len(name) > LONGEST_NAME:
        raise UsageError(f"The name has {len(name):,} characters; {LONGEST_NAME} are the most. Give a shorter one.")
    return {"name": name, "name_key": _key(name)}


def _key(name: str) -> str:
    return writable(" ".join(name.split())).casefold()


def _filter(filters: Filters | None) -> str | None:
    if filters is not None and filters.collection:
        raise UsageError("A collection cannot be filled by another one. Take the collection off the filter.")
    if filters is not None and not filters:
        raise UsageError("The filter lets every article through. Choose days, outlets, articles or stories.")
    return written_filter(filters)


def _feed(db: Connection, collection_id: str, sources: Sequence[str]) -> None:
    followed = set(db.execute(sa.select(tables.followed_sources.c.source)).scalars())
    for source in dict.fromkeys(sources):
        from_it = sa.select(_articles.c.id).where(came_from(source)).limit(1)
        if source not in followed and not db.execute(from_it).first():
            raise UsageError(f"No article came from '{source}'. Ingest or follow it first.")
        db.execute(_feeding.insert(), {"collection": collection_id, "source": source})


def _choose(db: Connection, collection_id: str, article_ids: Sequence[str]) -> int:
    """Puts articles in by hand; returns how many were not in it."""
    count = 0
    columns = (_articles.c.id, _articles.c.source, _articles.c.text_hash)
    for some in portions(list(dict.fromkeys(article_ids))):
        rows = {row.id: row for row in db.execute(sa.select(*columns).where(_articles.c.id.in_(some)))}
        if missing := [id_ for id_ in some if id_ not in rows]:
            raise UsageError(f"There is no article '{missing[0]}' in the library.")
        here = _chosen.c.collection == collection_id, _chosen.c.article_id.in_(some)
        there = set(db.execute(sa.select(_chosen.c.article_id).where(*here)).scalars())
        new = [
            {"collection": collection_id, "article_id": id_, "source": row.source, "text_hash": row.text_hash}
            for id_, row in rows.items()
            if id_ not in there
        ]
        if new:
            db.execute(_chosen.insert(), new)
        count += len(new)
    return count


def _note_change(db: Connection, collection_id: str, **values: Any) -> None:
    change = _collections.update().where(_collections.c.id == collection_id)
    db.execute(change.values(changed=_now(), **values))


def _now() -> str:
    return moment_text(dt.datetime.now(dt.UTC))
