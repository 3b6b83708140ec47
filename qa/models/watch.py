"""Bounds a reply that a server sends drop by drop, in time and in the length of a line."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from qa.models.base import Counted
from qa.models.faults import Fault
from qa.models.server import Server

LONGEST_LINE = 1_000_000
"""Bytes. A part of a reply is a line of some hundred."""


class Watch:
    """Watches one reply: bytes alone, such as comments and empty parts, are no sign of life."""

    def __init__(self, server: Server, clock: Callable[[], float] = time.monotonic) -> None:
        self._between, self._whole, self._clock = server.timeout, server.whole, clock
        self._began = self._alive = clock()
        self._line = 0
        self.has_begun = False
        """Whether the server has sent anything of a reply."""
        self.counted: Counted | None = None
        """What the server says that the reply took."""
        self._sockets: list[socket.socket] = []
        self._is_left = False
        self._lock = threading.Lock()

    def alive(self) -> None:
        """Notes that the model has just said, or thought, something."""
        self._alive = self._clock()

    def paused(self, seconds: float) -> None:
        """Leaves out time in which nobody read on."""
        self._began += seconds
        self._alive += seconds

    def check(self, data: bytes) -> None:
        """Raises Fault where the bytes that have just come make the reply too slow, too long, or no lines."""
        now = self._clock()
        if now - self._alive > self._between:
            raise Fault("silent")
        if now - self._began > self._whole:
            raise Fault("endless")
        self._line = len(data) - 1 - data.rfind(b"\n") if b"\n" in data else self._line + len(data)
        if self._line > LONGEST_LINE:
            raise Fault("nonsense")

    @property
    def hooks(self) -> Mapping[str, list[Callable[[Any], None]]]:
        """What a client of httpx, or of its successor, takes as `event_hooks`, to have every reply watched."""
        return {"request": [self._asked], "response": [self._watched]}

    def leave(self) -> None:
        """Ends the connection at once, also while another thread waits for its first byte."""
        with self._lock:
            self._is_left = True
            sockets, self._sockets = self._sockets, []
        for one in sockets:
            with suppress(OSError):  # it is closed already
                one.shutdown(socket.SHUT_RDWR)

    def _asked(self, request: Any) -> None:
        """Begins to count when the request is sent: what a client takes to be imported is not the model's time."""
        self._began = self._alive = self._clock()
        request.extensions["trace"] = self._traced

    def _traced(self, event: str, info: Mapping[str, Any]) -> None:
        if not event.endswith(("connect_tcp.complete", "start_tls.complete")):
            return
        with self._lock:
            self._sockets.append(info["return_value"].get_extra_info("socket"))
            is_left = self._is_left
        if is_left:
            self.leave()

    def _watched(self, response: Any) -> None:
        # The two packages have a class of their own each for what a stream is.
        kind = next(one for one in type(response.stream).__mro__ if one.__name__ == "SyncByteStream")
        inner, watch = response.stream, self

        class Watched(kind):  # type: ignore[misc, valid-type]
            def __iter__(self) -> Iterator[bytes]:
                for data in inner:
                    watch.check(data)
                    yield data

            def close(self) -> None:
                inner.close()

        response.stream = Watched()
