"""The top of the page: the name, the views, how much the library holds, and a new conversation."""

from __future__ import annotations

from html import escape

import gradio as gr

VIEWS = {"ask": "Ask"}
"""What the page can show: name in its address and in the page -> word for the reader."""


def masthead_panel(count: int) -> gr.HTML:
    """The slim bar at the top of a library of `count` articles."""
    return gr.HTML(masthead_html(count), elem_id="masthead", apply_default_css=False)


def masthead_html(count: int) -> str:
    """The bar, with how much there is to ask in words."""
    links = "".join(
        f'<a href="#/{"" if name == "ask" else name}" data-view="{name}">{escape(words)}</a>'
        for name, words in VIEWS.items()
    )
    return (
        '<header class="masthead"><h1 class="name">Citewire</h1>'
        f'<nav id="views" aria-label="Views">{links}</nav>{library_html(count)}'
        '<button type="button" id="new" data-action="new">New conversation</button></header>'
    )


def library_html(count: int) -> str:
    """How much there is to ask, in words."""
    return (
        f'<p id="library">{count:,} article{"" if count == 1 else "s"}'
        '<span class="if-wide"> in the library</span></p>'
    )
