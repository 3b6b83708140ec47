"""The keys of the window, in a dialog that a question mark opens."""

from __future__ import annotations

import gradio as gr

from qa.ui.pages import render

KEYS = {
    "Asking": {
        "/": "Go to the question box",
        "Enter": "Ask; with Shift, a new line",
        "\u2191": "In the empty box: edit the last question",
        "Escape": "Leave the box, the list or what is open",
    },
    "Checking": {
        "1 \u2026 9": "Bring that source forward",
        "j k": "The next citation, the one before",
        "Enter": "On a numbered chip: bring its source forward",
        "Escape": "On a source: back to its sentence",
        "\u2190 \u2192": "On Sources or Why: the other one",
    },
    "In an article": {
        "n p": "The next place that the answer cites, the one before",
        "e": "Correct its title, day, outlet or authors, as an administrator",
        "Ctrl F": "Find in the article, as in every page",
        "Escape": "Back to the answer",
    },
    "Anywhere": {"?": "This list"},
}
"""What each key does, by where it does it."""


def keys_panel() -> None:
    """The dialog, closed."""
    gr.HTML(render("keys.html", groups=KEYS), apply_default_css=False)
