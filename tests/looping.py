"""Runs a coroutine from a test, also where the browser's driver keeps an event loop in the thread of the tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """What the coroutine gives, run in a loop of its own."""
    return in_a_thread(lambda: asyncio.run(coroutine))


def in_a_thread(call: Callable[[], T]) -> T:
    """What the call gives in a thread that has no event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()
