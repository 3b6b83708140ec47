"""Runs in the background: begun, looked at, stopped; what was answered by then stays, and the next run goes on."""

from __future__ import annotations

import time
from typing import Any

from qa.evaluation.runs import Step, run_set
from qa.models import load_language_model
from qa.show.window_words import WORDS, counted
from qa.types import Message
from qa.ui.context import AppState
from qa.ui.evals.plan import Plan, Variant, duration
from qa.ui.jobs import Job

_WORDS = WORDS["evals_plan"]
LANE = "evals"
_SURE_AFTER = 3
"""Questions after which the time left is told."""


class Evaluations:
    """The runs that this window has begun, each a job of its reader; one runs at a time, the others wait."""

    def __init__(self, app: AppState) -> None:
        self._app = app
        self._under_way: str | None = None
        self._asking: str | None = None

    @property
    def under_way(self) -> str | None:
        """The name of the run that is being asked now, whoever began it."""
        return self._under_way

    def start(self, plan: Plan, owner: str | None) -> Job:
        """Begins all of the plan, one setting after the other; the job's result is the names of the runs."""
        return self._app.jobs.start(plan.eval_set.name, lambda job: self.work(job, plan), lane=LANE, owner=owner)

    def last(self, owner: str | None) -> Job | None:
        """The reader's job that goes on, else the newest one, as long as it is remembered."""
        jobs = [job for job in self._app.jobs.all(owner) if job.lane == LANE]
        return next((job for job in jobs if not job.is_over), jobs[-1] if jobs else None)

    def work(self, job: Job, plan: Plan) -> list[str]:
        """The names of the runs, once all are done. Raises Cancelled where the job was told to end, and QAError."""
        clock = _Clock(job, plan)
        names = []
        try:
            for variant in plan.variants:
                self._under_way = variant.folder.name
                clock.begin(variant)
                _try_model(variant)
                run_set(plan.eval_set, variant.settings, variant.folder, lambda step: self._step(clock, step))
                names.append(variant.folder.name)
        finally:
            self._under_way = self._asking = None
        return names

    def _step(self, clock: _Clock, step: Step) -> None:
        self._asking = self._under_way if step.stage == "questions" else None
        clock.step(step)

    def progress(self, job: Job) -> dict[str, Any]:
        """A job for a page: with the run that is being asked, and the names of its runs once all are there."""
        return {
            **job.progress(),
            "asking": self._asking if job.state == "running" else None,
            "runs": job.result if job.state == "done" else [],
        }


def _try_model(variant: Variant) -> None:
    """Asks the model for a word. Raises ModelError now, and not a hundred answers that came without it."""
    if model := load_language_model(variant.settings.llm, variant.settings):
        for piece in model.stream([Message("user", "Answer with the word: yes")]):
            if piece:
                return  # leaving the stream ends the request


class _Clock:
    """Tells a job how far its runs are, and how long the rest takes. Raises Cancelled where it was told to end."""

    def __init__(self, job: Job, plan: Plan) -> None:
        self._job, self._plan = job, plan
        self._total = len(plan.eval_set.queries) * len(plan.variants)
        self._before = 0  # questions of the settings that are done
        self._words = ""
        self._asked, self._seconds = 0, 0.0  # what was asked in this job, and what that took
        self._mark: tuple[int, float] | None = None

    def begin(self, variant: Variant) -> None:
        number = self._plan.variants.index(variant)
        self._before = number * len(self._plan.eval_set.queries)
        count = len(self._plan.variants)
        of = counted(_WORDS["setting"], count, letter=variant.letter, number=number + 1)
        self._words = f"{of} " if count > 1 else ""
        self._mark = None
        self._tell(self._before, _WORDS["getting_ready"])

    def step(self, step: Step) -> None:
        if step.stage == "articles":
            self._tell(self._before, counted(_WORDS["indexing"], step.total, done=f"{step.done:,}"))
            return
        now = time.monotonic()
        if self._mark and step.done > self._mark[0]:
            self._asked += step.done - self._mark[0]
            self._seconds += now - self._mark[1]
        self._mark = step.done, now
        done = self._before + step.done
        left = ""
        if self._asked >= _SURE_AFTER and done < self._total:
            time_left = duration((self._total - done) * self._seconds / self._asked)
            left = f" · {_WORDS['left'].format(time=time_left)}"
        asking = counted(_WORDS["asking"], step.total, number=f"{min(step.done + 1, step.total):,}")
        self._tell(done, asking + left)

    def _tell(self, done: int, words: str) -> None:
        said = self._words + words
        self._job.step(done, self._total, said[:1].upper() + said[1:])
