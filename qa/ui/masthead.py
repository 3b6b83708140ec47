"""The top of the page: the name, how much the library holds; and the ways to the other views."""

from __future__ import annotations

import gradio as gr

from qa.ui.pages import render

VIEWS = {"ask": "Ask", "library": "Library", "evals": "Evals", "settings": "Settings"}
"""What the page can show: name in its address and in the page -> word for the reader."""


def masthead_panel(count: int) -> None:
    """The slim bar at the top, over a library of `count` articles."""
    gr.HTML(
        '<header class="masthead"><button type="button" id="drawer-toggle" data-action="drawer" aria-expanded="false"'
        ' aria-controls="drawer" aria-label="Conversations and views">\u2630</button>'
        f'<h1 class="name">Citewire</h1><p id="library">{library_html(count)}</p></header>'
        '<p id="connection" role="status" hidden></p>',
        elem_id="masthead",
        apply_default_css=False,
    )


def views_html() -> str:
    """The ways to the views, as links."""
    return render("views.html", views=VIEWS)


def library_html(count: int) -> str:
    """How much there is to ask, in words."""
    return f'{count:,} article{"" if count == 1 else "s"}<span class="if-wide"> in the library</span>'
