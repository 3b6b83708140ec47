"""A host's rules for programs: its robots.txt, pages at once, and the pause between pages."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import anyio
from protego import Protego

from qa.errors import ReadError
from qa.ingest.fetch.response import Response

ROBOT = "Citewire"
"""The name that robots.txt knows us by."""
LARGEST_ROBOTS = 500_000
"""Bytes of a robots.txt that count (RFC 9309, 2.5)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """A host's robots.txt, or why the host may not be read at all."""

    robots: Protego = field(default_factory=lambda: Protego.parse(""))
    refusal: str = ""

    def check(self, address: str) -> None:
        """Raise ReadError if this page is not for programs."""
        if self.refusal:
            raise ReadError(self.refusal)
        if not self.robots.can_fetch(address, ROBOT):
            raise ReadError(
                "its robots.txt asks programs not to read this page; save it in a browser and give the file"
            )

    @property
    def delay(self) -> float:
        """Seconds that the host asks for between the starts of two requests."""
        return self.robots.crawl_delay(ROBOT) or 0.0


def rules_of(response: Response) -> Rules:
    """The rules that follow from the response to "GET /robots.txt" (RFC 9309, 2.3.1)."""
    if response.is_page:
        return Rules(Protego.parse(response.data.decode("utf-8-sig", "replace")))
    if 400 <= response.status < 500:
        return Rules()
    return Rules(
        refusal=f"its robots.txt cannot be read ({response.status}), so its pages are left alone; try again later"
    )


class Host:
    """The request slots of one host, and its rules once they are known."""

    def __init__(self, at_once: int) -> None:
        self.rules: Rules | None = None
        self.asking = anyio.Lock()
        """Held while the rules are read, so that one task reads them."""
        self._slots = anyio.Semaphore(at_once)
        self._next = -math.inf

    @asynccontextmanager
    async def turn(self, delay: float, clock: anyio.CancelScope) -> AsyncIterator[None]:
        """Held while a page is read; the wait for it does not count against the page's `clock`."""
        with _stopped(clock):
            await self._slots.acquire()
        try:
            start = max(self._next, anyio.current_time())
            self._next = start + delay
            with _stopped(clock):
                await anyio.sleep_until(start)
            yield
        finally:
            self._slots.release()


@contextmanager
def _stopped(clock: anyio.CancelScope) -> Iterator[None]:
    left = clock.deadline - anyio.current_time()
    clock.deadline = math.inf
    try:
        yield
    finally:
        clock.deadline = anyio.current_time() + left
