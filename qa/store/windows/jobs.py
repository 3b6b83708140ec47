"""The jobs of all windows: how far each is, so that any window can tell, end it, or go on with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qa.store.database import Database, writable
from qa.store.dialects import put
from qa.store.windows.tables import jobs as _table

_OVER = ("done", "cancelled", "failed")


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as its window has written it down last."""

    id: str
    title: str
    lane: str
    owner: str | None
    state: str
    done: int
    total: int | None
    note: str
    error: str | None
    result: Any
    again: Mapping[str, Any] | None
    """What another window needs to go on with it; None where none can."""
    began: float
    """Seconds since 1970."""
    holder: str = ""
    """The window that does it."""


class JobRows:
    """The jobs of a library's windows. Every method is one transaction."""

    def __init__(self, database: Database, window: str, is_held: Callable[[str], bool]) -> None:
        self._db, self._window, self._is_held = database, window, is_held

    def put(self, row: JobRow, *, kept: int) -> None:
        """Writes down a new job of this window; of more than `kept` that are over the oldest go."""
        values = {
            **_changing(row),
            "id": row.id,
            "title": writable(row.title),
            "lane": row.lane,
            "owner": row.owner,
            "holder": self._window,
            "again": None if row.again is None else json.dumps(row.again),
            "began": row.began,
            "is_cancelled": False,
            "is_dismissed": False,
        }
        over = _table.c.state.in_(_OVER)
        newest = sa.select(_table.c.id).where(over).order_by(_table.c.began.desc()).limit(kept)
        with self._db.writing() as db:
            put(db, _table, [values])
            db.execute(_table.delete().where(over, _table.c.id.not_in(newest)))

    def note(self, rows: Iterable[JobRow]) -> None:
        """Writes down how far jobs of this window are; what another has gone on with is that one's to tell."""
        with self._db.writing() as db:
            for row in rows:
                mine = _table.update().where(_table.c.id == row.id, _table.c.holder == self._window)
                db.execute(mine.values(_changing(row)))

    def elsewhere(self, owner: str | None) -> list[JobRow]:
        """The owner's jobs at other windows that nobody has dismissed, the oldest first."""
        query = sa.select(_table).where(_table.c.holder != self._window, ~_table.c.is_dismissed)
        theirs = _table.c.owner.is_(None) if owner is None else _table.c.owner == owner
        with self._db.reading() as db:
            return [_row(row) for row in db.execute(query.where(theirs).order_by(_table.c.began))]

    def get(self, id_: str) -> JobRow | None:
        """The job, whosever it is; None where there is none."""
        with self._db.reading() as db:
            row = db.execute(sa.select(_table).where(_table.c.id == id_)).first()
        return _row(row) if row is not None else None

    def cancel(self, id_: str) -> None:
        """Tells the window that does it to end it."""
        self._set(id_, is_cancelled=True)

    def dismiss(self, id_: str) -> None:
        """Notes that its reader has seen what came of it."""
        self._set(id_, is_dismissed=True)

    def cancelled(self, ids: Sequence[str]) -> set[str]:
        """Those of these jobs that are to end."""
        query = sa.select(_table.c.id).where(_table.c.id.in_(ids), _table.c.is_cancelled)
        with self._db.reading() as db:
            return set(db.execute(query).scalars())

    def take_abandoned(self) -> list[JobRow]:
        """Jobs whose window has gone before they were over; they are this window's from now on, the oldest first."""
        under_way = sa.and_(_table.c.holder != self._window, _table.c.state.not_in(_OVER))
        with self._db.reading() as db:
            rows = [_row(row) for row in db.execute(sa.select(_table).where(under_way).order_by(_table.c.began))]
        gone = {holder for holder in {row.holder for row in rows} if not self._is_held(holder)}
        taken = []
        for row in rows:
            if row.holder in gone:
                theirs = _table.update().where(_table.c.id == row.id, _table.c.holder == row.holder, under_way)
                with self._db.writing() as db:
                    if db.execute(theirs.values(holder=self._window)).rowcount:
                        taken.append(row)
        return taken

    def _set(self, id_: str, **values: bool) -> None:
        with self._db.writing() as db:
            db.execute(_table.update().where(_table.c.id == id_).values(values))


def _changing(row: JobRow) -> dict[str, Any]:
    return {
        "state": row.state,
        "done": row.done,
        "total": row.total,
        "note": writable(row.note),
        "error": None if row.error is None else writable(row.error),
        "result": None if row.result is None else writable(json.dumps(row.result, ensure_ascii=False)),
    }


def _row(row: Any) -> JobRow:
    return JobRow(
        row.id,
        row.title,
        row.lane,
        row.owner,
        row.state,
        row.done,
        row.total,
        row.note,
        row.error,
        None if row.result is None else json.loads(row.result),
        None if row.again is None else json.loads(row.again),
        row.began,
        row.holder,
    )
