"""Who is logged in: a random token in a cookie, of which only the hash is kept in the library, and for so long."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from contextlib import suppress

from qa.errors import LibraryError
from qa.store import SessionRow, SessionRows

IDLE = 12 * 3600
"""Seconds after which a session ends that nobody has used."""
WHOLE = 7 * 24 * 3600
"""Seconds after which every session ends."""
_MOST = 10_000  # sessions that are remembered; of more the oldest end
_OFTEN = 60  # seconds between two notes that a session is used


class Sessions:
    """The sessions of a library: begun at one window, known at all of them. Safe to use from several threads."""

    def __init__(
        self, rows: SessionRows, seal: Callable[[str], str] = lambda user: "", now: Callable[[], float] = time.time
    ) -> None:
        """`seal` gives another text for a user once the password is another: their sessions end with it."""
        self._rows, self._seal, self._now = rows, seal, now

    def begin(self, user: str) -> str:
        """The token of a new session. Raises LibraryError."""
        token, now = secrets.token_urlsafe(32), self._now()
        row = SessionRow(user, self._seal(user), now, now)
        self._rows.begin(_hash(token), row, since=now - WHOLE, most=_MOST)
        return token

    def user(self, token: str | None) -> str | None:
        """Whose session it is, which goes on by being used; None where it is none, or is over. Raises LibraryError."""
        if not token or (session := self._rows.get(_hash(token))) is None:
            return None
        now = self._now()
        if now >= session.used + IDLE or now >= session.began + WHOLE or session.account != self._seal(session.user):
            self.end(token)
            return None
        if now >= session.used + _OFTEN:
            with suppress(LibraryError):  # a full disk, say
                self._rows.use(_hash(token), now)
        return session.user

    def end(self, token: str | None) -> None:
        """Ends the session. Raises LibraryError."""
        if token:
            self._rows.end(_hash(token))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
