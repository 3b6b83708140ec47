"""articles.db as SQLite keeps it: connections, transactions, and errors in words for the user."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from qa.errors import LibraryError

T = TypeVar("T")
DAMAGED = (
    "Put back a copy of it, or save the articles that can still be read with: qa doctor --salvage FOLDER. Then delete "
    "the library and ingest them again."
)
"""What to do about a damaged articles.db."""
_OF_THE_DISK = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
}
"""What SQLite says where the file is sound but cannot be used."""
_AT_ONCE = 500  # values in one IN (...): well under SQLite's limit on variables


class Database:
    """The articles database. Raises LibraryError where the disk or the file fails.

    One that may only be read says so to whoever writes, and sees what another process writes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self.is_read_only = has_content(self._path) and not all(
            os.access(each, os.W_OK) for each in (self._path, self._path.parent)
        )
        self._seen = self._state()
        url = sa.URL.create("sqlite", database=str(self._path))
        self._engine: Engine = sa.create_engine(url, creator=self._connect)
        self._writing = self._engine.execution_options(writes=True)
        sa.event.listen(self._engine, "begin", _begin)
        sa.event.listen(self._engine, "handle_error", self._explain)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the library. What it reads and nobody wrote becomes a LibraryError."""
        if self.is_read_only and (state := self._state()) != self._seen:
            self._seen = state
            self._engine.dispose()  # of a file that is opened as one that never changes, SQLite keeps what it has read
        try:
            with self._engine.connect() as db:
                yield db
        except (ValueError, TypeError, KeyError) as error:  # a day that is none, JSON that is broken
            raise self._error(error) from error

    def writing(self) -> AbstractContextManager[Connection]:
        """A connection whose changes are made as a whole when it is left, and not at all after an error."""
        self.require_writable()
        return self._writing.begin()

    def copy_to(self, path: Path) -> None:
        """Writes the database as it is at one moment to a new file; others go on to read and to write it meanwhile.

        Raises LibraryError where it cannot be read, OSError where the file cannot be written.
        """
        with closing(self._connect()) as source, closing(sqlite3.connect(path)) as made:
            try:
                source.backup(made)  # all pages in one step: in several it would begin again after each change
            except sqlite3.Error as error:
                if error.sqlite_errorcode & 0xFF in (
                    sqlite3.SQLITE_FULL,
                    sqlite3.SQLITE_IOERR,
                    sqlite3.SQLITE_CANTOPEN,
                ):
                    raise OSError(error.sqlite_errorcode, f"the database says '{error}'") from None
                raise self._error(error) from None

    def require_writable(self) -> None:
        """Raises LibraryError where the library may only be read."""
        if self.is_read_only:
            raise LibraryError(
                f"Library {self._path.parent} can only be read: nothing is kept or changed in it. Change its "
                "permissions, or copy it to a folder of your own and name that with --index."
            )

    def close(self) -> None:
        """Closes every connection."""
        self._engine.dispose()

    def _connect(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = None
        options: dict[str, Any] = {"timeout": 30, "isolation_level": None, "check_same_thread": False}
        try:
            if self.is_read_only:
                # Beside a journal SQLite reads as others do; without one it would have to make one, unless told not to.
                how = "mode=ro" if self._state()[0] else "immutable=1"
                connection = sqlite3.connect(f"{self._path.as_uri()}?{how}", uri=True, **options)
            else:
                connection = sqlite3.connect(self._path, **options)
                connection.execute("PRAGMA journal_mode=WAL")  # readers go on while a writer writes
                connection.execute("PRAGMA synchronous=FULL")  # after a power cut no index may be ahead of the truth
            connection.execute("PRAGMA foreign_keys=ON")
            connection.create_function("lower", 1, _lower, deterministic=True)  # SQLite's own knows only ASCII
        except sqlite3.Error as error:
            if connection:
                connection.close()
            raise self._error(error) from None
        return connection

    def _state(self) -> tuple[bool, int, int]:
        """Whether there is a journal beside the file, and the file's time of change and size."""
        if not has_content(self._path):
            return False, 0, 0
        stat = self._path.stat()
        return has_content(self._path.with_name(f"{self._path.name}-wal")), stat.st_mtime_ns, stat.st_size

    def _explain(self, context: sa.engine.ExceptionContext) -> None:
        if isinstance(context.original_exception, sqlite3.DatabaseError) and not isinstance(
            context.original_exception, sqlite3.IntegrityError | sqlite3.ProgrammingError
        ):
            raise self._error(context.original_exception) from None

    def _error(self, error: BaseException) -> LibraryError:
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _OF_THE_DISK:
            remedy = "Free some space or change its permissions, or name another with --index."
        else:
            remedy = DAMAGED
        said = str(error).partition(" with text ")[0]  # a whole article follows
        return LibraryError(f"Library {self._path.parent} cannot be used: articles.db says '{said}'. {remedy}")


def has_content(path: Path) -> bool:
    """True for a file that holds anything."""
    return path.is_file() and path.stat().st_size > 0


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
    return any(any(folder.glob(files)) for files in ("words/[0-9]*", "vectors/last", "vectors/chroma.sqlite3"))


def portions(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """The items, as many at a time as one statement takes."""
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


def moment_text(moment: dt.datetime) -> str:
    """A moment in UTC as the tables hold it: as text that sorts."""
    return moment.isoformat(timespec="microseconds")


def writable(text: str) -> str:
    """The text as SQLite takes it: with a question mark for each half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _lower(value: str | None) -> str | None:
    return value.lower() if isinstance(value, str) else value


def _begin(db: Connection) -> None:
    """Begins at once: the driver would begin at the first change, and each query before it read another state."""
    db.exec_driver_sql("BEGIN IMMEDIATE" if db.get_execution_options().get("writes") else "BEGIN")
