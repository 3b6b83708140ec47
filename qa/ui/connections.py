"""Connections that begin a request and do not go on with it are closed: uvicorn itself waits for ever."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 20.0
"""Seconds that the head of a request may take, and that its body may fall behind SLOWEST."""
SLOWEST = 1_000
"""Bytes of a body that have to come each second, on average."""


class TimedConnection(H11Protocol):
    """A connection of uvicorn's with a time for what is sent to it; how long an answer takes is nobody's hurry."""

    patience = PATIENCE

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for the head of the first request."""
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Takes what came; stops waiting once a request is whole."""
        before = self.cycle
        super().data_received(data)
        is_half = self.conn.their_state is h11.SEND_BODY or self._has_half_a_head()
        if self._timer and (not is_half or self.cycle is not before):
            self._timer.cancel()
            self._timer = None
        if is_half and self._timer is None:
            self._wait()
        self._received += len(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits for nothing any more."""
        if self._timer:
            self._timer.cancel()
        super().connection_lost(exc)

    def _has_half_a_head(self) -> bool:
        is_idle: bool = self.conn.their_state is h11.IDLE
        return is_idle and (self.cycle is None or bool(self.conn.trailing_data[0]))

    def _wait(self) -> None:
        self._received, self._began = 0, self.loop.time()
        self._timer = self.loop.call_later(self.patience, self._look)

    def _look(self) -> None:
        sent = self._received / SLOWEST if self.conn.their_state is h11.SEND_BODY else 0.0
        left = self._began + self.patience + sent - self.loop.time()
        if left > 0 or self.flow.read_paused:  # paused: it is this side that does not read
            self._timer = self.loop.call_later(max(left, 1.0), self._look)
        elif not self.transport.is_closing():
            self.transport.close()
