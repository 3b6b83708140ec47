"""The sources of the answer that is being read, and the whole article behind each of them."""

from __future__ import annotations

import gradio as gr

from qa.show.html import article_html, legend_html
from qa.show.window_words import WORDS
from qa.ui.context import AppState, Payload, served
from qa.ui.pages import render
from qa.ui.why import why_panel

MOST_PLACES = 200
"""Places of one article that are marked, at most."""


def sources_panel(app: AppState) -> None:
    """The column to the right; below the answer on a narrow screen."""
    with gr.Column(elem_id="sources"):
        why_panel(app, render("sources.html", legend_html=legend_html()))


def reading_panel(app: AppState) -> None:
    """The whole article, over everything else; and the words that every view shows or says for a moment."""

    def read_article(payload: Payload, owner: str | None) -> str:
        article = app.library.article(str(payload["article"]))
        if article is None:
            return render("paragraphs.html", lines=[WORDS["article"]["gone"]])
        library = app.library
        beside = (library.dropped(article.id), library.corrections(article.id))
        cited = [(int(n), int(start), int(end)) for n, start, end in (payload.get("cited") or [])[:MOST_PLACES]]
        start, end = int(payload["start"]), int(payload["end"])
        return article_html(article, start, end, *beside, cited=cited, whole=payload.get("whole") is True)

    gr.HTML(
        render("reading.html"),
        js_on_load="citewire.reading(element, server)",
        server_functions=[served(read_article)],
        apply_default_css=False,
    )
