"""The evals: a question set is asked under up to four settings, and what came of it is shown side by side."""

from __future__ import annotations

from typing import Any

import gradio as gr

from qa.errors import UsageError
from qa.evaluation.reports.html import pieces_style
from qa.models.choices import available_models
from qa.ui.collecting import thumbed_html
from qa.ui.context import AppState, Payload, served
from qa.ui.evals.plan import make_plan, plan_html
from qa.ui.evals.results import OpenResults
from qa.ui.evals.running import Evaluations
from qa.ui.evals.runs import delete_runs, kept_runs, named_run, runs_table
from qa.ui.evals.sets import choice_of, set_field
from qa.ui.evals.settings import FIELDS, SameSettings, settings_table
from qa.ui.pages import minutes_east, render

__all__ = ["evals_panel", "evals_style"]


def evals_panel(app: AppState) -> None:
    """The view of the evals."""
    evaluations, opened = Evaluations(app), OpenResults(app)

    def overview(payload: Payload, owner: str | None) -> dict[str, Any]:
        job = evaluations.last(owner)
        # What was stopped or is done stands in the list; what failed says so until something else is begun.
        shown = job if job and (not job.is_over or job.state == "failed") else None
        return {
            "runs": runs_html(payload),
            "thumbs": thumbed_html(app, owner),
            "running": evaluations.progress(shown) if shown else None,
        }

    def runs_html(payload: Payload) -> str:
        return runs_table(kept_runs(app), minutes_east(payload.get("east")), evaluations.under_way)

    def form(payload: Payload, owner: str | None) -> dict[str, str]:
        columns = payload.get("settings")
        columns = [column for column in columns if isinstance(column, dict)] if isinstance(columns, list) else []
        base = app.assistant_for(owner).settings
        return {"set": set_field(app, payload), "settings": settings_table(columns, base)}

    def plan(payload: Payload, owner: str | None) -> dict[str, Any]:
        try:
            return {"html": plan_html(app, make_plan(app, payload, owner))}
        except SameSettings as error:  # no fault of the reader's yet
            return {"html": render("paragraphs.html", lines=[str(error)])}

    def models(payload: Payload, owner: str | None) -> list[str]:
        return [choice.name for choice in available_models(app.assistant_for(owner).settings)]

    def start(payload: Payload, owner: str | None) -> dict[str, Any]:
        return evaluations.progress(evaluations.start(make_plan(app, payload, owner), owner))

    def resume(payload: Payload, owner: str | None) -> dict[str, Any]:
        run = named_run(app, str(payload.get("run")))
        told = {field.name: run.start.settings.get(field.name) for field in FIELDS}
        asked = {**choice_of(app, run.start.folder), "settings": [told]}
        return evaluations.progress(evaluations.start(make_plan(app, asked, owner), owner))

    def progress(payload: Payload, owner: str | None) -> dict[str, Any]:
        return evaluations.progress(app.jobs.get(str(payload.get("job")), owner))

    def cancel(payload: Payload, owner: str | None) -> None:
        app.jobs.cancel(str(payload.get("job")), owner)

    def delete(payload: Payload, owner: str | None) -> None:
        if evaluations.under_way in (payload.get("runs") or ()):
            raise UsageError(f"The run '{evaluations.under_way}' is under way. Stop it first.")
        delete_runs(app, payload)

    def results(payload: Payload, owner: str | None) -> dict[str, str]:
        pieces = opened.pieces(payload)
        return {"numbers": pieces.numbers, "questions": pieces.questions}

    def question(payload: Payload, owner: str | None) -> str:
        return opened.pieces(payload).question(str(payload.get("id")))

    def report(payload: Payload, owner: str | None) -> dict[str, str]:
        return {"name": "evals.html", "text": opened.report(payload)}

    of_all = (overview, progress, cancel, results, question, report)
    of_administrators = (form, plan, models, start, resume, delete)
    gr.HTML(
        render("evals/panel.html"),
        elem_id="evals-panel",
        apply_default_css=False,
        js_on_load="citewire.evals(element, server)",
        server_functions=[
            *(served(each) for each in of_all),
            *(served(each, "run and delete evals") for each in of_administrators),
        ],
    )


def evals_style() -> str:
    """The style of the report, for what of it the window shows."""
    return f".evals-report {{\n{pieces_style()}\n}}"
