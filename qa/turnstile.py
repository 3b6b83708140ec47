"""A turnstile for work that takes a whole processor: so many at a time, in the order they came, askers by turns."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

ASKER: ContextVar[str | None] = ContextVar("asker", default=None)
"""For whom the work is done: of two who wait, the one who has more waiting comes later. None is one asker, too."""


class Turnstile:
    """Lets `slots` through at a time; 0 lets everybody through. Threads that all compute only slow each other down."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._lock = threading.Lock()
        self._inside = 0
        self._waiting: OrderedDict[str | None, deque[threading.Event]] = OrderedDict()
        self._mine = threading.local()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for a turn and has it until the end of the block. A turn within a turn is the same one.

        Never wait for anybody, such as a model, in the block.
        """
        if not self._slots or getattr(self._mine, "is_inside", False):
            yield
            return
        self._enter()
        self._mine.is_inside = True
        try:
            yield
        finally:
            self._mine.is_inside = False
            self._leave()

    def _enter(self) -> None:
        asker, called = ASKER.get(), threading.Event()
        with self._lock:
            if self._inside < self._slots:
                self._inside += 1
                return
            self._waiting.setdefault(asker, deque()).append(called)
        called.wait()

    def _leave(self) -> None:
        with self._lock:
            if not self._waiting:
                self._inside -= 1
                return
            asker, queue = next(iter(self._waiting.items()))
            queue.popleft().set()  # the turn is handed over, so that nobody comes between
            del self._waiting[asker]
            if queue:
                self._waiting[asker] = queue  # behind everybody else
