"""The questions under way at all windows: from the click to the answer, so that another window can go on with one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from qa.errors import LibraryError
from qa.store.database import Database, writable
from qa.store.dialects import put_new
from qa.store.windows.tables import questions as _table

REMEMBERED = 3600.0
"""Seconds that what came of a question can still be learned."""
QuestionState = Literal["running", "done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question on its way."""

    run: str
    holder: str
    """The window that has it in hand."""
    owner: str | None
    asked: Mapping[str, Any]
    """The question, with all that another window needs to ask it; nothing once it is answered."""
    conversation: str | None
    number: int
    """Of its turn in the conversation, from 1."""
    state: QuestionState = "running"
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A question in the hand of a window: its answer counts for as long as that is so."""

    run: str
    holder: str

    def settle(self, db: Connection, conversation: str, number: int) -> None:
        """Notes in the transaction that keeps the answer that it is kept. Raises LibraryError where it does not count.

        So no question is answered twice in a conversation, whichever windows had it.
        """
        values = {"state": "done", "conversation": conversation, "number": number, "asked": "{}"}
        mine = _table.update().where(_table.c.run == self.run, _table.c.holder == self.holder, _IS_RUNNING)
        if not db.execute(mine.values(values)).rowcount:
            raise LibraryError("The question was stopped, or another window has gone on with it.")


class QuestionRows:
    """The questions of a library's windows. Where an `owner` is given, only theirs are seen."""

    def __init__(self, database: Database, window: str, is_held: Callable[[str], bool]) -> None:
        self._db, self._window, self._is_held = database, window, is_held

    def begin(
        self, run: str, owner: str | None, asked: Mapping[str, Any], conversation: str | None, number: int
    ) -> bool:
        """True once the question is in this window's hand; False where a question of this id is known already."""
        now = time.time()
        row = {
            "run": run,
            "holder": self._window,
            "owner": owner,
            "asked": writable(json.dumps(asked, ensure_ascii=False)),
            "conversation": conversation,
            "number": number,
            "state": "running",
            "began": now,
        }
        known = sa.select(_table.c.run).where(_table.c.run == run)
        with self._db.writing() as db:
            over = sa.or_(~_IS_RUNNING, _table.c.began < now - 24 * REMEMBERED)
            db.execute(_table.delete().where(over, _table.c.began < now - REMEMBERED))
            if db.execute(known).first():
                return False
            put_new(db, _table, [row])
            return True

    def claim(self, run: str) -> Claim:
        """What the answer to a question of this window is kept with."""
        return Claim(run, self._window)

    def get(self, run: str, owner: str | None) -> QuestionRow | None:
        """The owner's question of this id, or None."""
        with self._db.reading() as db:
            row = db.execute(sa.select(_table).where(_table.c.run == run)).first()
        return _row(row) if row is not None and row.owner == owner else None

    def take(self, row: QuestionRow) -> bool:
        """True if the question is this window's from now on: its own window has gone, and no other was quicker."""
        if row.state != "running" or self._is_held(row.holder):
            return False
        theirs = _table.update().where(_table.c.run == row.run, _table.c.holder == row.holder, _IS_RUNNING)
        with self._db.writing() as db:
            return bool(db.execute(theirs.values(holder=self._window)).rowcount)

    def elsewhere(self, conversation: str) -> bool:
        """True if another window that is there answers a question of this conversation."""
        query = sa.select(_table.c.holder).where(_table.c.conversation == conversation, _IS_RUNNING)
        with self._db.reading() as db:
            holders = set(db.execute(query.where(_table.c.holder != self._window)).scalars())
        return any(map(self._is_held, holders))

    def end(self, run: str, state: QuestionState, error: str | None = None) -> None:
        """Notes how a question ended whose answer is not kept."""
        with self._db.writing() as db:
            mine = _table.update().where(_table.c.run == run, _IS_RUNNING)
            db.execute(mine.values(state=state, error=error, asked="{}"))

    def stopped(self, runs: Sequence[str]) -> set[str]:
        """Those of these questions that another window has stopped."""
        query = sa.select(_table.c.run).where(_table.c.run.in_(runs), _table.c.state == "stopped")
        with self._db.reading() as db:
            return set(db.execute(query).scalars())


_IS_RUNNING = _table.c.state == "running"


def _row(row: Any) -> QuestionRow:
    asked = json.loads(row.asked)
    return QuestionRow(row.run, row.holder, row.owner, asked, row.conversation, row.number, row.state, row.error)
