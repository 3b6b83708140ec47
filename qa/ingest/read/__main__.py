"""The process that reads files apart: `python -m qa.ingest.read`. Jobs come on its input, articles go to its output."""

from __future__ import annotations

import os
import resource
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from qa.ingest.read import read_file, read_page
from qa.ingest.read.apart import END, IDLE, MEMORY, Job


def _allow(seconds: int) -> None:
    """Lets the process compute so many seconds more; then the system ends it, whatever it is at."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + seconds + 1, hard))


def _read(job: Job, items: Connection) -> None:
    _allow(job.seconds)
    for item in read_page(job.name, *job.page) if job.page else read_file(Path(job.name)):
        items.send(item)
        _allow(job.seconds)
    items.send(END)


def _main() -> None:
    jobs = Connection(os.dup(0), writable=False)
    items = Connection(os.dup(1), readable=False)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)  # what a library prints is no article
    with suppress(ValueError, OSError):  # where the system knows no such limit
        own = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (own + MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(EOFError, OSError):  # whoever asked has gone
        while jobs.poll(IDLE):
            _read(jobs.recv(), items)


_main()
