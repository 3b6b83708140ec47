"""Where a question is typed, sent and stopped, and the line that says what answers it."""

from __future__ import annotations

import gradio as gr

from qa.ui.context import AppState
from qa.ui.pages import render

_LOCAL = ("localhost", "127.", "[::1]", "::1", "this machine")
_FORM = """
<form id="asking">
  <p id="editing" hidden>Editing the last question.
    <button type="button" class="quiet" data-action="edit-cancel">Leave it as it is</button></p>
  <div id="box"><label class="unseen" for="question">Your question</label>
  <textarea id="question" rows="1" placeholder="Ask the articles" maxlength="20000" dir="auto"></textarea>
  <button type="submit" id="send">Ask</button>
  <button type="button" id="stop" data-action="stop">Stop</button></div>
</form>
<div id="narrowing"></div>
"""


def composer_panel(app: AppState) -> None:
    """The question box under the conversation."""
    with gr.Column(elem_id="composer"):
        mode = mode_html(app.assistant.mode, app.assistant.where)
        gr.HTML(
            f'{_FORM}<div id="mode">{mode}</div>',
            apply_default_css=False,
            js_on_load="citewire.composer(element)",
        )


def mode_html(mode: str, where: str) -> str:
    """Which mode answers, where it runs, what leaves this machine, and how to plug in a model."""
    is_local = where.lower().startswith(_LOCAL)
    return render("mode.html", mode=mode, where=where, is_extractive=mode == "extractive", is_local=is_local)


def leaves_text(where: str) -> str:
    """What of a question leaves this machine when a model at this place answers it."""
    if where.lower().startswith(_LOCAL):
        return "nothing leaves this machine"
    return f"questions and passages are sent to {where}"
