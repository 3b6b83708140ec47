"""What differs between the databases a library can be kept in: rows over rows, pieces of queries, and SQLite's file.

The server stands in `qa.store.postgresql`, with the same methods as `SQLite`.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from qa.errors import LibraryError
from qa.store.names import FileNames, Names


class _ServerText(sa.TypeDecorator[str]):
    """Text in PostgreSQL, which refuses NUL."""

    impl = sa.String(collation="C")
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """The value with another letter in the place of each NUL: no offset moves."""
        return value.replace("\0", "\ufffd") if value and "\0" in value else value


TEXT = sa.String().with_variant(_ServerText(), "postgresql")
"""Text that sorts by its code points, whatever the server's locale."""
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A whole number of 64 bits, also as a key that counts up."""


def keep_order(*tables: sa.Table) -> None:
    """Has the tables remember in `rowid` in which order their rows came, as those of SQLite do by themselves."""
    remember = sa.DDL("ALTER TABLE %(fullname)s ADD COLUMN rowid bigint GENERATED ALWAYS AS IDENTITY")  # type: ignore[no-untyped-call]
    for table in tables:
        table.info["keeps_order"] = True
        sa.event.listen(table, "after_create", remember.execute_if(dialect="postgresql"))


# --- rows over rows ---------------------------------------------------------------------------------------------------


def put(db: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts the rows; one with the primary key of another takes its place."""
    insert = _insert(db, table)
    new = {column.name: insert.excluded[column.name] for column in table.c if not column.primary_key}
    db.execute(insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=new), rows)


