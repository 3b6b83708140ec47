"""Other processes of this program: a module is started, told what to do, listened to, bounded, and ended."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

MEGABYTE = 1_000_000
MEMORY = 2_000 * MEGABYTE
"""What a process may have beside its own program where it `bounds` itself."""
SECONDS, SECONDS_A_MEGABYTE, MOST_SECONDS = 30, 30, 150
"""Of computing that one article may take, by its size. A PDF of 2,000 pages takes some 100."""
STUCK = 1_800.0
"""Seconds without an answer after which a process waits for something that does not come, such as a drive."""


def start_module(module: str, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """A process that runs a module of ours and is told on its input what to do. Ctrl-C is not for it."""
    return subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,
    )


def seconds_for(size: int) -> int:
    """Seconds of computing that an article of so many bytes may take."""
    return int(min(MOST_SECONDS, SECONDS + SECONDS_A_MEGABYTE * size / MEGABYTE))


class Child:
    """A process that runs a module of ours; objects go to it and come from it through pipes."""

    def __init__(self, module: str) -> None:
        self.process = start_module(module, stdout=subprocess.PIPE)
        assert self.process.stdin and self.process.stdout
        self._jobs = Connection(os.dup(self.process.stdin.fileno()), readable=False)
        self._results = Connection(os.dup(self.process.stdout.fileno()), writable=False)
        self.process.stdin.close()
        self.process.stdout.close()

    def send(self, job: Any) -> None:
        """Gives it something to do. Raises OSError where it has died."""
        self._jobs.send(job)

    def poll(self, seconds: float) -> bool:
        """Whether something comes from it within so many seconds, its end included."""
        return self._results.poll(seconds)

    def receive(self) -> Any:
        """What it gives next. Raises EOFError or OSError where it has died."""
        return self._results.recv()

    def end(self) -> int:
        """Ends it; how it ended, as a return code: minus the signal that killed it."""
        self._jobs.close()
        self._results.close()
        try:
            return self.process.wait(0.5 if self.process.poll() is None else 0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def pipes() -> tuple[Connection, Connection]:
    """In a Child: what jobs come through, and what their results go through. What a library prints goes nowhere."""
    jobs = Connection(os.dup(0), writable=False)
    results = Connection(os.dup(1), readable=False)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    return jobs, results


def bound_memory() -> None:
    """Lets this process take MEMORY beside what it has, and leave no core, where the system knows such bounds."""
    with suppress(ValueError, OSError):
        own = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (own + MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def bound_seconds(seconds: int) -> None:
    """Lets this process compute so many seconds more; then the system ends it, whatever it is at."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + seconds + 1, hard))


def unbound_seconds() -> None:
    """Lets this process compute for as long as the system lets it."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
