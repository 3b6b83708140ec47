"""Reads files in another process, which is ended where one takes too long: no page or PDF holds an ingest for ever."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from qa.ingest.read import Failure, Item, kind_of, read_file, shown
from qa.ingest.read.stream import MEGABYTE

APART = frozenset(
    [".html", ".htm", ".pdf", ".docx", ".odt", ".rtf", ".eml", ".mbox", ".mhtml", ".mht", ".zip", ".tar", ".tgz"]
)
"""Kinds that are read by large libraries, or hold what is. Rows, feeds and plain text are read here."""
SECONDS, SECONDS_A_MEGABYTE, MOST_SECONDS = 30, 30, 150
"""Of computing that one article may take, by the size of its file. A PDF of 2,000 pages takes some 100."""
MEMORY = 2_000 * MEGABYTE
"""What the reading process may have beside its own program."""
_STUCK = 1_800.0
"""Seconds without an article after which it waits for something that does not come, such as a drive."""
IDLE = 60.0
"""Seconds after which a reading process with nothing to do ends."""


@dataclass(frozen=True, slots=True)
class Job:
    """What the reading process is asked for: a file, or a page that was fetched."""

    name: str
    """The path of a file, or the address of a page."""
    seconds: int
    """Of computing, for each article."""
    page: tuple[bytes, str | None] | None = None
    """Bytes and content type of a page; None for a file."""


END = None
"""What comes after the last article of a file."""


class ReadingProcess:
    """A process that reads one file at a time, started when it is first needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._jobs: Connection | None = None
        self._items: Connection | None = None

    def read(self, job: Job) -> Iterator[Item]:
        """The articles of a file or page, or why there are none. Stopped before the last one, the process is ended."""
        name, came = job.name if job.page else shown(Path(job.name)), 0
        is_new = self._process is None
        done = False
        try:
            connection = self._ask(job)
            while True:
                if not connection.poll(_STUCK):
                    yield Failure(name, f"no article came of it in {_STUCK / 60:.0f} minutes; it was left out")
                    return
                item = connection.recv()
                if item is END:
                    done = True
                    return
                came += 1
                yield item
        except (EOFError, OSError):
            code, done = self.end(), True
            if code == 0 and not came and not is_new:  # it had ended for want of work
                yield from self.read(job)
            else:
                yield Failure(name, _why(code, job.seconds, came))
        finally:
            if not done:
                self.end()

    def _ask(self, job: Job) -> Connection:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "qa.ingest.read"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,  # Ctrl-C is for the one who asks
            )
            assert self._process.stdin and self._process.stdout
            self._jobs = Connection(os.dup(self._process.stdin.fileno()), readable=False)
            self._items = Connection(os.dup(self._process.stdout.fileno()), writable=False)
            self._process.stdin.close()
            self._process.stdout.close()
        assert self._jobs and self._items
        self._jobs.send(job)
        return self._items

    def end(self) -> int:
        """Ends the process; how it ended, as a return code: minus the signal that killed it."""
        if self._process is None:
            return 0
        process, self._process = self._process, None
        for connection in (self._jobs, self._items):
            if connection:
                connection.close()
        try:
            return process.wait(0.5 if process.poll() is None else 0)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def _why(code: int, seconds: int, came: int) -> str:
    rest = "the rest of it was left out" if came else "it was left out"
    if code == -signal.SIGXCPU:
        return f"takes more than {seconds} seconds to read; {rest}. Save its text alone, or split it"
    how = f"signal {-code}" if code < 0 else f"code {code}"
    return f"the process that read it ended ({how}); {rest}. Save its text alone"


_idle: list[ReadingProcess] = []
_lock = threading.Lock()


def read_file_apart(path: Path, seconds: int | None = None) -> Iterator[Item]:
    """What `read_file` gives; of kinds that a large library reads, read in a process that can be ended.

    The process stays for the next file. `seconds` is the computing that an article may take. Raises nothing.
    """
    if kind_of(path.name) not in APART:
        return read_file(path)
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    return _read(Job(str(path), _seconds(size) if seconds is None else seconds))


def read_page_apart(url: str, data: bytes, content_type: str | None = None) -> Iterator[Item]:
    """What `read_page` gives, read in a process that can be ended. Raises nothing."""
    return _read(Job(url, _seconds(len(data)), (data, content_type)))


def _read(job: Job) -> Iterator[Item]:
    with _lock:
        process = _idle.pop() if _idle else ReadingProcess()
    try:
        yield from process.read(job)
    finally:
        with _lock:
            _idle.append(process)


def _seconds(size: int) -> int:
    return int(min(MOST_SECONDS, SECONDS + SECONDS_A_MEGABYTE * size / MEGABYTE))


@atexit.register
def _end_all() -> None:
    while _idle:
        _idle.pop().end()
