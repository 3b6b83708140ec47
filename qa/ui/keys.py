"""The keys of the window, in a dialog that a question mark opens."""

from __future__ import annotations

import gradio as gr

from qa.ui.pages import render

KEYS = {
    "asking": {"/": "question_box", "Enter": "ask", "\u2191": "edit", "Escape": "leave"},
    "checking": {
        "1 \u2026 9": "source",
        "j k": "next_citation",
        "Enter": "chip",
        "Escape": "to_sentence",
        "\u2190 \u2192": "tabs",
    },
    "article": {"n p": "next_place", "e": "correct", "Ctrl F": "find", "Escape": "to_answer"},
    "anywhere": {"?": "this_list"},
}
"""What each key does, by where it does it: names of texts."""


def keys_panel() -> None:
    """The dialog, closed."""
    gr.HTML(render("keys.html", groups=KEYS), apply_default_css=False)
