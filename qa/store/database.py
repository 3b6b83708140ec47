"""The database of a library: connections, transactions, and errors in words for the user."""

from __future__ import annotations

import datetime as dt
import shutil
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from qa.errors import LibraryError
from qa.store.dialects import SQLite
from qa.store.names import Names
from qa.store.postgresql import PostgreSQL

T = TypeVar("T")
_AT_ONCE = 500  # values in one IN (...): well under SQLite's limit on variables


class Database:
    """The articles database: a file, or a server's by its address. Raises LibraryError where it fails.

    One that may only be read says so to whoever writes, and sees what another process writes.
    """

    def __init__(self, place: Path | str) -> None:
        self.kind: SQLite | PostgreSQL = SQLite(place) if isinstance(place, Path) else PostgreSQL(place)
        self._engine: Engine = self.kind.engine()
        self._reading = self._engine.execution_options(**self.kind.for_reading)
        self._writing = self._engine.execution_options(writes=True)
        sa.event.listen(self._engine, "begin", self._begin)
        sa.event.listen(self._engine, "handle_error", self._explain)
        self.kind.look(self._engine)

    @property
    def is_read_only(self) -> bool:
        """True where nothing can be kept or changed."""
        return self.kind.is_read_only

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the library. What it reads and nobody wrote becomes a LibraryError."""
        if self.kind.has_moved():
            self._engine.dispose()
        try:
            with self._reading.connect() as db:
                yield db
        except (ValueError, TypeError, KeyError) as error:  # a day that is none, JSON that is broken
            raise self.kind.explained(error) from error

    def writing(self) -> AbstractContextManager[Connection]:
        """A connection whose changes are made as a whole when it is left, and not at all after an error."""
        self.require_writable()
        return self._writing.begin()

    @property
    def is_shared(self) -> bool:
        """True for a server's database, which several machines may write to, a transaction at a time."""
        return self.kind.is_shared

    def turns_at(self, what: str) -> AbstractContextManager[None]:
        """A lock that all machines on a server's database share; one may enter it again."""
        return Turns(lambda: self.kind.held(self._engine, what))

    def alone(self) -> AbstractContextManager[None]:
        """Lets nobody else write to a server's database meanwhile; not to be entered twice by one thread."""
        return self.kind.alone(self._engine)

    def claimed(
        self, keys: Iterable[str] | None = None, on_wait: Callable[[], None] | None = None, wait: bool = True
    ) -> AbstractContextManager[None]:
        """Holds what the keys stand for, or all, against other machines that write to the server; see its `claimed`."""
        return self.kind.claimed(self._engine, keys, on_wait, wait)

    def names(self) -> Names:
        """Locks by name, which others see held for as long as this process lives."""
        return self.kind.names(self._engine)

    def require_writable(self) -> None:
        """Raises LibraryError where the library may only be read."""
        if self.is_read_only:
            raise LibraryError(self.kind.only_read)

    def close(self) -> None:
        """Closes every connection."""
        self._engine.dispose()

    def _begin(self, db: Connection) -> None:
        self.kind.begin(db, bool(db.get_execution_options().get("writes")))

    def _explain(self, context: sa.engine.ExceptionContext) -> None:
        error = context.original_exception
        if not context.is_pre_ping and self.kind.failed(error):
            raise self.kind.explained(error) from None


class Turns:
    """A lock that whoever holds it may enter again; `hold` makes the context that holds it once."""

    def __init__(self, hold: Callable[[], AbstractContextManager[None]]) -> None:
        self._hold, self._depth = hold, 0
        self._held: AbstractContextManager[None] | None = None

    def __enter__(self) -> None:
        if self._held is None:
            held = self._hold()
            held.__enter__()
            self._held = held
        self._depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._held is not None and not self._depth:
            held, self._held = self._held, None
            held.__exit__(None, None, None)


def scratch_database() -> Database:
    """An empty database that goes with this process."""
    folder = Path(mkdtemp(prefix="citewire-"))
    database = Database(folder / "scratch.db")
    weakref.finalize(database, shutil.rmtree, folder, ignore_errors=True)
    return database


def has_tables(database: Database, *wanted: sa.Table) -> bool:
    """True once the tables are there: made where they are missing, but in a library that may only be read."""
    with database.reading() as db:
        there = set(sa.inspect(db).get_table_names())
    missing = [table for table in wanted if table.name not in there]
    if missing and not database.is_read_only:
        with database.writing() as db:  # another process may have been quicker: that is looked at once more
            wanted[0].metadata.create_all(db, missing, checkfirst=True)
        missing = []
    return not missing


def has_indexes(folder: Path) -> bool:
    """True if a library's folder holds files of an index."""
    return any(
        any(folder.glob(files))
        for files in ("words/segment-*", "words/[0-9]*", "vectors/last", "vectors/chroma.sqlite3")
    )


def portions(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """The items, as many at a time as one statement takes."""
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


def moment_text(moment: dt.datetime) -> str:
    """A moment in UTC as the tables hold it: as text that sorts."""
    return moment.isoformat(timespec="microseconds")


def writable(text: str) -> str:
    """The text as a database takes it: with a question mark for each half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode("utf-8")
