"""Finished runs as they are read: numbers and plots, differences in words, and every question side by side."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from qa.errors import UsageError
from qa.evaluation.comparison import compare_runs
from qa.evaluation.reports.html import Pieces, html_report
from qa.evaluation.runs import Run, load_run
from qa.ui.context import AppState, Payload
from qa.ui.evals.runs import KeptRun, named_runs

KEPT_IN_MEMORY = 4
"""Results that are open at a time: comparing takes seconds, and a reader opens one question after the other."""


class OpenResults:
    """The results that were opened last."""

    def __init__(self, app: AppState) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Any, ...], tuple[Sequence[Run], Pieces]] = OrderedDict()

    def pieces(self, payload: Payload) -> Pieces:
        """The runs that a page names in `runs`. Raises QAError for those that cannot be shown side by side."""
        return self._open(payload)[1]

    def report(self, payload: Payload) -> str:
        """The same as one HTML file."""
        runs, _ = self._open(payload)
        return html_report(runs, compare_runs(runs) if len(runs) > 1 else None)

    def _open(self, payload: Payload) -> tuple[Sequence[Run], Pieces]:
        kept = named_runs(self._app, payload)
        if stopped := next((run for run in kept if not run.is_finished), None):
            raise UsageError(
                f"The run '{stopped.name}' has answered {stopped.answered} of {stopped.start.questions} questions. "
                "Let it go on first."
            )
        key = tuple((run.name, run.changed) for run in kept)
        with self._lock:  # held while it is made: a second tab waits, and does not make it again
            if key not in self._kept:
                self._kept[key] = _made(kept)
                while len(self._kept) > KEPT_IN_MEMORY:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]


def _made(kept: Sequence[KeptRun]) -> tuple[Sequence[Run], Pieces]:
    runs = [load_run(run.folder) for run in kept]
    return runs, Pieces(runs, compare_runs(runs) if len(runs) > 1 else None)
