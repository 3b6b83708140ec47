"""Reads files in another process, which is ended where one takes too long: no page or PDF holds an ingest for ever."""

from __future__ import annotations

import atexit
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from qa.ingest.read import Failure, kind_of, read_file, shown
from qa.ingest.read.record import Item
from qa.runtime import STUCK, Child, seconds_for

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
_TRIES = 2
"""Times that a file is read of which the process ends: once may be somebody who ended it."""
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
        self._child: Child | None = None
        self._waiting: deque[Job] = deque()
        """Jobs that were submitted and not read to their end."""

    def submit(self, job: Job) -> None:
        """Has a file read after those that were submitted before, while the caller is at something else."""
        self._waiting.append(job)
        if self._child:
            with suppress(OSError):  # it has died: a new one gets all that waits
                self._child.send(job)

    def items(self) -> Iterator[Item]:
        """The articles of the file that was submitted first, or why there are none.

        A process that somebody ends is started again, once for each file, and goes on with the article that was due.
        Stopped before the last one, the process is ended, and what was submitted is forgotten.
        """
        job, came, tries = self._waiting[0], 0, 0
        name = job.name if job.page else shown(Path(job.name))
        done = False
        try:
            while not done:
                is_new, there = self._child is None, 0
                try:
                    child = self._started()
                    while not done:
                        if not child.poll(STUCK):
                            self.end()
                            yield Failure(name, f"no article came of it in {STUCK / 60:.0f} minutes; it was left out")
                            done = True
                        elif (item := child.receive()) is END:
                            done = True
                        else:
                            there += 1
                            if there > came:
                                came += 1
                                yield item
                except (EOFError, OSError):
                    code = self.end()
                    if code == 0 and not there and not is_new:  # it had ended for want of work
                        continue
                    tries += 1
                    if code == -signal.SIGXCPU or tries == _TRIES:
                        done = True
                        yield Failure(name, _why(code, job.seconds, came))
        finally:
            if done:
                self._waiting.popleft()
            elif self._waiting and self._waiting[0] is job:
                self.forget()

    def _started(self) -> Child:
        """The process; a new one gets all that waits."""
        if self._child is None:
            self._child = Child("qa.ingest.read")
            for job in self._waiting:
                self._child.send(job)
        return self._child

    def forget(self) -> None:
        """Ends the process where something was submitted that nobody waited for."""
        if self._waiting:
            self.end()
            self._waiting.clear()

    def end(self) -> int:
        """Ends the process; how it ended, as a return code: minus the signal that killed it."""
        child, self._child = self._child, None
        return child.end() if child else 0


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
        process.submit(Job(str(path), seconds_for(_size(path)) if seconds is None else seconds))
        yield from process.items()


def read_page_apart(url: str, data: bytes, content_type: str | None = None) -> Iterator[Item]:
    """What `read_page` gives, read in a process that can be ended. Raises nothing."""
    with reading_process() as process:
        process.submit(Job(url, seconds_for(len(data)), (data, content_type)))
        yield from process.items()


class FilesApart:
    """Gives what `read_file` does; files of kinds that a large library reads are read in processes that can be ended.

    The processes go on with the next files that were announced, by turns, while the caller is at those before.
    """

    def __init__(self, processes: Sequence[ReadingProcess]) -> None:
        self._processes = deque(processes)
        self._announced: deque[tuple[Path, ReadingProcess]] = deque()

    def announce(self, path: Path) -> None:
        """Has a file read soon."""
        if kind_of(path.name) in APART:
            process = self._processes[0]
            self._processes.rotate(-1)
            self._announced.append((path, process))
            process.submit(Job(str(path), seconds_for(_size(path))))

    def read(self, path: Path) -> Iterator[Item]:
        """The articles of a file: of the one that was announced first, or of one that was not. Raises nothing."""
        if all(path != announced for announced, _ in self._announced):
            return read_file_apart(path)
        announced, process = self._announced.popleft()
        assert announced == path
        return process.items()


@contextmanager
def reading_processes(count: int) -> Iterator[list[ReadingProcess]]:
    """So many processes, which stay for the next who needs some."""
    with ExitStack() as stack:
        yield [stack.enter_context(reading_process()) for _ in range(count)]


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


@atexit.register
def _end_all() -> None:
    while _idle:
        _idle.pop().end()
