"""The Settings view: who writes the answers, how long they are, when one is refused; what Citewire was started with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from qa.errors import ModelError, UsageError
from qa.models import ModelChoice
from qa.models.choices import EXTRACTIVE, available_models
from qa.settings import SECRETS, Settings
from qa.show.window_words import WORDS
from qa.show.wording import mode_text
from qa.ui.composer import leaves_text, mode_html
from qa.ui.connecting import connecting
from qa.ui.context import AppState, Payload, served
from qa.ui.pages import render
from qa.ui.preferences import LENGTHS, Preferences, read_preferences
from qa.ui.roles import check

_WORDS = WORDS["settings"]
REFUSING: Mapping[float, tuple[int, int]] = {0.4: (9, 53), 0.45: (14, 61), 0.5: (19, 68), 0.55: (26, 75), 0.6: (33, 80)}
"""Confidence below which an answer is refused -> how many are refused of 100 questions that the articles answer, and of
100 that they do not. The README says how this was measured, on questions as people ask them."""
LOOKING = 3.0
"""Seconds that a server has to list its models; the page stays usable meanwhile."""
_OF_THE_MACHINE = ("index", "database", "chroma", "config")
"""Settings that tell about the machine; they are shown only on that machine."""


def settings_panel(app: AppState) -> None:
    """The view in which a reader changes settings."""
    found: dict[str, ModelChoice] = {}

    def look() -> None:
        found.clear()
        found.update({choice.name: choice for choice in available_models(app.settings, LOOKING)})

    def settings_now(payload: Payload, owner: str | None) -> dict[str, str]:
        return {
            "answers": answers_html(app.preferences_of(owner), app.assistant.settings, app.origins),
            "mode": _mode(app, owner),
        }

    def find_models(payload: Payload, owner: str | None) -> str:
        may_choose = app.role(owner) == "administrator"
        if may_choose:
            look()
        chosen = app.preferences_of(owner)
        listed = list(found.values()) if may_choose else []
        speeds = {name: app.speed_of(name) for name in app.preferences.first_words()}
        origin = app.origins.get("llm")
        return models_html(listed, _started(app), chosen, origin, may_choose=may_choose, speeds=speeds)

    def settings_set(payload: Payload, owner: str | None) -> dict[str, str]:
        before = app.preferences_of(owner)
        after = changed(before, payload, app.assistant.settings, _started(app))
        if after.llm != before.llm:
            check(app.role(owner), "choose who writes the answers")
        if after.llm != before.llm and after.llm is not None:
            if after.llm not in found:
                look()
            if after.llm not in found:
                raise UsageError(f"The model '{after.llm}' is not there now. Look again, and choose one of the list.")
            choice = found[after.llm]
            after = replace(after, where=choice.where)
            if model := app.models.get(choice.name, choice.where):
                _try(model)
        app.preferences.write(owner, after)
        return {"said": _WORDS["kept"], **settings_now(payload, owner)}

    def mode_now(payload: Payload, owner: str | None) -> dict[str, str]:
        return {"mode": _mode(app, owner)}

    gr.HTML(
        render(
            "settings/panel.html",
            is_alone=app.is_local,
            started_html=started_html(app.assistant.settings, app.origins, of_the_machine=app.is_local),
        ),
        elem_id="settings-panel",
        apply_default_css=False,
        js_on_load="citewire.settings(element, server)",
        server_functions=[
            *(served(each) for each in (settings_now, find_models, settings_set, mode_now)),
            *connecting(app),
        ],
    )


def _started(app: AppState) -> ModelChoice:
    return ModelChoice(app.assistant.mode, app.assistant.where)


def _mode(app: AppState, owner: str | None) -> str:
    assistant = app.assistant_for(owner)
    return mode_html(assistant.mode, assistant.where)


def _try(model: Any) -> None:
    """Waits until the model can write. Raises UsageError when it cannot be loaded; it is not chosen then."""
    try:
        model.wait()
    except ModelError as error:
        raise UsageError(f"{error} {_WORDS['not_chosen']}") from None


def changed(before: Preferences, payload: Payload, settings: Settings, started: ModelChoice) -> Preferences:
    """The preferences after a page's changes; a value Citewire was started with is not stored. Raises UsageError."""
    fields = {"llm": before.llm, "where": before.where, "length": before.length, "refuse_below": before.refuse_below}
    after = read_preferences(fields | {name: payload[name] for name in fields if name in payload})
    if after.llm == started.name:
        after = replace(after, llm=None)
    if after.length and LENGTHS[after.length] == settings.answer_sentences:
        after = replace(after, length=None)
    if after.refuse_below == settings.refuse_below:
        after = replace(after, refuse_below=None)
    return after


