"""A generator that blocks, read by asynchronous code: its steps are made in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Generator
from typing import TypeVar

T = TypeVar("T")


async def drain(steps: Generator[T]) -> AsyncGenerator[T]:
    """The items of `steps`, each made in a worker thread while the event loop goes on.

    Whoever stops early, by closing this or by being cancelled, does not wait: `steps` is closed behind the step that it
    is at, which ends what it holds open. Raises what `steps` raises.
    """
    turn = threading.Lock()  # a generator that is at a step cannot be closed
    end = object()

    def step() -> T | object:
        with turn:
            return next(steps, end)

    def close() -> None:
        with turn:
            steps.close()

    is_over = False
    try:
        while True:
            item = await asyncio.to_thread(step)
            if is_over := item is end:
                return
            yield item  # type: ignore[misc]
    finally:
        if not is_over:
            threading.Thread(target=close, name="closing", daemon=True).start()
