"""Calls a model server, with retries while it is busy or briefly down; a lasting fault becomes a ModelError."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeVar

from qa.models.apart import TICK, read_apart
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
            with closing(read_apart(reply(watch), watch)) as pieces:
                due = time.monotonic() + TICK
                for piece in without_thinking(pieces):
                    said = said or bool(piece)
                    if piece or time.monotonic() >= due:
                        yield piece
                        due = time.monotonic() + TICK
            if not said:
                raise Fault("empty")
            if watch.counted is not None:
                yield watch.counted
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
