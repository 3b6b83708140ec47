"""A blocking generator read by asynchronous code: in order, without holding the loop up, closed when it is left."""

import asyncio
import threading
from collections.abc import Generator

import pytest
from looping import run

from qa.errors import ModelError
from qa.runtime import drain


def counting(closed: threading.Event, last: int = 3) -> Generator[int]:
    try:
        yield from range(last)
    finally:
        closed.set()


def test_every_item_comes_in_order_and_the_end_closes() -> None:
    closed = threading.Event()

    async def read() -> list[int]:
        return [item async for item in drain(counting(closed))]

    assert run(read()) == [0, 1, 2]
    assert closed.is_set()


def test_the_loop_goes_on_while_a_step_is_made() -> None:
    gate = threading.Event()

    def waiting() -> Generator[str]:
        assert gate.wait(20)
        yield "done"

    async def read() -> list[str]:
        steps = asyncio.ensure_future(anext(drain(waiting())))
        await asyncio.sleep(0)
        gate.set()  # only a loop that goes on comes here
        return [await steps]

    assert run(read()) == ["done"]


def test_an_error_of_a_step_is_raised() -> None:
    def failing() -> Generator[int]:
        yield 1
        raise ModelError("The server is down.")

    async def read() -> None:
        async for _ in drain(failing()):
            pass

    with pytest.raises(ModelError, match="The server is down"):
        run(read())


def test_closing_early_closes_the_generator() -> None:
    closed = threading.Event()

    async def read() -> int:
        steps = drain(counting(closed))
        first = await anext(steps)
        await steps.aclose()
        return first

    assert run(read()) == 0
    assert closed.wait(10)


def test_being_cancelled_does_not_wait_for_the_step_and_closes_behind_it() -> None:
    closed, silence, begun = threading.Event(), threading.Event(), threading.Event()

    def silent() -> Generator[int]:
        try:
            begun.set()
            silence.wait(30)
            yield 1
            yield 2
        finally:
            closed.set()

    async def cancelled() -> bool:
        task = asyncio.ensure_future(anext(drain(silent())))
        assert await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        was_closed = closed.is_set()
        silence.set()
        return was_closed

    assert run(cancelled()) is False
    assert closed.wait(10)
