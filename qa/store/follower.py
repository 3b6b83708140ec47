"""Brings both indexes up to date in another process while articles are still being read.

Chroma does not let other Python code run in its process while it works, so that a thread would gain nothing.
"""

from __future__ import annotations

import json
import subprocess
from types import TracebackType
from typing import Any

from qa.runtime import start_module

_MANY = 2_000  # passages from which the start of a process, some two seconds, is worth it
DONE = b"."
"""What its process reads when everything is put in."""


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
        process = start_module("qa.store")
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
            self._process.communicate(DONE)
