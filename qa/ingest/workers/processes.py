"""Workers that are processes of this machine, each started again where it dies."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any

from qa.ingest.workers.base import Done, Elsewhere, Step, WorkerDied, for_workers
from qa.models import SERVED, Embedder
from qa.runtime import STUCK, Child
from qa.settings import Settings

_Task = tuple["Future[Done]", Step, Sequence[Any]]


class Processes(Elsewhere):
    """As many as the setting `workers` says. They embed what needs no more than a core each, or only waits."""

    def __init__(self, settings: Settings, embedder: Embedder) -> None:
        super().__init__(settings, embedder, ("bundled", *SERVED))
        self.count = self.reading = settings.workers
        self._settings = for_workers(settings)
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._children: set[Child] = set()
        self._is_closed = False

    def start(self) -> None:
        """Starts a thread for each process, which gives it work."""
        self._threads = [Thread(target=self._serve, name=f"worker {n}", daemon=True) for n in range(self.count)]
        for thread in self._threads:
            thread.start()

    def submit(self, step: Step, items: Sequence[Any]) -> Future[Done]:
        """Gives items to the process that is free next."""
        future: Future[Done] = Future()
        self._tasks.put((future, step, items))
        return future

    def wait(self, submitted: Future[Done]) -> Done:
        """What became of the items. Raises WorkerDied."""
        return submitted.result()

    def close(self) -> None:
        """Ends the processes, whatever they are at."""
        self._is_closed = True
        for _ in self._threads:
            self._tasks.put(None)
        for child in list(self._children):
            child.process.kill()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        """Gives one process work after work; one that has died is followed by another."""
        child: Child | None = None
        while (task := self._tasks.get()) and not self._is_closed:
            future, *work = task
            try:
                if child is None:
                    child = self._started()
                child.send(work)
                if not child.poll(STUCK):
                    child.process.kill()
                future.set_result(child.receive())
            except (EOFError, OSError):
                future.set_exception(WorkerDied(self._ended(child) if child else "it could not be started"))
                child = None
            except Exception as error:  # what cannot be sent, or not be read
                future.set_exception(error)
        if child:
            self._ended(child)

    def _started(self) -> Child:
        child = Child("qa.ingest.workers")
        self._children.add(child)
        with suppress(OSError):  # it has died: the work that follows says so
            child.send(self._settings)
        return child

    def _ended(self, child: Child) -> int:
        self._children.discard(child)
        return child.end()
