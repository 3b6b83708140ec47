"""Articles taken out of the library that can be put back for a moment: out at once, whatever the server does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from uuid import uuid4

from qa.errors import UsageError
from qa.library import Library
from qa.store import RemovedArticles

UNDO = 10.0
"""Seconds for which a page offers to put articles back."""
_GRACE = 20.0  # seconds longer for which it is done: the click may be late, or wait for another page


class Removals:
    """The last removal of each reader."""

    def __init__(self, library: Library, now: Callable[[], float] = time.monotonic) -> None:
        self._library = library
        self._now = now
        self._lock = threading.Lock()
        self._last: dict[str | None, tuple[str, float, RemovedArticles]] = {}

    def remove(self, article_ids: Sequence[str], owner: str | None) -> str:
        """Takes articles out; returns the key to put them back with. Raises UsageError for an id that is not there."""
        copy = self._library.store.copy_of(article_ids)
        self._library.remove(article_ids, wait=False)
        key = uuid4().hex
        with self._lock:
            self._last = {who: kept for who, kept in self._last.items() if self._is_open(kept[1])}
            self._last[owner] = (key, self._now(), copy)
        return key

    def undo(self, key: str, owner: str | None) -> int:
        """Puts back what was taken out last; returns how many articles came. Raises UsageError where it is too late."""
        with self._lock:
            kept = self._last.get(owner)
            if kept is None or kept[0] != key or not self._is_open(kept[1]):
                raise UsageError("It is too late to put these articles back. Add their files again.")
            del self._last[owner]
        return len(self._library.put_back(kept[2]))

    def _is_open(self, began: float) -> bool:
        return self._now() - began < UNDO + _GRACE