# --- HTML -------------------------------------------------------------------------------------------------------------


def models_html(
    found: Sequence[ModelChoice],
    started: ModelChoice,
    chosen: Preferences,
    origin: str | None = None,
    *,
    may_choose: bool = True,
    speeds: Mapping[str, str] = {},
) -> str:
    """The models to choose from, the current one checked; where none was found, how to plug one in.

    `origin` says who set the one that Citewire was started with. Who may not choose sees the current one. `speeds` says
    how long the first word of each model took.
    """
    choices = {choice.name: choice for choice in [EXTRACTIVE, *found]} if may_choose else {}
    current = chosen.llm or started.name
    for name, where in ((started.name, started.where), (current, chosen.where)):
        choices.setdefault(name, ModelChoice(name, where, _WORDS["no_answer_now"]))
    return render(
        "settings/models.html",
        choices=list(choices.values()),
        mode_text=mode_text,
        current=current,
        may_choose=may_choose,
        about={
            name: _about(choice, name == started.name, origin, speeds.get(name, "")) for name, choice in choices.items()
        },
    )


def _about(choice: ModelChoice, is_started: bool, origin: str | None, speed: str) -> list[str]:
    where = "" if choice.name == "extractive" else WORDS["mode"]["on"].format(where=choice.where)
    as_started = ", ".join(filter(None, [_WORDS["as_started"], origin])) if is_started else ""
    waits = _WORDS["first_word"].format(speed=speed) if speed else ""
    return list(filter(None, [choice.note, where, leaves_text(choice.where), waits, as_started]))


def answers_html(chosen: Preferences, settings: Settings, origins: Mapping[str, str]) -> str:
    """How long answers are and when one is refused, each with who set it."""
    now = chosen.over(settings)
    steps = list(REFUSING)
    nearest = min(range(len(steps)), key=lambda place: abs(steps[place] - now.refuse_below))
    is_between = now.refuse_below not in REFUSING
    return render(
        "settings/answers.html",
        lengths=LENGTHS,
        now=now,
        chosen=chosen,
        origins=origins,
        steps=[refusing_text(step) for step in steps],
        values=[f"{step:g}" for step in steps],
        nearest=nearest,
        words=_WORDS["refuses_below"].format(step=f"{now.refuse_below:g}")
        if is_between
        else refusing_text(steps[nearest]),
    )


def refusing_text(step: float) -> str:
    """What a step of the slider means, in measured numbers."""
    wrongly, rightly = REFUSING[step]
    return _WORDS["refusing_step"].format(wrongly=wrongly, rightly=rightly)


def started_html(settings: Settings, origins: Mapping[str, str], *, of_the_machine: bool) -> str:
    """Every setting with its value and who set it, those that somebody set first; no key is shown."""
    names = [name for name in type(settings).model_fields if of_the_machine or name not in _OF_THE_MACHINE]
    shown = {name: _value(settings, name) for name in sorted(names, key=lambda name: name not in origins)}
    return render("settings/started.html", settings=shown, origins=origins)


def _value(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    if value is None:
        return _WORDS["none"]
    if name in SECRETS or not type(settings).model_fields[name].repr:  # an address may hold a password
        return _WORDS["set_not_shown"]
    return _WORDS["yes" if value else "no"] if isinstance(value, bool) else str(value)
