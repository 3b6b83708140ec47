"""What the windows over one library share, on one machine or several: who is there and logged in, what is under way."""

from __future__ import annotations

from uuid import uuid4

import sqlalchemy as sa

from qa.store.database import Database, has_tables, scratch_database
from qa.store.windows.jobs import JobRow, JobRows
from qa.store.windows.presence import Presence
from qa.store.windows.questions import QuestionRow, QuestionRows
from qa.store.windows.sessions import SessionRow, SessionRows
from qa.store.windows.tables import windows_schema

__all__ = ["JobRow", "JobRows", "Presence", "QuestionRow", "QuestionRows", "SessionRow", "SessionRows", "Windows"]


class Windows:
    """One window's part in it. Where the library may only be read, each window keeps this for itself."""

    def __init__(self, database: Database) -> None:
        self._scratch = scratch_database() if database.is_read_only else None
        database = self._scratch or database
        has_tables(database, *windows_schema.sorted_tables)
        self.id = uuid4().hex[:16]
        """What this window is known by as the holder of a row."""
        self.presence = Presence(database)
        self.presence.hold(self.id)
        self.sessions = SessionRows(database)
        self.questions = QuestionRows(database, self.id, self.presence.is_held)
        self.jobs = JobRows(database, self.id, self.presence.is_held)

    def close(self) -> None:
        """Leaves: what it has in hand is another window's to take."""
        self.presence.close()
        if self._scratch:
            self._scratch.close()


def forget_windows(database: Database) -> None:
    """Takes out what the windows over a library shared."""
    with database.reading() as db:
        there = set(sa.inspect(db).get_table_names())
    with database.writing() as db:
        for table in windows_schema.sorted_tables:
            if table.name in there:
                db.execute(table.delete())
