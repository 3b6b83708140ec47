"""Reads a model's reply in a thread of its own, so that who waits for its next word can leave at any time."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import closing, suppress
from queue import Empty, Full, Queue
from typing import Protocol

TICK = 0.5
"""Seconds after which a reader who waits is told that nothing has come yet, so that he can leave."""
_AHEAD = 64
"""Pieces that are read before they are taken."""


class Watching(Protocol):
    """What is told how the reading goes."""

    has_begun: bool

    def alive(self) -> None:
        """Notes that a word has come."""

    def paused(self, seconds: float) -> None:
        """Notes time in which nobody read on."""

    def leave(self) -> None:
        """Ends what is being read."""


def read_apart(pieces: Generator[str, None, None], watch: Watching | None = None) -> Generator[str, None, None]:
    """The pieces, with an empty one every TICK seconds while none comes. To close this ends the reading."""
    taken: Queue[str | BaseException | None] = Queue(_AHEAD)
    left = threading.Event()

    def put(item: str | BaseException | None) -> bool:
        began = time.monotonic()
        while not left.is_set():
            with suppress(Full):
                taken.put(item, timeout=TICK)
                if watch:
                    watch.paused(time.monotonic() - began)
                return True
        return False

    def read() -> None:
        end: BaseException | None = None
        try:
            with closing(pieces):
                for piece in pieces:
                    if watch:
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
        if watch:
            watch.leave()
