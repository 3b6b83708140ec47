"""The top of the page: the name, how much the library holds; and the ways to the other views."""

from __future__ import annotations

import gradio as gr

from qa.ui.pages import render

VIEWS = ("ask", "library", "evals", "settings")
"""What the page can show, by the name that it has in its address."""


def masthead_panel(count: int) -> None:
    """The slim bar at the top, over a library of `count` articles."""
    gr.HTML(render("masthead.html", count=count), elem_id="masthead", apply_default_css=False)


def library_html(count: int) -> str:
    """How much there is to ask, in words."""
    return render("masthead_count.html", count=count)
