"""The manifest: what was offered to the library, what became of it, and how far it has to be done again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from qa.store import tables
from qa.store.database import Database, portions
from qa.store.dialects import put

Role = Literal["article", "copy", "older"]
"""What a source is to its article: what it is read from, an exact copy of it, or an older version of the same page."""

_sources, _files = tables.sources, tables.files


@dataclass(frozen=True, slots=True)
class Origin:
    """An article as it was offered."""

    source: str
    """Where it came from: a path or address, and where that holds many, a key within. The same in every run."""
    container: str
    """The path or address alone."""
    content_hash: str
    """Of all that was read; equal means that nothing has changed there."""
    versions: str
    """Of the stages it went through; equal means that nothing has changed here."""


@dataclass(frozen=True, slots=True)
class KnownSource:
    """What became of an offer."""

    source: str
    container: str
    article_id: str
    role: Role
    content_hash: str
    versions: str


class Manifest:
    """What the library was offered. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def known(self, sources: Sequence[str]) -> dict[str, KnownSource]:
        """Source -> what became of it, for those that were offered before."""
        found: dict[str, KnownSource] = {}
        columns = [_sources.c[name] for name in KnownSource.__slots__]
        with self._db.reading() as db:
            for some in portions(sources):
                rows = db.execute(sa.select(*columns).where(_sources.c.source.in_(some)))
                found |= {row.source: KnownSource(*row) for row in rows}
        return found

    def inside(self, containers: Sequence[str]) -> list[KnownSource]:
        """What became of everything in files or feeds."""
        found: list[KnownSource] = []
        columns = [_sources.c[name] for name in KnownSource.__slots__]
        with self._db.reading() as db:
            for some in portions(containers):
                query = sa.select(*columns).where(_sources.c.container.in_(some)).order_by(sa.text("rowid"))
                found += (KnownSource(*row) for row in db.execute(query))
        return found

    def note(self, notes: Iterable[tuple[Origin, str, Role, str]]) -> None:
        """Notes offers that were not stored as articles: (offer, article id, role, hash of its text)."""
        with self._db.writing() as db:
            note_sources(db, notes)

    def demote(self, roles: Mapping[str, Role]) -> None:
        """Notes that articles are read from another source now: source -> what it is to its article."""
        statement = _sources.update().where(_sources.c.source == sa.bindparam("of")).values(role=sa.bindparam("to"))
        if roles:
            with self._db.writing() as db:
                db.execute(statement, [{"of": source, "to": role} for source, role in roles.items()])

    def sources_of(self, article_ids: Sequence[str]) -> list[tuple[str, str, str]]:
        """Everything these articles were offered as: (article id, source, container)."""
        found: list[tuple[str, str, str]] = []
        columns = (_sources.c.article_id, _sources.c.source, _sources.c.container)
        with self._db.reading() as db:
            for some in portions(article_ids):
                rows = db.execute(sa.select(*columns).where(_sources.c.article_id.in_(some)))
                found += [(row.article_id, row.source, row.container) for row in rows]
        return found

    def forget(self, sources: Sequence[str]) -> None:
        """Forgets offers, so that they are new when they come again."""
        with self._db.writing() as db:
            for some in portions(sources):
                db.execute(_sources.delete().where(_sources.c.source.in_(some)))

    def is_unchanged(self, path: str, content_hash: str, versions: str) -> bool:
        """Whether a file with these bytes went in as a whole, by the same versions of all stages."""
        query = sa.select(_files.c.content_hash, _files.c.versions).where(_files.c.path == path)
        with self._db.reading() as db:
            return db.execute(query).first() == (content_hash, versions)

    def note_files(self, hashes: Mapping[str, str], versions: str) -> None:
        """Notes files that went in as a whole: path -> hash of the bytes."""
        rows = [{"path": path, "content_hash": hash_, "versions": versions} for path, hash_ in hashes.items()]
        if rows:
            with self._db.writing() as db:
                put(db, _files, rows)

    def forget_files(self, paths: Sequence[str]) -> None:
        """Forgets files, so that they are read again when they come again."""
        with self._db.writing() as db:
            for some in portions(paths):
                db.execute(_files.delete().where(_files.c.path.in_(some)))

    def containers(self) -> list[str]:
        """Every file and address that articles came from."""
        with self._db.reading() as db:
            return list(db.execute(sa.select(_sources.c.container).distinct().order_by(_sources.c.container)).scalars())

    def estranged(self) -> list[KnownSource]:
        """Copies of what their article no longer says."""
        columns = [_sources.c[name] for name in KnownSource.__slots__]
        articles = tables.articles
        query = sa.select(*columns).join(articles, articles.c.id == _sources.c.article_id)
        query = query.where(_sources.c.role == "copy", _sources.c.text_hash != articles.c.text_hash)
        with self._db.reading() as db:
            return [KnownSource(*row) for row in db.execute(query.order_by(_sources.c.source))]


def note_sources(db: Connection, notes: Iterable[tuple[Origin, str, Role, str]]) -> None:
    """Writes what became of offers, inside a transaction."""
    rows = [
        {
            "source": origin.source,
            "container": origin.container,
            "content_hash": origin.content_hash,
            "versions": origin.versions,
            "text_hash": text_hash,
            "role": role,
            "article_id": article_id,
        }
        for origin, article_id, role, text_hash in notes
    ]
    if rows:
        put(db, _sources, rows)
