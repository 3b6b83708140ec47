"""Where a question is typed, sent and stopped, and the line that says what answers it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import gradio as gr

from qa.assistant import Assistant

_LOCAL = ("localhost", "127.", "[::1]", "::1", "this machine")

# The commands stand here as they are typed; nothing of them comes from outside.
_PLUG_IN = """
<details class="plug-in">
  <summary>{summary}</summary>
  <div class="plug-in-how">
    <p>Any server that speaks the OpenAI protocol can write the answers, under the same checks.
       With Ollama on this machine:</p>
    <pre><code>OPENAI_BASE_URL=http://127.0.0.1:11434/v1 qa serve --llm openai:llama3.2</code></pre>
    <p>vLLM, llama.cpp and LM Studio work the same way with their own address. With a provider's key:</p>
    <pre><code>OPENAI_API_KEY=... qa serve --llm openai:MODEL</code></pre>
  </div>
</details>
"""


@dataclass(frozen=True)
class ComposerPanel:
    """The parts of the panel that events use."""

    question: gr.Textbox
    send: gr.Button
    stop: gr.Button


def composer_panel(assistant: Assistant) -> ComposerPanel:
    """The question box under the conversation."""
    with gr.Column(elem_id="composer"):
        with gr.Row(elem_id="asking"):
            question = gr.Textbox(
                label="Your question",
                placeholder="Ask the articles",
                lines=1,
                max_lines=8,
                container=False,
                elem_id="question",
            )
            send = gr.Button("Ask", elem_id="send")
            stop = gr.Button("Stop", elem_id="stop")
        gr.HTML(mode_html(assistant.mode, assistant.where), elem_id="mode", apply_default_css=False)
    return ComposerPanel(question, send, stop)


def mode_html(mode: str, where: str) -> str:
    """Which mode answers, where it runs, what leaves this machine, and how to plug in a model."""
    if mode == "extractive":
        words = (
            '<strong>extractive</strong> <span class="if-wide">\u00b7 the articles\' own sentences </span>'
            "\u00b7 nothing leaves this machine"
        )
        return f'<div class="mode"><p>{words}</p>{_PLUG_IN.format(summary="Plug in a model")}</div>'
    leaves = (
        "nothing leaves this machine" if where.lower().startswith(_LOCAL) else "questions and passages are sent there"
    )
    words = f"<strong>{escape(mode)}</strong> on {escape(where)} \u00b7 {leaves}"
    return f'<div class="mode"><p>{words}</p>{_PLUG_IN.format(summary="Use another model")}</div>'
