"""One question on its way through the window: paced, stoppable, and what is kept of it. Knows nothing of Gradio."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from qa.types import Answer, Draft, Turn

Step = Draft | Answer


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question that was asked in this conversation, and what came of it."""

    question: str
    answer: Answer | None
    """None where it was stopped or failed."""


Conversation = tuple[Exchange, ...]


def history(conversation: Sequence[Exchange]) -> tuple[Turn, ...]:
    """The answered turns, oldest first, as a follow-up question needs them."""
    answers = (exchange.answer for exchange in conversation)
    return tuple(Turn(a.question.text, a.question.standalone, a.text) for a in answers if a)


class Run:
    """One question under way."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.discarded = False
        """Whether the conversation it belongs to is gone, so that nothing of it is to be shown."""


class Runs:
    """The question that each browser tab has under way: one at most, so that a double click asks once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}

    def start(self, session: str) -> Run | None:
        """A new run; None while another of the same session is under way."""
        with self._lock:
            if session in self._runs:
                return None
            self._runs[session] = run = Run()
            return run

    def stop(self, session: str, *, discard: bool = False) -> None:
        """Ends the session's run, if there is one. A discarded run makes place for the next at once."""
        with self._lock:
            run = self._runs.pop(session, None) if discard else self._runs.get(session)
        if run:
            run.discarded = discard
            run.stopped.set()

    def finish(self, session: str, run: Run) -> None:
        """Says that the run is over."""
        with self._lock:
            if self._runs.get(session) is run:
                del self._runs[session]


def paced(steps: Iterator[Step], stopped: threading.Event, interval: float = 0.1) -> Generator[Step]:
    """The newest step, at most one every `interval` seconds; an Answer at once.

    `steps` is read in a thread of its own: whoever sets `stopped` (or closes this generator) need not wait for a model
    that is silent, and that thread closes `steps` after the step it is waiting for. Raises what `steps` raises.
    """
    inbox: SimpleQueue[Step | Exception | None] = SimpleQueue()
    threading.Thread(target=_read, args=(steps, stopped, inbox), name="asking", daemon=True).start()
    newest: Step | None = None
    due = 0.0
    try:
        while not stopped.is_set():
            try:
                item = inbox.get(timeout=interval if newest is None else max(0.0, due - time.monotonic()))
            except Empty:
                item = newest
                if item is None:
                    continue
            else:
                if isinstance(item, Exception):
                    raise item
                if item is None:
                    return
                newest = item
                if isinstance(item, Draft) and time.monotonic() < due:
                    continue
            yield item
            newest, due = None, time.monotonic() + interval
    finally:
        stopped.set()


def _read(steps: Iterator[Step], stopped: threading.Event, inbox: SimpleQueue[Step | Exception | None]) -> None:
    try:
        for step in steps:
            inbox.put(step)
            if stopped.is_set():
                break
    except Exception as error:
        inbox.put(error)
    finally:
        if isinstance(steps, Generator):
            steps.close()
        inbox.put(None)
