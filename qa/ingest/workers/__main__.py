"""A worker of an ingest: `python -m qa.ingest.workers`. Items come on its input, results go to its output."""

from __future__ import annotations

from contextlib import suppress

from qa.ingest.steps import Steps
from qa.ingest.workers.base import do
from qa.runtime import bound_memory, pipes


def _main() -> None:
    items, results = pipes()
    bound_memory()
    with suppress(EOFError, OSError):  # whoever asked has gone
        steps = Steps(items.recv())
        while True:
            results.send(do(steps, *items.recv()))


_main()
