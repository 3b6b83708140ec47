"""Work that goes on in the background while a page looks on: progress, cancel, and what came of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from qa.errors import QAError, UsageError

log = logging.getLogger(__name__)

State = Literal["waiting", "running", "done", "cancelled", "failed"]

KEPT = 50
"""Finished jobs that are remembered; of more the oldest are forgotten."""


class Cancelled(Exception):
    """Raised inside a job that was told to end."""


@dataclass
class Job:
    """One piece of work. Its thread writes, others read."""

    title: str
    lane: str
    """Jobs of one lane wait for each other."""
    owner: str | None = None
    id: str = field(default_factory=lambda: uuid4().hex[:12])
    state: State = "waiting"
    done: int = 0
    total: int | None = None
    """None while nobody knows."""
    note: str = ""
    """What is being done now, in words for the reader."""
    error: str | None = None
    result: Any = None
    """What the work returned."""
    is_dismissed: bool = False
    """Whether the reader has seen what came of it."""
    began: float = field(default_factory=time.monotonic)
    _cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def is_over(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.state in ("done", "cancelled", "failed")

    @property
    def is_cancelled(self) -> bool:
        """Whether it was told to end."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Tells it to end at its next step."""
        self._cancelled.set()

    def step(self, done: int, total: int | None = None, note: str = "") -> None:
        """Says how far it is. Raises Cancelled where it was told to end: what it has done by then stays."""
        if self.is_cancelled:
            raise Cancelled
        self.done, self.total, self.note = done, total, note

    def progress(self) -> dict[str, Any]:
        """All of it but the result, for a page."""
        return {
            "id": self.id,
            "title": self.title,
            "state": self.state,
            "done": self.done,
            "total": self.total,
            "note": self.note,
            "error": self.error,
            "seconds": round(time.monotonic() - self.began, 1),
        }


class Jobs:
    """The jobs of a window. Those of one lane wait for each other; a job is seen by its owner alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._lanes: dict[str, threading.Lock] = {}

    def start(self, title: str, work: Callable[[Job], Any], *, lane: str, owner: str | None = None) -> Job:
        """Begins `work(job)` in a thread of its own, after those of its lane that wait already."""
        job = Job(title, lane, owner)
        with self._lock:
            over = [other for other in self._jobs.values() if other.is_over]
            for other in over[: max(0, len(over) - KEPT)]:
                del self._jobs[other.id]
            self._jobs[job.id] = job
            turn = self._lanes.setdefault(lane, threading.Lock())
        threading.Thread(target=_run, args=(job, work, turn), name=f"job {title}", daemon=True).start()
        return job

    def get(self, job_id: str, owner: str | None = None) -> Job:
        """The job. Raises UsageError where there is none, or it is somebody else's."""
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None or job.owner != owner:
            raise UsageError("This job is not known here: the server has been restarted since. Begin it again.")
        return job

    def all(self, owner: str | None = None) -> list[Job]:
        """The owner's jobs, oldest first."""
        with self._lock:
            return [job for job in self._jobs.values() if job.owner == owner]

    def cancel_all(self) -> None:
        """Tells every job to end, as the window does when it closes."""
        with self._lock:
            for job in self._jobs.values():
                job.cancel()


def _run(job: Job, work: Callable[[Job], Any], turn: threading.Lock) -> None:
    with turn:
        if job.is_cancelled:
            job.state = "cancelled"
            return
        job.state = "running"
        try:
            job.result = work(job)
        except Cancelled:
            job.state = "cancelled"
        except QAError as error:
            job.error, job.state = str(error), "failed"
        except Exception:
            log.exception("The job %r failed.", job.title)
            job.error, job.state = "Something went wrong inside Citewire. The log of the server says what.", "failed"
        else:
            job.state = "done"
