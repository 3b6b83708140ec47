"""Reads files in another process, which is ended where one takes too long: no page or PDF holds an ingest for ever."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from qa.ingest.read import Failure, kind_of, read_file, shown
from qa.ingest.read.record import Item
from qa.ingest.read.stream import MEGABYTE
from qa.runtime import start_module

APART = frozenset(
    [
        ".html",
        ".htm",
        ".pdf",
        ".docx",
        ".odt",
        ".rtf",
        ".eml",
        ".mbox",
        ".mhtml",
        ".mht",
        ".zip",
        ".tar",
        ".tgz",
        ".warc",
    ]
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
    """A process that reads one file after another, started when it is first needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._jobs: Connection | None = None
        self._items: Connection | None = None
        self._waiting: deque[Job] = deque()
        """Jobs that were submitted and not read to their end."""

    def submit(self, job: Job) -> None:
        """Has a file read after those that were submitted before, while the caller is at something else."""
        self._waiting.append(job)
        if self._process and self._jobs:
            with suppress(OSError):  # it has died: a new one gets all that waits
                self._jobs.send(job)

    def items(self) -> Iterator[Item]:
        """The articles of the file that was submitted first, or why there are none.

        Stopped before the last one, the process is ended, and what was submitted is forgotten.
        """
        job, came = self._waiting[0], 0
        name = job.name if job.page else shown(Path(job.name))
        is_new, done = self._process is None, False
        try:
            connection = self._connected()
            while True:
                if not connection.poll(_STUCK):
                    self.end()
                    yield Failure(name, f"no article came of it in {_STUCK / 60:.0f} minutes; it was left out")
                    break
                item = connection.recv()
                if item is END:
                    break
                came += 1
                yield item
            done = True
        except (EOFError, OSError):
            code = self.end()
            if code == 0 and not came and not is_new:  # it had ended for want of work
                yield from self.items()
                return
            done = True
            yield Failure(name, _why(code, job.seconds, came))
        finally:
            if done:
                self._waiting.popleft()
            elif self._waiting and self._waiting[0] is job:
                self.forget()

    def _connected(self) -> Connection:
        """What the articles come through; a new process gets all that waits."""
        if self._process is None:
            self._process = start_module("qa.ingest.read", stdout=subprocess.PIPE)
            assert self._process.stdin and self._process.stdout
            self._jobs = Connection(os.dup(self._process.stdin.fileno()), readable=False)
            self._items = Connection(os.dup(self._process.stdout.fileno()), writable=False)
            self._process.stdin.close()
            self._process.stdout.close()
            for job in self._waiting:
                self._jobs.send(job)
        assert self._items
        return self._items

    def forget(self) -> None:
        """Ends the process where something was submitted that nobody waited for."""
        if self._waiting:
            self.end()
            self._waiting.clear()

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

    `seconds` is the computing that an article may take. Raises nothing.
    """
    if kind_of(path.name) not in APART:
        yield from read_file(path)
        return
    with reading_process() as process:
        process.submit(Job(str(path), _seconds(_size(path)) if seconds is None else seconds))
        yield from process.items()


def read_page_apart(url: str, data: bytes, content_type: str | None = None) -> Iterator[Item]:
    """What `read_page` gives, read in a process that can be ended. Raises nothing."""
    with reading_process() as process:
        process.submit(Job(url, _seconds(len(data)), (data, content_type)))
        yield from process.items()


class FilesApart:
    """Gives what `read_file` does; files of kinds that a large library reads are read in a process that can be ended.

    The process goes on with the next files that were announced while the caller is at those before.
    """

    def __init__(self, process: ReadingProcess) -> None:
        self._process = process
        self._announced: deque[Path] = deque()

    def announce(self, path: Path) -> None:
        """Has a file read soon."""
        if kind_of(path.name) in APART:
            self._announced.append(path)
            self._process.submit(Job(str(path), _seconds(_size(path))))

    def read(self, path: Path) -> Iterator[Item]:
        """The articles of a file: of the one that was announced first, or of one that was not. Raises nothing."""
        if path not in self._announced:
            return read_file_apart(path)
        assert self._announced[0] == path
        self._announced.popleft()
        return self._process.items()


@contextmanager
def reading_process() -> Iterator[ReadingProcess]:
    """A process, which stays for the next who needs one."""
    with _lock:
        process = _idle.pop() if _idle else ReadingProcess()
    try:
        yield process
    finally:
        process.forget()
        with _lock:
            _idle.append(process)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _seconds(size: int) -> int:
    return int(min(MOST_SECONDS, SECONDS + SECONDS_A_MEGABYTE * size / MEGABYTE))


@atexit.register
def _end_all() -> None:
    while _idle:
        _idle.pop().end()
