"""What a run would ask, told before it is begun: how many questions, what is there already, how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.evaluation.runs.ask import is_made
from qa.evaluation.runs.fingerprint import library_path
from qa.evaluation.sets import EvalSet
from qa.models import load_language_model
from qa.settings import Settings
from qa.show.window_words import WORDS, counted
from qa.ui.context import AppState, Payload
from qa.ui.evals.runs import KeptRun, folder_for, kept_runs
from qa.ui.evals.sets import chosen_set
from qa.ui.evals.settings import LETTERS, read_settings
from qa.ui.pages import render

_WORDS, _ARTICLES = WORDS["evals_plan"], WORDS["counts"]["articles"]


@dataclass(frozen=True, slots=True)
class Variant:
    """The set under one of the settings."""

    letter: str
    settings: Settings
    folder: Path
    answered: int
    """Questions that an earlier run has answered already."""
    library: Path | None
    """Where the articles are to be indexed first; None where they are already."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is to be run."""

    eval_set: EvalSet
    variants: tuple[Variant, ...]

    @property
    def left(self) -> int:
        """Questions that are still to be asked, over all settings."""
        return sum(len(self.eval_set.queries) - variant.answered for variant in self.variants)


def make_plan(app: AppState, payload: Payload, owner: str | None) -> Plan:
    """What a page asks for. Raises QAError for a set, settings or a model that cannot be used."""
    eval_set = chosen_set(app, payload)
    variants = []
    for letter, settings in zip(LETTERS, read_settings(payload, app.assistant_for(owner).settings), strict=False):
        load_language_model(settings.llm, settings)  # says what is wrong with its name, or which key is missing
        folder, kept = folder_for(app, eval_set, settings)
        library = None if is_made(eval_set, settings) else library_path(eval_set, settings)
        variants.append(Variant(letter, settings, folder, kept.answered if kept else 0, library))
    return Plan(eval_set, tuple(variants))


def plan_html(app: AppState, plan: Plan) -> str:
    """The plan in a few sentences."""
    asked, articles = len(plan.eval_set.queries), len(plan.eval_set.articles)
    told = {"questions": counted(WORDS["evals"]["questions"], asked), "articles": counted(_ARTICLES, articles)}
    times = len(plan.variants)
    words = [_WORDS["asked"].format(**told) if times == 1 else counted(_WORDS["asked_under"], times, **told)]
    words += [_library(plan), _kept(plan), _how_long(plan, kept_runs(app)), *_leaving(plan)]
    return render("paragraphs.html", lines=[line for line in words if line])


def _library(plan: Plan) -> str:
    new: dict[Path, list[str]] = {}
    for variant in plan.variants:
        if variant.library and variant.answered < _all(plan):
            new.setdefault(variant.library, []).append(variant.letter)
    if not new:
        return _WORDS["indexed"]
    if len(new) == 1:
        (letters,) = new.values()
        if len(letters) == len(plan.variants):
            return _WORDS["indexed_first"]
        return _WORDS["indexed_first_for"].format(letters=_listed(letters))
    ways = "; ".join(_WORDS["once_for"].format(letters=_listed(letters)) for letters in new.values())
    return counted(_WORDS["indexed_times"], len(new), ways=ways)


def _kept(plan: Plan) -> str:
    kept = [v for v in plan.variants if v.answered]
    if not kept:
        return ""
    if plan.left == 0:
        return _WORDS["all_asked"]
    each = _WORDS["answered_of" if len(plan.variants) > 1 else "answered"]
    told = [counted(each, _all(plan), answered=v.answered, letter=v.letter) for v in kept]
    return _WORDS["answered_before"].format(told=_listed(told))


def _how_long(plan: Plan, runs: Sequence[KeptRun]) -> str:
    """From what runs of the same kind took on this machine; nothing is guessed."""
    if plan.left == 0:
        return ""
    seconds = 0.0
    for variant in plan.variants:
        left = _all(plan) - variant.answered
        each = _seconds_each(runs, plan.eval_set.name, str(variant.settings.llm))
        if left and each is None:
            return _WORDS["not_known"]
        seconds += left * (each or 0)
    return _WORDS["takes"].format(time=duration(seconds))


def _seconds_each(runs: Sequence[KeptRun], name: str, llm: str) -> float | None:
    """Of the newest run over a set of that name, by the same model."""
    for run in runs:
        asked, seconds = run.timings.get("asked"), run.timings.get("questions_s")
        if run.start.set == name and run.start.settings.get("llm") == llm and asked and seconds:
            return float(seconds) / int(asked)
    return None


def _leaving(plan: Plan) -> list[str]:
    """Where each model runs, and what is sent there."""
    models = {v.settings.llm: load_language_model(v.settings.llm, v.settings) for v in plan.variants}
    return [_WORDS["sent_to"].format(model=name, where=model.where) for name, model in models.items() if model]


def _all(plan: Plan) -> int:
    return len(plan.eval_set.queries)


def _listed(words: Sequence[str]) -> str:
    *first, last = words
    return _WORDS["and"].format(first=", ".join(first), last=last) if first else last


def duration(seconds: float) -> str:
    """Roughly how long, in words: "about 40 s", "about 3 min"."""
    if seconds < 1:
        return _WORDS["about_second"]
    if seconds < 90:
        return _WORDS["about_seconds"].format(count=f"{seconds:.0f}")
    if seconds < 5400:
        return _WORDS["about_minutes"].format(count=f"{seconds / 60:.0f}")
    return _WORDS["about_hours"].format(count=f"{seconds / 3600:.1f}")
