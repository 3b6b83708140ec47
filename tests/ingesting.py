"""What a process does for store/test_processes.py: ingests up to a named point or to its end, or adds turns."""

from __future__ import annotations

import importlib
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import chromadb.api.rust  # loaded once, in the process that the others are forked from
import chromadb.config  # noqa: F401
from parts import open_library

from qa.settings import load_settings


def ingest(says: Connection, folder: Path, source: Path, point: tuple[str, ...], database: str | None = None) -> None:
    """Says "here" when it has come to the point for the last of the named times, or "done N" when it was never stopped.

    The point is a module, its class, the method, "before" or "after", and how many times; it may be missing. Without a
    class it is a function of the module.
    """
    if point:
        _stop_at(says, *point)
    with open_library(load_settings(index=folder, database=database)) as library:
        report = library.ingest([source])
    says.send(f"done {len(report.added) + len(report.updated)}")


def _stop_at(says: Connection, module: str, owner: str, method: str, when: str, times: str) -> None:
    found = importlib.import_module(module)
    place = getattr(found, owner) if owner else found
    real, left = getattr(place, method), [int(times)]

    def stop() -> None:
        left[0] -= 1
        if left[0] == 0:
            says.send("here")
            threading.Event().wait()

    def stopping(*args: Any, **options: Any) -> Any:
        if when == "before":
            stop()
        result = real(*args, **options)
        if when == "after":
            stop()
        return result

    setattr(place, method, stopping)


def add_turns(folder: Path, conversation: str, count: int) -> None:
    """Adds so many turns to a conversation of the library."""
    with open_library(load_settings(index=folder)) as library:
        for n in range(count):
            library.store.conversations.add(conversation, f"Question {n}?", "", {"n": n})
