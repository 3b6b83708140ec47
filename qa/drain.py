"""A generator that blocks, read by asynchronous code: its steps are made in a thread."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def drain(steps: Generator[T]) -> AsyncGenerator[T]:
    """The items of `steps`, each made in a thread while the event loop goes on.

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
            item = await _apart(step)
            if is_over := item is end:
                return
            yield item  # type: ignore[misc]
    finally:
        if not is_over:
            threading.Thread(target=close, name="closing", daemon=True).start()


async def _apart(call: Callable[[], T]) -> T:
    """What the call gives, in a thread that no end of the program waits for: a model may be silent for a minute."""
    loop = asyncio.get_running_loop()
    given: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def settle(result: T | None, error: BaseException | None) -> None:
        if given.done():  # whoever waited has gone
            return
        if error is not None:
            given.set_exception(error)
        else:
            given.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        result, error = None, None
        try:
            result = context.run(call)
        except BaseException as raised:
            error = raised
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, name="a step", daemon=True).start()
    return await given
