"""Keeps a window in step with the library and with the other windows over it, as long as it is open."""

from __future__ import annotations

import logging
import threading

from qa.errors import LibraryError
from qa.library import Library
from qa.ui.asking import QuestionRuns
from qa.ui.following import Following
from qa.ui.jobs import Jobs

BUSY, IDLE = 1.0, 5.0
"""Seconds between two looks: while questions or jobs are under way here, and while none are."""

log = logging.getLogger(__name__)


class Keeper:
    """Tells the other windows of the work here, takes over what they left, and follows the library."""

    def __init__(self, library: Library, jobs: Jobs, runs: QuestionRuns, following: Following) -> None:
        self._library, self._jobs, self._runs, self._following = library, jobs, runs, following
        self._closed = threading.Event()
        self._fault = ""

    def start(self) -> None:
        """Begins, in a thread of its own."""
        threading.Thread(target=self._go_on, name="keeping in step", daemon=True).start()

    def close(self) -> None:
        """Ends after the step that it is at."""
        self._closed.set()

    def keep_up(self) -> bool:
        """Looks once; returns whether anything is under way here. Raises LibraryError where the database is gone."""
        windows = self._library.store.windows
        windows.presence.keep()
        runs = {run.id: run for run in self._runs.under_way()}
        for id_ in windows.questions.stopped(list(runs)) if runs else ():
            runs[id_].stop()
        is_working = self._jobs.keep_up()
        self._following.keep_up()
        self._library.keep_up()
        return is_working or bool(runs)

    def _go_on(self) -> None:
        wait = 0.0
        while not self._closed.wait(wait):
            wait = IDLE
            try:
                wait = BUSY if self.keep_up() else IDLE
                self._fault = ""
            except LibraryError as error:
                if str(error) != self._fault:  # once, not every few seconds
                    log.warning("%s", error)
                self._fault = str(error)
            except Exception:
                log.exception("Keeping in step with the library failed.")
