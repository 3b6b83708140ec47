"""Where a question is typed, sent and stopped, and the line that says what answers it."""

from __future__ import annotations

from html import escape

import gradio as gr

from qa.ui.context import AppState

_LOCAL = ("localhost", "127.", "[::1]", "::1", "this machine")

# The commands stand here as they are typed; nothing of them comes from outside.
PLUG_IN_HOW = """
    <p>Any server that speaks the OpenAI protocol can write the answers, under the same checks.
       With Ollama on this machine:</p>
    <pre><code>OPENAI_BASE_URL=http://127.0.0.1:11434/v1 qa serve --llm openai:llama3.2</code></pre>
    <p>vLLM, llama.cpp and LM Studio work the same way with their own address. With a provider's key:</p>
    <pre><code>OPENAI_API_KEY=... qa serve --llm openai:MODEL</code></pre>
"""
"""How a language model is plugged in, as HTML."""
_PLUG_IN = """
<details class="plug-in pop-up">
  <summary>{summary}</summary>
  <div class="plug-in-how">
    <p><a href="#/settings">Choose one of those that are there in Settings</a>, or plug in another.</p>
    {how}
  </div>
</details>
"""


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
    if mode == "extractive":
        words = (
            '<strong>extractive</strong> <span class="if-wide">\u00b7 the articles\' own sentences </span>'
            "\u00b7 nothing leaves this machine"
        )
        return f'<div class="mode"><p>{words}</p>{_PLUG_IN.format(summary="Plug in a model", how=PLUG_IN_HOW)}</div>'
    leaves = (
        "nothing leaves this machine" if where.lower().startswith(_LOCAL) else "questions and passages are sent there"
    )
    words = f"<strong>{escape(mode)}</strong> on {escape(where)} \u00b7 {leaves}"
    return f'<div class="mode"><p>{words}</p>{_PLUG_IN.format(summary="Use another model", how=PLUG_IN_HOW)}</div>'


def leaves_text(where: str) -> str:
    """What of a question leaves this machine when a model at this place answers it."""
    if where.lower().startswith(_LOCAL):
        return "nothing leaves this machine"
    return f"questions and passages are sent to {where}"
