"""The folders, pages and feeds that a library follows, with what came of the last time that each was read."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from qa.store import tables
from qa.store.articles.membership import note_brought
from qa.store.database import Database, has_tables, moment_text
from qa.store.dialects import put_new

_table = tables.followed_sources
MOST_FAILURES = 20
"""Failures of a run that are kept."""


@dataclass(frozen=True, slots=True)
class FollowedSource:
    """One of them."""

    source: str
    """A path or an address."""
    added: dt.datetime
    last_run: dt.datetime | None = None
    """When it was read last; None where it was not yet. Both in UTC."""
    summary: str = ""
    """What came of it, in words."""
    failures: tuple[tuple[str, str], ...] = ()
    """What could not be read, and why."""


class FollowedSources:
    """What a library follows. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._has_table = has_tables(database, _table)

    def add(self, source: str) -> None:
        """Follows it from now on; one that is followed already stays as it is."""
        row = {"source": source, "added": _now(), "summary": "", "failures": "[]"}
        with self._db.writing() as db:
            put_new(db, _table, [row])

    def note_run(
        self, source: str, summary: str, failures: Sequence[tuple[str, str]] = (), brought: Sequence[str] = ()
    ) -> None:
        """Notes what came of reading it just now, and what it has led to; nothing where it is not followed any more."""
        values = {"last_run": _now(), "summary": summary, "failures": json.dumps(list(failures)[:MOST_FAILURES])}
        with self._db.writing() as db:
            if db.execute(_table.update().where(_table.c.source == source).values(values)).rowcount:
                note_brought(db, source, brought)

    def end(self, source: str) -> bool:
        """Follows it no longer; whether it was followed."""
        with self._db.writing() as db:
            return bool(db.execute(_table.delete().where(_table.c.source == source)).rowcount)

    def all(self) -> list[FollowedSource]:
        """All of them, in the order in which they were added."""
        if not self._has_table:
            return []
        with self._db.reading() as db:
            rows = db.execute(sa.select(_table).order_by(_table.c.added, _table.c.source)).all()
        return [
            FollowedSource(
                row.source,
                dt.datetime.fromisoformat(row.added),
                dt.datetime.fromisoformat(row.last_run) if row.last_run else None,
                row.summary,
                tuple((str(name), str(reason)) for name, reason in json.loads(row.failures)),
            )
            for row in rows
        ]

    def stamp(self) -> str:
        """A text that is another one once something is followed, ended or was read."""
        if not self._has_table:
            return ""
        with self._db.reading() as db:
            return " ".join(map(str, db.execute(sa.select(sa.func.count(), sa.func.max(_table.c.last_run))).one()))


def _now() -> str:
    return moment_text(dt.datetime.now(dt.UTC))
