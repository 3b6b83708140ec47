"""Work that goes on in the background while a page looks on: progress, cancel, and what came of it.

A job is done by the window that began it and told by all of them. What a window leaves undone, another goes on with.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from qa.errors import LibraryError, QAError, UsageError
from qa.store import JobRow, JobRows

log = logging.getLogger(__name__)

State = Literal["waiting", "running", "done", "cancelled", "failed"]

KEPT = 50
"""Finished jobs that are remembered; of more the oldest are forgotten."""
_LEFT = "The window that did this has stopped. Begin it again; what was done by then is kept."


class Cancelled(Exception):
    """Raised inside a job that was told to end."""


@dataclass
class Job:
    """One piece of work. Its thread writes, others read."""

    title: str
    lane: str
    """Jobs of one lane wait for each other."""
    owner: str | None = None
    again: Mapping[str, Any] | None = None
    """What another window needs to go on with it; None where none can."""
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
    began: float = field(default_factory=time.time)
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
            "seconds": round(time.time() - self.began, 1),
        }

    def row(self) -> JobRow:
        """All of it, to be written down."""
        return JobRow(
            self.id,
            self.title,
            self.lane,
            self.owner,
            self.state,
            self.done,
            self.total,
            self.note,
            self.error,
            self.result if self.state == "done" else None,
            self.again,
            self.began,
        )


Work = Callable[[Job], Any]


class Jobs:
    """The jobs of a library's windows. Those of one lane wait for each other; a job is seen by its owner alone."""

    def __init__(self, rows: JobRows) -> None:
        self._rows = rows
        self._lock, self._noting = threading.Lock(), threading.Lock()
        self._jobs: dict[str, Job] = {}
        """Those of this window."""
        self._noted: dict[str, JobRow] = {}
        self._lanes: dict[str, threading.Lock] = {}
        self._resuming: dict[str, Callable[[Mapping[str, Any], str | None], Work]] = {}
        self._is_closed = False

    def resumes(self, lane: str, work_of: Callable[[Mapping[str, Any], str | None], Work]) -> None:
        """Has jobs of this lane gone on with: `work_of` makes the work of what was given as `again`, and the owner."""
        self._resuming[lane] = work_of

    def start(
        self,
        title: str,
        work: Work,
        *,
        lane: str,
        owner: str | None = None,
        again: Mapping[str, Any] | None = None,
    ) -> Job:
        """Begins `work(job)` in a thread of its own, after those of its lane that wait already. Raises LibraryError."""
        job = Job(title, lane, owner, again)
        self._rows.put(job.row(), kept=KEPT)
        return self._begin(job, work)

    def get(self, job_id: str, owner: str | None = None) -> Job:
        """The job. Raises UsageError where there is none, or it is somebody else's."""
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None and (row := self._rows.get(job_id)):
            job = _told(row)
        if job is None or job.owner != owner:
            raise UsageError("This job is not known here any more. Begin it again.")
        return job

    def all(self, owner: str | None = None) -> list[Job]:
        """The owner's jobs, oldest first."""
        elsewhere = {row.id: _told(row) for row in self._rows.elsewhere(owner)}
        with self._lock:
            here = {job.id: job for job in self._jobs.values() if job.owner == owner}
        return sorted({**here, **elsewhere}.values(), key=lambda job: job.began)

    def cancel(self, job_id: str, owner: str | None = None) -> None:
        """Tells the job to end at its next step, wherever it is done. Raises UsageError where there is none."""
        self.get(job_id, owner).cancel()
        with self._lock:
            is_here = job_id in self._jobs
        if not is_here:
            self._rows.cancel(job_id)

    def dismiss(self, job_id: str, owner: str | None = None) -> None:
        """Notes that the reader has seen what came of it. Raises UsageError where there is none."""
        self.get(job_id, owner).is_dismissed = True
        self._rows.dismiss(job_id)

    def keep_up(self) -> bool:
        """Tells the other windows how far the jobs are, hears which are to end, and goes on with what others have left.

        Returns whether any job of this window is under way. Raises LibraryError.
        """
        with self._lock:
            jobs = list(self._jobs.values())
        under_way = [job.id for job in jobs if not job.is_over]
        if under_way:
            for id_ in self._rows.cancelled(under_way):
                self._jobs[id_].cancel()
        self._note(jobs)
        for row in self._rows.take_abandoned():
            self._go_on(row)
        return bool(under_way)

    def close(self) -> None:
        """Tells every job to end, as the window does when it closes; another window goes on with them."""
        with self._lock:
            self._is_closed = True
            for job in self._jobs.values():
                job.cancel()

    def _go_on(self, row: JobRow) -> None:
        job = _told(row)
        work_of = self._resuming.get(job.lane)
        if job.again is None or work_of is None:
            job.state, job.error = "failed", _LEFT
            with self._lock:
                self._jobs[job.id] = job
            self._note([job])
            return
        log.info("Going on with %s, which another window has left.", job.id)
        job.state = "waiting"
        self._begin(job, work_of(job.again, job.owner))

    def _begin(self, job: Job, work: Work) -> Job:
        with self._lock:
            over = [other for other in self._jobs.values() if other.is_over]
            for other in over[: max(0, len(over) - KEPT)]:
                del self._jobs[other.id]
                self._noted.pop(other.id, None)
            self._jobs[job.id] = job
            turn = self._lanes.setdefault(job.lane, threading.Lock())
        threading.Thread(target=self._do, args=(job, work, turn), name=f"job {job.title}", daemon=True).start()
        return job

    def _do(self, job: Job, work: Work, turn: threading.Lock) -> None:
        _run(job, work, turn)
        if self._is_closed and job.state == "cancelled":
            return  # left to the next window
        try:
            self._note([job])
        except LibraryError as error:
            log.warning("What came of the job %s could not be written down: %s", job.id, error)

    def _note(self, jobs: list[Job]) -> None:
        with self._noting:  # what came of a job is not written over with how far it was a moment before
            rows = [row for job in jobs if (row := job.row()) != self._noted.get(job.id)]
            if rows:
                self._rows.note(rows)
                self._noted.update({row.id: row for row in rows})


def _told(row: JobRow) -> Job:
    """A job as its window has written it down."""
    job = Job(row.title, row.lane, row.owner, row.again, row.id, row.state, row.done, row.total, row.note)  # type: ignore[arg-type]
    job.error, job.result, job.began = row.error, row.result, row.began
    return job


def _run(job: Job, work: Work, turn: threading.Lock) -> None:
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
