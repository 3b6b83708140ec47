"""Who is logged in: a random token in a cookie, of which only the hash is remembered, and for so long."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

IDLE = 12 * 3600
"""Seconds after which a session ends that nobody has used."""
WHOLE = 7 * 24 * 3600
"""Seconds after which every session ends."""
_MOST = 10_000  # sessions that are remembered; of more the oldest end


@dataclass(slots=True)
class _Session:
    user: str
    began: float
    used: float


class Sessions:
    """The sessions of one server; a restart ends them all. Safe to use from several threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._sessions: dict[str, _Session] = {}

    def begin(self, user: str) -> str:
        """The token of a new session."""
        token, now = secrets.token_urlsafe(32), self._now()
        with self._lock:
            for key, session in list(self._sessions.items()):
                if self._is_over(session, now):
                    del self._sessions[key]
            while len(self._sessions) >= _MOST:
                del self._sessions[next(iter(self._sessions))]
            self._sessions[_hash(token)] = _Session(user, now, now)
        return token

    def user(self, token: str | None) -> str | None:
        """Whose session it is, which goes on by being used; None where it is none, or is over."""
        if not token:
            return None
        with self._lock:
            session, now = self._sessions.get(_hash(token)), self._now()
            if session is None or self._is_over(session, now):
                self._sessions.pop(_hash(token), None)
                return None
            session.used = now
            return session.user

    def end(self, token: str | None) -> None:
        """Ends the session."""
        if token:
            with self._lock:
                self._sessions.pop(_hash(token), None)

    def _is_over(self, session: _Session, now: float) -> bool:
        return now >= session.used + IDLE or now >= session.began + WHOLE


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
