"""Calls a model server, with retries while it is busy or briefly down; a lasting fault becomes a ModelError."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from itertools import count
from queue import Empty, Full, Queue
from typing import TypeVar

from qa.models.faults import Fault, Listed, explained
from qa.models.server import Server
from qa.models.thinking import without_thinking
from qa.models.watch import Watch

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is retried and how long a retry may wait."""

    retries: int
    longest: float
    """Longest wait in seconds between two tries; a server that asks for more is not retried."""


READER = Patience(2, 8)
"""For a reader who waits for an answer."""
BATCH = Patience(6, 90)
"""For an ingest: hours of work are not lost over a minute."""


TICK = 0.5
"""Seconds after which a reader who waits is told that nothing has come yet, so that he can leave."""


def answered(
    server: Server, model: str, reply: Callable[[Watch], Generator[str, None, None]], listed: Listed
) -> Iterator[str]:
    """The pieces of a reply without the model's thinking; retried only before the first one. Raises ModelError.

    An empty piece comes at least every TICK seconds while nothing is said. Closing the iterator ends the request at
    once. `reply` has its bytes watched.
    """
    for attempt in count():
        said = False
        watch = Watch(server)
        try:
            with closing(_apart(reply(watch), watch)) as pieces:
                due = time.monotonic() + TICK
                for piece in without_thinking(pieces):
                    said = said or bool(piece)
                    if piece or time.monotonic() >= due:
                        yield piece
                        due = time.monotonic() + TICK
            if not said:
                raise Fault("empty")
            return
        except Fault as fault:
            if watch.has_begun and fault.kind == "unreachable":
                fault = replace(fault, kind="broken")
            wait = None if said else _wait(fault, attempt, READER)
            if wait is None:
                raise explained(fault, server, model, listed) from None
        yield from _waiting(wait)


def _waiting(seconds: float) -> Iterator[str]:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, TICK))
        yield ""


_AHEAD = 64
"""Pieces that are read before they are taken."""


def _apart(pieces: Generator[str, None, None], watch: Watch) -> Generator[str, None, None]:
    """The pieces, read in a thread of their own, with empty ones while none comes. To close this ends the request."""
    taken: Queue[str | BaseException | None] = Queue(_AHEAD)
    left = threading.Event()

    def put(item: str | BaseException | None) -> bool:
        began = time.monotonic()
        while not left.is_set():
            with suppress(Full):
                taken.put(item, timeout=TICK)
                watch.paused(time.monotonic() - began)
                return True
        return False

    def read() -> None:
        end: BaseException | None = None
        try:
            with closing(pieces):
                for piece in pieces:
                    watch.has_begun = True
                    if piece.strip():
                        watch.alive()
                    if not put(piece):
                        return
        except BaseException as error:
            end = error
        put(end)

    threading.Thread(target=read, name="reading a model", daemon=True).start()
    try:
        while True:
            try:
                item = taken.get(timeout=TICK)
            except Empty:
                yield ""
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        left.set()
        watch.leave()


def called(server: Server, model: str, call: Callable[[], T], listed: Listed, patience: Patience = READER) -> T:
    """Returns what the call returns, with retries while the server is busy or failing. Raises ModelError."""
    for attempt in count():
        try:
            return call()
        except Fault as fault:
            wait = _wait(fault, attempt, patience)
            if wait is None:
                raise explained(fault, server, model, listed) from None
        time.sleep(wait)
    raise AssertionError


def _wait(fault: Fault, attempt: int, patience: Patience) -> float | None:
    """Seconds until the next try: the server's wish, or a short wait that doubles; None to give up."""
    if attempt >= patience.retries or not fault.may_pass or (fault.wait or 0) > patience.longest:
        return None
    # A refused connection is no overload, so the first retry comes soon.
    first = 0.5 if fault.status else 0.1
    return fault.wait if fault.wait is not None else min(first * 2**attempt, patience.longest)
