"""Questions on their way through the window: each goes on in a thread of its own, whoever looks on. Knows no Gradio."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from qa.errors import QAError, UsageError
from qa.runtime import ASKER
from qa.types import Answer, Draft

State = Literal["running", "done", "stopped", "failed"]
Step = Draft | Answer

log = logging.getLogger(__name__)

LINGER = 12.0
"""Seconds that a question goes on while nobody looks: time for a page to be loaded anew, not for a closed one."""
REMEMBERED = 120.0
"""Seconds that what came of a question can still be fetched."""


@dataclass(frozen=True, slots=True)
class Snapshot:
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


class QuestionRun:
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
        self.is_kept = False
        """Whether its answer is in the library."""
        self.on_end: Callable[[QuestionRun], None] = lambda run: None
        """Told once it is over, but not where it is left to another window."""
        self.seen = Snapshot("running")
        self.ended = 0.0
        self._is_stopped = self._is_left = False
        self._watchers: set[_Watcher] = set()
        self._lock = threading.Lock()

    @property
    def is_wanted(self) -> bool:
        """Whether it is to go on to its end."""
        return not (self._is_stopped or self._is_left or self.seen.is_over)

    def stop(self) -> None:
        """Ends it at once where something of an answer is shown, else with the first of it: no page is left empty.

        A model is asked nothing more. The thread ends after the step that it is waiting for.
        """
        self._is_stopped = True
        if _answers(self.seen.draft):
            self.end()

    def end(self) -> None:
        """Ends it for whoever looks on, whatever is shown."""
        self._show(lambda seen: Snapshot("stopped", seen.draft))

    def leave(self) -> None:
        """Asks no model anything more, and tells nobody of an end: another window goes on with it."""
        self._is_left = True

    def read(self, steps: Iterator[Step]) -> None:
        """Takes the steps as they come, until the last one or until it is stopped."""
        ASKER.set(self.owner)
        try:
            for step in steps:
                self._take(step)
                if self.seen.is_over:
                    break
            self.end()
        except QAError as error:
            words = str(error)
            self._show(lambda seen: Snapshot("failed", seen.draft, error=words))
        except Exception:
            log.exception("Question %s could not be answered.", self.id)  # not its text: that is its reader's
            words = "Something went wrong inside Citewire. The log of the server says what."
            self._show(lambda seen: Snapshot("failed", seen.draft, error=words))
        finally:
            if isinstance(steps, Generator):
                steps.close()

    async def watch(self, interval: float = 0.1) -> AsyncGenerator[Snapshot]:
        """How far it is, whenever that changes, at most once every `interval` seconds; the end at once.

        No thread waits meanwhile: a hundred readers of slow models keep nobody's question from being searched for.
        """
        watcher = _Watcher()
        with self._lock:
            self._watchers.add(watcher)
        try:
            shown: Snapshot | None = None
            while shown is None or not shown.is_over:
                while self.seen is shown:
                    await watcher.change()
                shown = self.seen
                yield shown
                due = watcher.loop.time() + interval
                while not self.seen.is_over and (left := due - watcher.loop.time()) > 0:
                    await watcher.change(left)
        finally:
            with self._lock:
                self._watchers.discard(watcher)
            if not self._watchers and self.is_wanted:
                timer = threading.Timer(LINGER, self._stop_unwatched)
                timer.daemon = True
                timer.start()

    def _stop_unwatched(self) -> None:
        if not self._watchers:
            self.end()

    def _take(self, step: Step) -> None:
        if not isinstance(step, Answer):
            self._show(lambda seen: Snapshot("running", step))
            if self._is_stopped and _answers(step):
                self.end()
        elif self._is_stopped:
            self._show(lambda seen: Snapshot("stopped", replace(seen.draft, first=step)))
        else:
            self._show(lambda seen: Snapshot("done", seen.draft, step))

    def _show(self, change: Callable[[Snapshot], Snapshot]) -> None:
        """Shows what has changed, unless it is over: what comes after a stop is nobody's business."""
        with self._lock:
            if self.seen.is_over or self._is_left:
                return
            self.seen = change(self.seen)
            if self.seen.is_over:
                self.ended = time.monotonic()
            watchers = list(self._watchers)
        for watcher in watchers:
            watcher.tell()
        if self.seen.is_over:
            self.on_end(self)


def _answers(draft: Draft) -> bool:
    """Whether there is anything of an answer in it."""
    return bool(draft.first or draft.text)


class _Watcher:
    """Somebody on an event loop who is told from any thread that something has changed."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()

    def tell(self) -> None:
        try:
            self.loop.call_soon_threadsafe(self._changed.set)
        except RuntimeError:  # the loop is closed: nobody looks on any more
            pass

    async def change(self, timeout: float | None = None) -> None:
        """Returns after the next change, or the one that was not waited for yet; at the latest after `timeout`."""
        try:
            await asyncio.wait_for(self._changed.wait(), timeout)
        except TimeoutError:
            return
        self._changed.clear()


class QuestionRuns:
    """The questions that are under way, and those that ended a moment ago."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, QuestionRun] = {}

    def start(self, run: QuestionRun, steps: Callable[[QuestionRun], Iterator[Step]]) -> QuestionRun:
        """The run, begun; the one with its id where there is one already, so that a double click asks once.

        Raises UsageError where its conversation has another question under way.
        """
        with self._lock:
            self._forget()
            if (known := self._runs.get(run.id)) and known.owner == run.owner:
                return known
            under_way = (other for other in self._runs.values() if not other.seen.is_over and other.conversation)
            if any(other.conversation == run.conversation and other.owner == run.owner for other in under_way):
                raise UsageError("This conversation is answering another question in another tab. Wait for it.")
            self._runs[run.id] = run
        threading.Thread(target=run.read, args=(steps(run),), name="asking", daemon=True).start()
        return run

    def get(self, run_id: str, owner: str | None) -> QuestionRun | None:
        """The owner's run of this id, as long as it is remembered."""
        with self._lock:
            run = self._runs.get(run_id)
        return run if run and run.owner == owner else None

    def under_way(self) -> list[QuestionRun]:
        """Those that have not ended."""
        with self._lock:
            return [run for run in self._runs.values() if not run.seen.is_over]

    def leave_all(self) -> None:
        """Leaves every question to the next window, as this one does when it closes."""
        for run in self.under_way():
            run.leave()

    def _forget(self) -> None:
        old = time.monotonic() - REMEMBERED
        for run in [run for run in self._runs.values() if run.seen.is_over and run.ended < old]:
            del self._runs[run.id]
