"""Asks a server, again where it is busy, failing or gone for a moment; whatever stays wrong becomes a ModelError."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeVar

from qa.models.faults import Fault, Listed, explained
from qa.models.server import Server
from qa.models.thinking import without_thinking

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server may be busy."""

    retries: int
    longest: float
    """Seconds between two tries at most; a server that asks for more is not asked again."""


READER = Patience(2, 8)
"""Of a reader, who waits for an answer."""
BATCH = Patience(6, 90)
"""Of a library that is being filled: hours of work are not lost for a minute."""


def answered(
    server: Server, model: str, reply: Callable[[], Generator[str, None, None]], listed: Listed
) -> Iterator[str]:
    """The pieces of a reply without what it only thinks; tried again only while none was handed on. Raises ModelError.

    An empty piece says that the server has begun, and is not handed on.
    """
    for attempt in count():
        begun = said = False
        try:
            with closing(reply()) as pieces:
                for piece in without_thinking(pieces):
                    begun = True
                    if piece:
                        said = True
                        yield piece
            if not said:
                raise Fault("empty")
            return
        except Fault as fault:
            if begun and fault.kind == "unreachable":
                fault = replace(fault, kind="broken")
            wait = None if said else _wait(fault, attempt, READER)
            if wait is None:
                raise explained(fault, server, model, listed) from None
        time.sleep(wait)


def called(server: Server, model: str, call: Callable[[], T], listed: Listed, patience: Patience = READER) -> T:
    """What a call returns, tried again while the server is busy or failing. Raises ModelError."""
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
    """Seconds until the next try: what the server asks for, else a little, doubled every time; None for no more."""
    if attempt >= patience.retries or not fault.may_pass or (fault.wait or 0) > patience.longest:
        return None
    # Where nobody listens there is no crowd to be spared either.
    first = 0.5 if fault.status else 0.1
    return fault.wait if fault.wait is not None else min(first * 2**attempt, patience.longest)
