"""The keys of the window, in a dialog that a question mark opens."""

from __future__ import annotations

from html import escape

import gradio as gr

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
        "Ctrl F": "Find in the article, as in every page",
        "Escape": "Back to the answer",
    },
    "Anywhere": {"?": "This list"},
}
"""What each key does, by where it does it."""


def keys_panel() -> None:
    """The dialog, closed."""
    groups = "".join(
        f"<section><h3>{escape(where)}</h3><dl>{_rows(keys)}</dl></section>" for where, keys in KEYS.items()
    )
    gr.HTML(
        '<dialog id="keys" class="small-dialog" aria-labelledby="keys-heading">'
        '<h2 id="keys-heading" tabindex="-1" autofocus>Keys</h2>'
        f'{groups}<menu><button type="button" class="quiet" data-action="keys-close">Close</button></menu></dialog>',
        apply_default_css=False,
    )


def _rows(keys: dict[str, str]) -> str:
    return "".join(f"<div><dt>{_caps(each)}</dt><dd>{escape(does)}</dd></div>" for each, does in keys.items())


def _caps(keys: str) -> str:
    return " ".join(f"<kbd>{escape(key)}</kbd>" if key != "\u2026" else key for key in keys.split())