def put_new(db: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts the rows but those that no other row of the table lets in."""
    db.execute(_insert(db, table).on_conflict_do_nothing(), rows)


def _insert(db: Connection, table: sa.Table) -> Any:
    return {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[db.dialect.name](table)


# --- pieces of queries ------------------------------------------------------------------------------------------------


class Lowered(FunctionElement[str]):
    """A text in lower case, of every alphabet."""

    inherit_cache = True
    type = TEXT


class Folded(FunctionElement[str]):
    """A text in which LIKE finds an ASCII word in lower case: SQLite's knows the case of ASCII letters itself."""

    inherit_cache = True
    type = TEXT


class Bytes(FunctionElement[bytes]):
    """A text as UTF-8: one with a damaged byte may be none."""

    inherit_cache = True
    type = sa.LargeBinary()


class Parsed(FunctionElement[Any]):
    """A text as JSON, to be looked into."""

    inherit_cache = True


class IsJson(FunctionElement[bool]):
    """Whether a text is JSON; PostgreSQL before version 16 cannot tell, and fails at one that is not."""

    inherit_cache = True
    type = sa.Boolean()


class Member(FunctionElement[str]):
    """The member of a JSON object that has a key, as text."""

    inherit_cache = True
    type = TEXT


class Members(FunctionElement[Any]):
    """The items of a list that is a member of a JSON object, as rows."""

    inherit_cache = True


class _Items(FunctionElement[Any]):
    """The items of a JSON list of texts, as rows."""

    inherit_cache = True


def each(values: Sequence[str]) -> sa.Select[tuple[str]]:
    """The values as rows: as variables of the statement there might be more than it takes."""
    rows = _Items(sa.literal(json.dumps(list(values)), sa.String)).table_valued("value")
    return sa.select(rows.c.value)


_NUL = r"'(?<!\\)((\\\\)*)\\u0000'"
_SPELLINGS: Mapping[type[FunctionElement[Any]], tuple[str, str]] = {
    Lowered: ("lower({0})", 'lower({0} COLLATE "und-x-icu")'),
    Folded: ("{0}", 'lower({0} COLLATE "und-x-icu")'),
    Bytes: ("CAST({0} AS BLOB)", "convert_to({0}, 'UTF8')"),
    Parsed: ("{0}", "CAST(regexp_replace({0}, " + _NUL + r", '\1', 'g') AS JSON)"),  # JSON of PostgreSQL has no NUL
    IsJson: ("json_valid({0})", "true"),
    Member: ("json_extract({0}, '$.' || {1})", "({0} ->> {1})"),
    Members: ("json_each({0}, '$.' || {1})", "json_array_elements({0} -> {1})"),
    _Items: ("json_each({0})", "json_array_elements_text(CAST({0} AS JSON))"),
}
"""A piece -> how SQLite and how PostgreSQL spell it."""


def _spell(piece: type[FunctionElement[Any]], dialect: str, spelling: str) -> None:
    def compiled(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
        options.pop("asfrom", None)
        return spelling.format(*(compiler.process(clause, **options) for clause in element.clauses))

    compiles(piece, dialect)(compiled)


for _piece, _both in _SPELLINGS.items():
    for _dialect, _spelling in zip(("sqlite", "postgresql"), _both, strict=True):
        _spell(_piece, _dialect, _spelling)

# --- databases --------------------------------------------------------------------------------------------------------

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


class SQLite:
    """articles.db in the folder of a library."""

    for_reading: Mapping[str, Any] = {}
    """Options of a connection."""

    longest_key: int | None = None
    """Bytes of what articles are known by, at most; None for any number."""
    is_shared = False
    """Whether several machines may write to it, each a transaction at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.is_read_only = has_content(self.path) and not all(
            os.access(each, os.W_OK) for each in (self.path, self.path.parent)
        )
        self.only_read = (
            f"Library {self.path.parent} can only be read: nothing is kept or changed in it. Change its "
            "permissions, or copy it to a folder of your own and name that with --index."
        )
        self._seen = self._state()

    def engine(self) -> Engine:
        """The connections to it."""
        return sa.create_engine(sa.URL.create("sqlite", database=str(self.path)), creator=self.connect)

    def begin(self, db: Connection, writes: bool) -> None:
        """Begins at once: the driver would begin at the first change, and each query before it read another state."""
        db.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    def has_moved(self) -> bool:
        """True where connections must be made anew: of a file that it was told never changes SQLite keeps the pages."""
        if not self.is_read_only or (state := self._state()) == self._seen:
            return False
        self._seen = state
        return True

    def failed(self, error: BaseException | None) -> bool:
        """True for an error of the database, not of a statement."""
        return isinstance(error, sqlite3.DatabaseError) and not isinstance(
            error, sqlite3.IntegrityError | sqlite3.ProgrammingError
        )

    def explained(self, error: BaseException) -> LibraryError:
        """The error in words for the user."""
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _OF_THE_DISK:
            remedy = "Free some space or change its permissions, or name another with --index."
        else:
            remedy = DAMAGED
        said = str(error).partition(" with text ")[0]  # a whole article follows
        return LibraryError(f"Library {self.path.parent} cannot be used: articles.db says '{said}'. {remedy}")

    def problems(self, db: Connection) -> list[str]:
        """What it finds wrong with itself; nothing where it is whole."""
        said = [str(row[0]) for row in db.exec_driver_sql("PRAGMA quick_check(5)") if row[0] != "ok"]
        strays = {str(row[0]) for row in db.exec_driver_sql("PRAGMA foreign_key_check")}
        return said + [f"{table} hold rows of articles that have gone" for table in sorted(strays)]

    def copy_to(self, path: Path) -> None:
        """Writes the database as it is at one moment to a new file; others go on to read and to write it meanwhile.

        Raises LibraryError where it cannot be read, OSError where the file cannot be written.
        """
        with closing(self.connect()) as source, closing(sqlite3.connect(path)) as made:
            try:
                source.backup(made)  # all pages in one step: in several it would begin again after each change
            except sqlite3.Error as error:
                if error.sqlite_errorcode & 0xFF in (
                    sqlite3.SQLITE_FULL,
                    sqlite3.SQLITE_IOERR,
                    sqlite3.SQLITE_CANTOPEN,
                ):
                    raise OSError(error.sqlite_errorcode, f"the database says '{error}'") from None
                raise self.explained(error) from None

    @contextmanager
    def claimed(
        self, engine: Engine, keys: Iterable[str] | None, on_wait: Callable[[], None] | None = None, wait: bool = True
    ) -> Iterator[None]:
        """Does nothing: whoever writes holds a lock on the folder."""
        yield

    @contextmanager
    def alone(self, engine: Engine) -> Iterator[None]:
        """Does nothing, as `claimed`."""
        yield

    @contextmanager
    def held(self, engine: Engine, name: str) -> Iterator[None]:
        """Does nothing, as `claimed`."""
        yield

    def names(self, engine: Engine) -> Names:
        """Locks by name."""
        return FileNames(self.path.parent / "windows")

    def look(self, engine: Engine) -> None:
        """Does nothing: the file was looked at."""

    def prepare(self, db: Connection) -> None:
        """Does nothing: the file is there."""

    def count_on(self, db: Connection, made: Iterable[sa.Table]) -> None:
        """Does nothing: keys count on from the highest by themselves."""

    def connect(self) -> sqlite3.Connection:
        """A connection of the driver."""
        connection: sqlite3.Connection | None = None
        options: dict[str, Any] = {"timeout": 30, "isolation_level": None, "check_same_thread": False}
        try:
            if self.is_read_only:
                # Beside a journal SQLite reads as others do; without one it would have to make one, unless told not to.
                how = "mode=ro" if self._state()[0] else "immutable=1"
                connection = sqlite3.connect(f"{self.path.as_uri()}?{how}", uri=True, **options)
            else:
                connection = sqlite3.connect(self.path, **options)
                connection.execute("PRAGMA journal_mode=WAL")  # readers go on while a writer writes
                connection.execute("PRAGMA synchronous=FULL")  # after a power cut no index may be ahead of the truth
            connection.execute("PRAGMA foreign_keys=ON")
            connection.create_function("lower", 1, _lower, deterministic=True)  # SQLite's own knows only ASCII
        except sqlite3.Error as error:
            if connection:
                connection.close()
            raise self.explained(error) from None
        return connection

    def _state(self) -> tuple[bool, int, int]:
        """Whether there is a journal beside the file, and the file's time of change and size."""
        if not has_content(self.path):
            return False, 0, 0
        stat = self.path.stat()
        return has_content(self.path.with_name(f"{self.path.name}-wal")), stat.st_mtime_ns, stat.st_size


def has_content(path: Path) -> bool:
    """True for a file that holds anything."""
    return path.is_file() and path.stat().st_size > 0


def _lower(value: str | None) -> str | None:
    return value.lower() if isinstance(value, str) else value
