"""The top of the page: the name, how much the library holds, and a new conversation."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from qa.assistant import Assistant


@dataclass(frozen=True)
class MastheadPanel:
    """The parts of the panel that events use."""

    library: gr.HTML
    new: gr.Button


def masthead_panel(assistant: Assistant) -> MastheadPanel:
    """The slim bar at the top."""
    with gr.Row(elem_id="masthead"):
        gr.HTML('<h1 class="name">Citewire</h1>', elem_id="name", apply_default_css=False)
        library = gr.HTML(library_html(assistant.library.count()), elem_id="library", apply_default_css=False)
        return MastheadPanel(library, gr.Button("New conversation", elem_id="new"))


def library_html(count: int) -> str:
    """How much there is to ask, in words."""
    return f'<p>{count:,} article{"" if count == 1 else "s"}<span class="if-wide"> in the library</span></p>'
