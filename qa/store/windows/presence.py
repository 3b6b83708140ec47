"""Names that one window holds and the others see held; they are free as soon as its process ends, however it ends."""

from __future__ import annotations

import threading

from qa.store.database import Database


class Presence:
    """The names that a window holds. Safe to use from several threads. Raises LibraryError while the server is gone."""

    def __init__(self, database: Database) -> None:
        self._names = database.names()
        self._wanted: set[str] = set()
        self._lock = threading.Lock()

    def hold(self, name: str) -> bool:
        """True if the name is this window's, now or already; False where another holds it."""
        with self._lock:
            self._keep()
            is_ours = self._names.has(name) or self._names.take(name)
            (self._wanted.add if is_ours else self._wanted.discard)(name)
            return is_ours

    def let_go(self, name: str) -> None:
        """Holds the name no longer."""
        with self._lock:
            self._wanted.discard(name)
            self._names.give(name)

    def is_held(self, name: str) -> bool:
        """True if this window or another holds the name."""
        with self._lock:
            self._keep()
            if self._names.has(name) or not self._names.take(name):
                return True
            self._names.give(name)
            return False

    def keep(self) -> None:
        """Takes again what was lost with a connection, but for what others have taken meanwhile."""
        with self._lock:
            self._keep()

    def close(self) -> None:
        """Lets go of every name."""
        with self._lock:
            self._wanted.clear()
            self._names.close()

    def _keep(self) -> None:
        self._names.check()
        for name in self._wanted:
            if not self._names.has(name):
                self._names.take(name)
