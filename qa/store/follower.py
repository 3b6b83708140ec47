"""Brings both indexes up to date in a process of its own, while articles are still being read.

Chroma does not let other Python code run in its process while it works, so that a thread would gain nothing.
`python -m qa.store` reads its library from the first line of its input, and ends when its input does.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol

_MANY = 2_000  # passages from which the start of a process, some two seconds, is worth it
_SELDOM = 5.0  # seconds between two additions to the word index, which is copied for each
_DONE = b"."
_PAUSE = 0.2  # seconds between two looks at what there is to follow


class Store(Protocol):
    """What is needed of a library that follows its articles."""

    def follow(self, until: Callable[[], bool] = ...) -> None:
        """Brings the vector index up to date, or stops when told."""

    def words(self) -> object:
        """The word index, brought up to date in memory."""

    def save_words(self) -> None:
        """Saves it."""


class Follower:
    """A context manager; starts its process when enough has been put in, and on leaving waits until it is done."""

    def __init__(self, library: dict[str, Any]) -> None:
        self._library = library
        self._process: subprocess.Popen[bytes] | None = None
        self._put = 0

    def count(self, passages: int) -> None:
        """Notes that so many passages were put in."""
        self._put += passages
        if self._process is None and self._put >= _MANY:
            self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "qa.store"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # Ctrl-C is for the one who reads
        )
        assert process.stdin
        process.stdin.write(json.dumps(self._library).encode() + b"\n")  # not an argument: it may hold a token
        process.stdin.flush()
        return process

    def __enter__(self) -> Follower:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process:
            # Told that all is put in, it finishes its work; what it could not do, the next search or writer does.
            self._process.communicate(_DONE)


def follow_until_input_ends(store: Store) -> None:
    """Follows what another process puts in, until nothing more can come."""
    read = 0.0
    parent = os.getppid()
    ended = False
    while not ended:
        if select.select([sys.stdin], [], [], _PAUSE)[0]:
            ended = True
            if os.read(sys.stdin.fileno(), 1) != _DONE:
                return  # whom it worked for has died: somebody else may be writing by now
        store.follow(until=lambda: os.getppid() != parent)
        if ended or time.monotonic() - read > _SELDOM:
            store.words()
            read = time.monotonic()
    store.save_words()
