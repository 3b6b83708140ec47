"""A library in a PostgreSQL server: connections, locks, and errors in words for the user."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from qa.errors import DatabaseGone, LibraryBusy, LibraryError, MissingExtra, SettingsError
from qa.store.names import Names, ServerNames

_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
_SCHEMA = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,62}")
_MOST = 1_000
"""Keys that are claimed one by one; for more, all are: PostgreSQL has room for some thousands of locks."""
_POSITIVE = 0x7FFFFFFF
_ALL, _WRITING = -1, -2
_LOOK = """SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'
 OR NOT coalesce(has_table_privilege(to_regclass('articles')::oid, 'INSERT'), true),
 current_setting('server_encoding'), EXISTS (SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu')"""
_CONNECTING = {
    "application_name": "citewire",
    "client_encoding": "utf8",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "tcp_user_timeout": "30000",  # milliseconds without a sign of the server
}
_SESSION = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
"""So that the server lets go of what a machine held that has lost its power."""
_FULL, _READ_ONLY, _RIGHTS, _TOO_MANY = ("53100", "53200"), "25006", ("42501", "3F000"), "53300"
_GONE = ("08", "57P")
"""What the states begin with in which there is no server any more."""


class PostgreSQL:
    """A schema of a database of a PostgreSQL server. No message names more of its address than host and database."""

    for_reading: Mapping[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    longest_key: int | None = 2_600  # an entry of its indexes takes 2,704
    is_shared = True

    def __init__(self, address: str) -> None:
        self._url, self.schema = _parsed(address)
        host = self._url.host or self._url.query.get("host") or "this machine"
        place = f" on {host}:{self._url.port}" if self._url.port else f" on {host}"
        of_its_own = "" if self.schema == "public" else f", schema '{self.schema}'"
        self.name = f"The database '{self._url.database}'{place}{of_its_own}"
        self._class = _number(f"citewire {self.schema}")
        self._mine = threading.local()
        self.is_read_only = False
        self.only_read = (
            f"{self.name} can only be read, by this user or as a replica: nothing is kept or changed in it. Name the "
            "server that is written to, or a user with the right to, in --database."
        )

    def engine(self) -> Engine:
        """The connections to it. Raises MissingExtra, SettingsError."""
        try:
            import psycopg
        except ImportError:
            raise MissingExtra("A library in PostgreSQL", "postgresql") from None
        own = {name: value for name, value in self._url.query.items() if name in _CONNECTING}
        given = self._url.query.get("options")
        options = " ".join([*([str(given)] if given else []), _SESSION, f"-c search_path={self.schema}"])
        try:
            psycopg.conninfo.make_conninfo(**{str(name): str(value) for name, value in self._url.query.items()})
            return sa.create_engine(
                self._url, pool_pre_ping=True, max_overflow=30, connect_args={**_CONNECTING, **own, "options": options}
            )
        except (psycopg.Error, sa.exc.ArgumentError, ValueError):
            raise SettingsError(
                f"{self.name} has an option in its address that PostgreSQL does not know. {_WRITTEN}"
            ) from None

    def look(self, engine: Engine) -> None:
        """Connects, and learns whether it may be written to. Raises LibraryError where it cannot hold a library."""
        try:
            with engine.connect() as db:
                self.is_read_only, encoding, has_icu = db.exec_driver_sql(_LOOK).one()
        except sa.exc.ProgrammingError:  # of the driver, which got a value that it cannot use
            raise SettingsError(f"{self.name} has an option in its address that cannot be used. {_WRITTEN}") from None
        if encoding != "UTF8":
            raise LibraryError(
                f"{self.name} keeps text as {encoding}, which lacks letters. Make one with: createdb --encoding=UTF8 "
                "--template=template0 NAME"
            )
        if not has_icu:
            raise LibraryError(f"{self.name} is of a server without ICU. Use one that was built with it, as most are.")

    def prepare(self, db: Connection) -> None:
        """Makes the schema where there is none."""
        if db.exec_driver_sql("SELECT to_regnamespace(%s)", (self.schema,)).scalar() is None:
            db.exec_driver_sql(f'CREATE SCHEMA "{self.schema}"')

    def count_on(self, db: Connection, made: Iterable[sa.Table]) -> None:
        """Has the keys of tables whose rows brought theirs count on from the highest."""
        for table in made:
            if (column := table.autoincrement_column) is not None:
                highest = sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
                db.execute(
                    sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table.name, column.name), highest, False))
                )

    def begin(self, db: Connection, writes: bool) -> None:
        """One transaction writes at a time, which takes milliseconds: changes have an order that all readers see."""
        if writes and not getattr(self._mine, "writes_alone", False):
            db.exec_driver_sql("SELECT pg_advisory_xact_lock(%s, %s)", (self._class, _WRITING))

    @contextmanager
    def claimed(
        self, engine: Engine, keys: Iterable[str] | None, on_wait: Callable[[], None] | None = None, wait: bool = True
    ) -> Iterator[None]:
        """Holds whatever is known by these keys, for longer than a transaction; all of the library for None or many.

        Calls `on_wait` once before it waits for the whole; raises LibraryBusy if not to `wait`. The server lets go of
        what a process held that has died.
        """
        numbers = None if keys is None else sorted({_number(key) & _POSITIVE for key in keys})  # in one order for all
        with self._locking(engine) as db:
            if numbers is None or len(numbers) > _MOST:
                self._claim_all(db, on_wait, wait)
            else:
                self._share(db, on_wait, wait)
                each = "SELECT pg_advisory_lock(%s, number) FROM unnest(%s::int[]) AS number"
                db.exec_driver_sql(each, (self._class, numbers))
            yield

    @contextmanager
    def alone(self, engine: Engine) -> Iterator[None]:
        """Lets no other thread or machine write meanwhile: what is read stays so until it is written."""
        with self._locking(engine) as db:
            db.exec_driver_sql("SELECT pg_advisory_lock(%s, %s)", (self._class, _WRITING))
            self._mine.writes_alone = True
            try:
                yield
            finally:
                self._mine.writes_alone = False

    @contextmanager
    def held(self, engine: Engine, name: str) -> Iterator[None]:
        """Holds a lock by name, which has nothing to do with articles."""
        with self._locking(engine) as db:
            db.exec_driver_sql("SELECT pg_advisory_lock(%s, %s)", (_number(f"turns {self.schema}"), _number(name)))
            yield

    def names(self, engine: Engine) -> Names:
        """Locks by name."""
        return ServerNames(engine, _number(f"names {self.schema}"))

    @contextmanager
    def _locking(self, engine: Engine) -> Iterator[Connection]:
        """A connection of its own, whose locks go with it."""
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            try:
                yield db
            finally:
                try:
                    db.exec_driver_sql("SELECT pg_advisory_unlock_all()")
                except (LibraryError, sa.exc.SQLAlchemyError):
                    db.invalidate()  # gone, and its locks with it

    def _share(self, db: Connection, on_wait: Callable[[], None] | None, wait: bool) -> None:
        """Keeps others from claiming the whole library."""
        self._lock(db, "advisory_lock_shared", on_wait, wait)

    def _claim_all(self, db: Connection, on_wait: Callable[[], None] | None, wait: bool) -> None:
        self._lock(db, "advisory_lock", on_wait, wait)

    def _lock(self, db: Connection, kind: str, on_wait: Callable[[], None] | None, wait: bool) -> None:
        key = (self._class, _ALL)
        if db.exec_driver_sql(f"SELECT pg_try_{kind}(%s, %s)", key).scalar():
            return
        if not wait:
            raise LibraryBusy(f"Another process is writing to the library. Try again when it is done. {self.name}")
        if on_wait:
            on_wait()
        db.exec_driver_sql(f"SELECT pg_{kind}(%s, %s)", key)

    def has_moved(self) -> bool:
        """False: a server's connections see what is there."""
        return False

    def failed(self, error: BaseException | None) -> bool:
        """True for an error of the server, not of a statement."""
        import psycopg

        if isinstance(error, psycopg.ProgrammingError):
            return error.sqlstate in _RIGHTS
        return isinstance(error, psycopg.Error) and not isinstance(error, psycopg.IntegrityError)

    def explained(self, error: BaseException) -> LibraryError:
        """The error in words for the user."""
        import psycopg

        state = getattr(error, "sqlstate", None) or ""
        lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
        said = re.sub(r"^(.* failed: )?((FATAL|ERROR):)?\s*", "", lines[0])[:200]
        if state == _READ_ONLY:
            return LibraryError(self.only_read)
        if state in _FULL:
            return LibraryError(f"{self.name} is full ('{said}'). Free some space there; nothing was changed.")
        if state in _RIGHTS:
            return LibraryError(
                f"{self.name} lets this user do too little ('{said}'). Give it the right, or name another."
            )
        if state == _TOO_MANY or "too many" in said:
            return DatabaseGone(f"{self.name} has too many connections. Try again later, or allow it more.")
        if isinstance(error, psycopg.OperationalError) and (not state or state.startswith(_GONE)):
            return self._not_connected(said)
        return LibraryError(f"{self.name} cannot be used: it says '{said}'. Ask whoever keeps the server.")

    def _not_connected(self, said: str) -> LibraryError:
        if "password" in said:
            return LibraryError(f"{self.name} refuses the user or the password. Check both in --database.")
        if re.search(r'database ".*" does not exist', said):
            return LibraryError(f"{self.name} does not exist. Make it with: createdb NAME, or check the name.")
        if re.search(r'role ".*" (does not exist|is not permitted)|pg_hba\.conf|not permitted to log in', said):
            return LibraryError(f"{self.name} does not let this user in ('{said}'). Check the user in --database.")
        return DatabaseGone(f"{self.name} does not answer ('{said}'). Start the server, or check --database.")

    def problems(self, db: Connection) -> list[str]:
        """Nothing: a server keeps its own files in order."""
        return []


_WRITTEN = "Write it as postgresql://user:password@host/name, with ?schema=NAME for a library beside others."


def _parsed(address: str) -> tuple[sa.URL, str]:
    """The address as the driver takes it, and the schema that it names. Raises SettingsError, which shows no part."""
    try:
        url = sa.make_url(address.strip())
        query = dict(url.query)
        schema = query.pop("schema", "public")
        usable = url.drivername in _SCHEMES and url.database and all(isinstance(each, str) for each in query.values())
    except (sa.exc.ArgumentError, ValueError):
        usable = False
    if not usable:
        raise SettingsError(f"The setting 'database' is no PostgreSQL address. {_WRITTEN}")
    if not (isinstance(schema, str) and _SCHEMA.fullmatch(schema)):
        raise SettingsError(
            f"{schema!r} cannot be the schema of a library. Take small letters, digits and _, such as ?schema=beat."
        )
    return url.set(drivername="postgresql+psycopg", query=query), schema


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big", signed=True)
