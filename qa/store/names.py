"""Locks by name that go with the process that holds them: files beside a database file, or locks of a server."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.engine import Connection, Engine

from qa.errors import LibraryError


class Names(Protocol):
    """The names that a process holds; not safe to use from several threads at once."""

    def check(self) -> None:
        """Forgets those that were lost with a connection."""

    def has(self, name: str) -> bool:
        """True if this process holds the name."""

    def take(self, name: str) -> bool:
        """True if the name is this process's now; False where another holds it."""

    def give(self, name: str) -> None:
        """Lets go of the name."""

    def close(self) -> None:
        """Lets go of all."""


class FileNames:
    """A lock file for each name in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, FileLock] = {}

    def check(self) -> None:
        """Does nothing: a file is not lost."""

    def has(self, name: str) -> bool:
        """See `Names`."""
        return name in self._held

    def take(self, name: str) -> bool:
        """See `Names`."""
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.lock"
        # Taken in one thread, and let go of in another.
        lock = FileLock(path, thread_local=False, is_singleton=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        if not path.exists():  # whoever held it took the file away meanwhile
            lock.release()
            return False
        self._held[name] = lock
        return True

    def give(self, name: str) -> None:
        """See `Names`."""
        if lock := self._held.pop(name, None):
            with suppress(OSError):
                Path(lock.lock_file).unlink()
            lock.release()

    def close(self) -> None:
        """See `Names`."""
        for name in list(self._held):
            self.give(name)


class ServerNames:
    """Advisory locks of a PostgreSQL server, held by one connection."""

    def __init__(self, engine: Engine, family: int) -> None:
        self._engine, self._family = engine, family
        self._db: Connection | None = None
        self._held: set[str] = set()

    def check(self) -> None:
        """See `Names`."""
        if self._db is None:
            return
        try:
            self._db.exec_driver_sql("SELECT 1")
        except (LibraryError, sa.exc.SQLAlchemyError):
            self._drop()

    def has(self, name: str) -> bool:
        """See `Names`."""
        return name in self._held

    def take(self, name: str) -> bool:
        """See `Names`. Raises LibraryError where the server is gone."""
        if self._db is None:
            self._db = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if self._db.exec_driver_sql("SELECT pg_try_advisory_lock(%s, %s)", self._key(name)).scalar():
            self._held.add(name)
        return name in self._held

    def give(self, name: str) -> None:
        """See `Names`."""
        if name in self._held and self._db is not None:
            self._held.discard(name)
            try:
                self._db.exec_driver_sql("SELECT pg_advisory_unlock(%s, %s)", self._key(name))
            except (LibraryError, sa.exc.SQLAlchemyError):
                self._drop()

    def close(self) -> None:
        """See `Names`."""
        if self._db is not None:
            with suppress(LibraryError, sa.exc.SQLAlchemyError):  # the server is gone, and so are they
                self._db.exec_driver_sql("SELECT pg_advisory_unlock_all()")
        self._drop()

    def _drop(self) -> None:
        db, self._db = self._db, None
        self._held.clear()
        if db is not None:
            db.invalidate()  # closed, and its locks with it
            db.close()

    def _key(self, name: str) -> tuple[int, int]:
        digest = sha256(name.encode("utf-8", "surrogatepass")).digest()
        return self._family, int.from_bytes(digest[:4], "big", signed=True)
