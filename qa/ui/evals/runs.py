"""The runs that are kept beside the library: found, listed, opened, deleted."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa.errors import EvalError, UsageError
from qa.evaluation.metrics import metric_named
from qa.evaluation.reports.words import HEADLINE, NOT_APPLICABLE, number
from qa.evaluation.runs.fingerprint import fingerprint
from qa.evaluation.runs.folder import RECORDS, RUN, Start, read_json, read_start
from qa.evaluation.sets import EvalSet
from qa.settings import Settings
from qa.show.window_words import WORDS, counted
from qa.show.wording import mode_text
from qa.ui.context import AppState, Payload
from qa.ui.evals.settings import LETTERS, label_of
from qa.ui.pages import render

_WORDS = WORDS["evals"]
_UNSAFE = str.maketrans(dict.fromkeys('/\\:*?"<>|', "-"))
"""What some file system does not take in a name."""


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A line of the list."""

    folder: Path
    start: Start
    changed: dt.datetime
    answered: int
    """Questions whose record is on disk."""
    values: Mapping[str, float | None] = field(default_factory=dict)
    """Metric -> mean; of a run that is not finished, nothing."""
    timings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is called in the page."""
        return self.folder.name

    @property
    def is_finished(self) -> bool:
        """Whether it has numbers."""
        return bool(self.values)


def runs_folder(app: AppState) -> Path:
    """Where the runs are, a folder for each."""
    return Path(app.assistant.settings.index) / "runs"


def kept_runs(app: AppState) -> list[KeptRun]:
    """All runs, the newest first; folders that hold none are passed over."""
    folders = [path for path in runs_folder(app).glob("*") if path.is_dir()]
    found = (_kept(path) for path in folders)
    return sorted((run for run in found if run), key=lambda run: run.changed, reverse=True)


def _kept(folder: Path) -> KeptRun | None:
    start = read_start(folder)
    if start is None:
        return None
    file = next((folder / name for name in (RUN, RECORDS, "start.json") if (folder / name).is_file()), folder)
    changed = dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC)
    if file.name != RUN:
        answered = (folder / RECORDS).read_bytes().count(b"\n") if (folder / RECORDS).is_file() else 0
        return KeptRun(folder, start, changed, answered)
    try:
        summary = read_json(file)
        values = {name: estimate["value"] for name, estimate in summary["metrics"].items()}
    except (EvalError, KeyError, TypeError):
        return None
    return KeptRun(folder, start, changed, start.questions, values, summary.get("timings", {}))


def named_run(app: AppState, name: str) -> KeptRun:
    """The run of this name. Raises UsageError where there is none."""
    found = next((run for run in kept_runs(app) if run.name == name), None)
    if found is None:
        raise UsageError(f"There is no run '{name}' any more. Load the page again.")
    return found


def named_runs(app: AppState, payload: Payload) -> list[KeptRun]:
    """The runs that a page names in `runs`, one to four. Raises UsageError."""
    names = payload.get("runs")
    if not isinstance(names, list) or not names:
        raise UsageError("No run is chosen. Choose one in the list.")
    names = list(dict.fromkeys(map(str, names)))
    if len(names) > len(LETTERS):
        raise UsageError(f"{len(names)} runs are too many to compare. Choose {len(LETTERS)} at most.")
    return [named_run(app, name) for name in names]


def delete_runs(app: AppState, payload: Payload) -> None:
    """Takes runs off the disk. Raises UsageError for one that is not there, EvalError where the disk refuses."""
    for run in named_runs(app, payload):
        try:
            shutil.rmtree(run.folder)
        except OSError as error:
            raise EvalError(f"The run '{run.name}' cannot be deleted: {error.strerror}.") from None


def folder_for(app: AppState, eval_set: EvalSet, settings: Settings) -> tuple[Path, KeptRun | None]:
    """Where a run of the set with these settings goes, and what is there of it already.

    A run of the same set, settings and code is found again: one that was stopped goes on, a finished one is not asked
    once more. Any other keeps its folder, and the new one gets a name of its own.
    """
    now = _asked(fingerprint(eval_set, settings))
    runs = kept_runs(app)
    for run in runs:
        if _asked(run.start.fingerprint) == now:
            return run.folder, run
    label = label_of(settings.model_dump(mode="json"))
    name = f"{eval_set.name} {label}".strip().translate(_UNSAFE)[:120].rstrip(". ")
    taken = {path.name.casefold() for path in runs_folder(app).glob("*")}
    numbered = (name if n == 1 else f"{name} ({n})" for n in range(1, len(taken) + 2))
    return runs_folder(app) / next(one for one in numbered if one.casefold() not in taken), None


def _asked(print_: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in print_.items() if name != "metrics"}


# --- as HTML ---------------------------------------------------------------------------------------------------------


def runs_table(runs: Sequence[KeptRun], east: int = 0, under_way: str | None = None) -> str:
    """The list, for a reader whose clock is `east` minutes ahead of UTC; `under_way` is the run that is being asked."""
    zone = dt.timezone(dt.timedelta(minutes=east))
    return render(
        "evals/runs.html",
        headings=[metric_named(name).title.partition(" (")[0] for name in HEADLINE],
        runs=[_shown(run, zone, run.name == under_way) for run in runs],
    )


def _shown(run: KeptRun, zone: dt.timezone, is_under_way: bool) -> dict[str, Any]:
    questions = run.start.questions
    return {
        "name": run.name,
        "set": _set(run),
        "is_finished": run.is_finished,
        "is_under_way": is_under_way,
        "when": f"{run.changed.astimezone(zone):%d %b %Y, %H:%M}",
        "about": _WORDS["about_run"].format(
            questions=counted(_WORDS["questions"], questions), mode=mode_text(run.start.mode)
        ),
        "values": [number(run.values.get(metric)) for metric in HEADLINE] if run.is_finished else [],
        "stopped": _WORDS["stopped_after"].format(answered=run.answered, questions=questions),
    }


def _set(run: KeptRun) -> str:
    """Runs can be compared where this is the same: articles, questions and judgements."""
    return " ".join(run.start.fingerprint.get(part, NOT_APPLICABLE)[:16] for part in ("corpus", "queries", "qrels"))
