"""The process that reads files apart: `python -m qa.ingest.read`. Jobs come on its input, articles go to its output."""

from __future__ import annotations

from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from qa.ingest.read import read_file, read_page
from qa.ingest.read.apart import END, IDLE, Job
from qa.runtime import bound_memory, bound_seconds, pipes


def _read(job: Job, items: Connection) -> None:
    bound_seconds(job.seconds)
    for item in read_page(job.name, *job.page) if job.page else read_file(Path(job.name)):
        items.send(item)
        bound_seconds(job.seconds)
    items.send(END)


def _main() -> None:
    jobs, items = pipes()
    bound_memory()
    with suppress(EOFError, OSError):  # whoever asked has gone
        while jobs.poll(IDLE):
            _read(jobs.recv(), items)


_main()
