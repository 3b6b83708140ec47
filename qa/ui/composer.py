"""Where a question is typed, sent and stopped, and the line that says what answers it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from qa.show.window_words import WORDS
from qa.ui.context import AppState
from qa.ui.pages import render

_WORDS = WORDS["mode"]
_LOCAL = ("localhost", "127.", "[::1]", "::1", "this machine")


def composer_panel(app: AppState) -> None:
    """The question box under the conversation."""
    with gr.Column(elem_id="composer"):
        html = render("composer.html", **_mode(app.assistant.mode, app.assistant.where))
        gr.HTML(html, apply_default_css=False, js_on_load="citewire.composer(element)")


def mode_html(mode: str, where: str) -> str:
    """Which mode answers, where it runs, what leaves this machine, and how to plug in a model."""
    return render("mode.html", **_mode(mode, where))


def _mode(mode: str, where: str) -> dict[str, Any]:
    return {"mode": mode, "where": where, "is_extractive": mode == "extractive", "is_local": _is_local(where)}


def _is_local(where: str) -> bool:
    return where.lower().startswith(_LOCAL)


def leaves_text(where: str) -> str:
    """What of a question leaves this machine when a model at this place answers it."""
    return _WORDS["nothing_leaves"] if _is_local(where) else _WORDS["sent_to"].format(where=where)
