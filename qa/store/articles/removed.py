"""What was known of articles that were taken out, so that they can be put back as they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from qa.store import tables
from qa.store.articles.changes import count_up, note_passages, those_there
from qa.store.database import Database, portions
from qa.store.dialects import put_new

_articles, _passages, _sources, _files = tables.articles, tables.passages, tables.sources, tables.files
_PARTS = (tables.details, tables.bands, _passages, _sources)
"""Tables with rows that belong to an article and go with it."""


@dataclass(frozen=True, slots=True)
class RemovedArticles:
    """Rows of articles, by the name of their table. Vectors are not among them: the library keeps those by text."""

    rows: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def ids(self) -> list[str]:
        """Ids of the articles."""
        return [row["id"] for row in self.rows[_articles.name]]


def copy_of(database: Database, article_ids: Sequence[str]) -> RemovedArticles:
    """All that the library knows of these articles; ids that are not there are left out."""
    rows: dict[str, list[Mapping[str, Any]]] = {table.name: [] for table in (_articles, *_PARTS, _files)}
    with database.reading() as db:
        for some in portions(article_ids):
            rows[_articles.name] += _rows(db, sa.select(_articles).where(_articles.c.id.in_(some)))
            for table in _PARTS:
                rows[table.name] += _rows(db, sa.select(table).where(table.c.article_id.in_(some)))
            containers = sa.select(_sources.c.container).where(_sources.c.article_id.in_(some))
            rows[_files.name] += _rows(db, sa.select(_files).where(_files.c.path.in_(containers)))
    return RemovedArticles(rows)


def put_back(database: Database, removed: RemovedArticles) -> list[str]:
    """Ids of the articles that are back; those that have come again by another way meanwhile stay as they are.

    Each stands alone until it is grouped with the others, and its passages are new to the indexes.
    """
    with database.writing() as db:
        there = those_there(db, removed.ids)
        articles = [
            {**row, "story": row["id"], "grouped": False}
            for row in removed.rows[_articles.name]
            if row["id"] not in there
        ]
        if not articles:
            return []
        db.execute(_articles.insert(), articles)
        for table in _PARTS:
            _insert(db, table, [row for row in removed.rows[table.name] if row["article_id"] not in there])
        _insert(db, _files, removed.rows[_files.name])
        ids = [row["id"] for row in articles]
        note_passages(db, ids)
        count_up(db)
    return ids


def _rows(db: Connection, query: sa.Select[Any]) -> list[Mapping[str, Any]]:
    """The rows as they are inserted: by the keys of their columns."""
    return [dict(row) for row in db.execute(query).mappings()]


def _insert(db: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if table is _passages:  # no id is ever given out again, and which of them are copies is found out anew
        rows = [{**{name: row[name] for name in row if name != "id"}, "is_copy": False} for row in rows]
    if rows:
        put_new(db, table, list(rows))
