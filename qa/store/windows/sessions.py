"""Who is logged in, at whichever window: a hash of each session's token."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from qa.store.database import Database
from qa.store.dialects import put
from qa.store.windows.tables import sessions as _table


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session. Moments are seconds since 1970."""

    user: str
    account: str
    """What it was begun with; another one after the password was changed."""
    began: float
    used: float


class SessionRows:
    """The sessions of a library. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self, key: str, row: SessionRow, *, since: float, most: int) -> None:
        """Keeps a session; those that began before `since` go, and of more than `most` the oldest."""
        newest = sa.select(_table.c.key).order_by(_table.c.began.desc()).limit(most)
        values = {"key": key, "user": row.user, "account": row.account, "began": row.began, "used": row.used}
        with self._db.writing() as db:
            put(db, _table, [values])
            db.execute(_table.delete().where(sa.or_(_table.c.began < since, _table.c.key.not_in(newest))))

    def get(self, key: str) -> SessionRow | None:
        """The session, or None."""
        with self._db.reading() as db:
            row = db.execute(sa.select(_table).where(_table.c.key == key)).first()
        return SessionRow(row.user, row.account, row.began, row.used) if row else None

    def use(self, key: str, now: float) -> None:
        """Notes that it was used."""
        with self._db.writing() as db:
            db.execute(_table.update().where(_table.c.key == key).values(used=now))

    def end(self, key: str) -> None:
        """Forgets it."""
        with self._db.writing() as db:
            db.execute(_table.delete().where(_table.c.key == key))
