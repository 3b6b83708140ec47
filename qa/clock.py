"""Measures how long each stage of an answer takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Milliseconds by stage, in the order in which the stages began; a stage that comes again adds up."""

    def __init__(self, *stages: str) -> None:
        self._began = time.perf_counter()
        self.ms: dict[str, float] = dict.fromkeys(stages, 0.0)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts what is done inside."""
        began = time.perf_counter()
        self.ms.setdefault(name, 0.0)
        try:
            yield
        finally:
            self.ms[name] += (time.perf_counter() - began) * 1000

    @property
    def total(self) -> float:
        """Milliseconds since its making."""
        return (time.perf_counter() - self._began) * 1000
