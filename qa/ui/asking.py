"""Questions on their way through the window: each goes on in a thread of its own, whoever looks on. Knows no Gradio."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Literal

from qa.errors import QAError, UsageError
from qa.types import Answer, Draft

State = Literal["running", "done", "stopped", "failed"]
Step = Draft | Answer

log = logging.getLogger(__name__)

LINGER = 12.0
"""Seconds that a question goes on while nobody looks: time for a page to be loaded anew, not for a closed one."""
REMEMBERED = 120.0
"""Seconds that what came of a question can still be fetched."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a question is."""

    state: State
    draft: Draft = Draft("")
    """The last words of it, unchecked."""
    answer: Answer | None = None
    error: str | None = None
    """Why it failed, in a sentence."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state != "running"


class Run:
    """One question under way."""

    def __init__(
        self, id: str, owner: str | None, question: str, number: int, turn: int, conversation: str | None
    ) -> None:
        self.id = id
        self.owner = owner
        self.question = question
        self.number = number
        """Of its turn in the conversation, from 1."""
        self.turn = turn
        """Its number in the page that asked."""
        self.conversation = conversation
        """Id of the conversation; None for a new one."""
        self.seen = Seen("running")
        self.ended = 0.0
        self._watchers = 0
        self._changed = threading.Condition()

    @property
    def is_wanted(self) -> bool:
        """Whether it is to go on."""
        return not self.seen.is_over

    def stop(self) -> None:
        """Ends it for whoever looks on, at once; its thread ends after the step that it is waiting for."""
        self._show(lambda seen: Seen("stopped", seen.draft))

    def read(self, steps: Iterator[Step]) -> None:
        """Takes the steps as they come, until the last one or until it is stopped."""
        try:
            for step in steps:
                self._take(step)
                if not self.is_wanted:
                    break
            self.stop()
        except QAError as error:
            words = str(error)
            self._show(lambda seen: Seen("failed", seen.draft, error=words))
        except Exception:
            log.exception("The question %r could not be answered.", self.question)
            words = "Something went wrong inside Citewire. The log of the server says what."
            self._show(lambda seen: Seen("failed", seen.draft, error=words))
        finally:
            if isinstance(steps, Generator):
                steps.close()

    def watch(self, interval: float = 0.1) -> Generator[Seen]:
        """How far it is, whenever that changes, at most once every `interval` seconds; the end at once."""
        with self._changed:
            self._watchers += 1
        due = 0.0
        try:
            seen = self._next(None, due)
            while not seen.is_over:
                yield seen
                due = time.monotonic() + interval
                seen = self._next(seen, due)
            yield seen
        finally:
            with self._changed:
                self._watchers -= 1
            if not self._watchers and self.is_wanted:
                timer = threading.Timer(LINGER, self._stop_unwatched)
                timer.daemon = True
                timer.start()

    def _next(self, shown: Seen | None, due: float) -> Seen:
        """What is to be shown after `shown`: waits for a change, and for the moment `due` unless it is the last one."""
        with self._changed:
            self._changed.wait_for(lambda: self.seen is not shown)
            self._changed.wait_for(lambda: self.seen.is_over, timeout=max(0.0, due - time.monotonic()))
            return self.seen

    def _stop_unwatched(self) -> None:
        if not self._watchers:
            self.stop()

    def _take(self, step: Step) -> None:
        if isinstance(step, Answer):
            self._show(lambda seen: Seen("done", seen.draft, step))
        else:
            self._show(lambda seen: Seen("running", step))

    def _show(self, change: Callable[[Seen], Seen]) -> None:
        """Shows what has changed, unless it is over: what comes after a stop is nobody's business."""
        with self._changed:
            if self.seen.is_over:
                return
            self.seen = change(self.seen)
            if self.seen.is_over:
                self.ended = time.monotonic()
            self._changed.notify_all()


class Runs:
    """The questions that are under way, and those that ended a moment ago."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}

    def start(self, run: Run, steps: Callable[[Run], Iterator[Step]]) -> Run:
        """The run, begun; the one with its id where there is one already, so that a double click asks once.

        Raises UsageError where its conversation has another question under way.
        """
        with self._lock:
            self._forget()
            if (known := self._runs.get(run.id)) and known.owner == run.owner:
                return known
            under_way = (other for other in self._runs.values() if other.is_wanted and other.conversation is not None)
            if any(other.conversation == run.conversation and other.owner == run.owner for other in under_way):
                raise UsageError("This conversation is answering another question in another tab. Wait for it.")
            self._runs[run.id] = run
        threading.Thread(target=run.read, args=(steps(run),), name="asking", daemon=True).start()
        return run

    def get(self, run_id: str, owner: str | None) -> Run | None:
        """The owner's run of this id, as long as it is remembered."""
        with self._lock:
            run = self._runs.get(run_id)
        return run if run and run.owner == owner else None

    def stop_all(self) -> None:
        """Ends every question, as the window does when it closes."""
        with self._lock:
            for run in self._runs.values():
                run.stop()

    def _forget(self) -> None:
        old = time.monotonic() - REMEMBERED
        for run in [run for run in self._runs.values() if run.seen.is_over and run.ended < old]:
            del self._runs[run.id]
