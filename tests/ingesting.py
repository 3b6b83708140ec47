"""A process of its own for test_store_processes.py: ingests, and stops for good at a named point until it is killed.

    python ingesting.py LIBRARY SOURCE [MODULE CLASS METHOD before|after TIMES]

It says "here" when it has come to the point for the TIMES-th time, or "done N" when it was never stopped.
"""

import importlib
import sys
import threading
from pathlib import Path
from typing import Any

from parts import open_library

from qa.settings import load_settings


def stop_at(module: str, owner: str, method: str, when: str, times: str) -> None:
    place = getattr(importlib.import_module(module), owner)
    real, left = getattr(place, method), [int(times)]

    def stop() -> None:
        left[0] -= 1
        if left[0] == 0:
            print("here", flush=True)
            threading.Event().wait()

    def stopping(*args: Any, **options: Any) -> Any:
        if when == "before":
            stop()
        result = real(*args, **options)
        if when == "after":
            stop()
        return result

    setattr(place, method, stopping)


if __name__ == "__main__":
    folder, source, *point = sys.argv[1:]
    if point:
        stop_at(*point)
    with open_library(load_settings(index=Path(folder))) as library:
        report = library.ingest([source])
    print("done", len(report.added) + len(report.updated), flush=True)
