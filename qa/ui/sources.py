"""The sources of the answer that is being read, and the whole article behind each of them."""

from __future__ import annotations

import gradio as gr

from qa.present_html import article_html
from qa.ui.desk import Desk, Wanted, served

# Constant, so that Gradio never redraws it: the script fills the list from the turn that is being read.
_PANEL = """
<aside class="sources" aria-labelledby="sources-heading">
  <h2 id="sources-heading">Sources</h2>
  <p id="sources-of" dir="auto"></p>
  <p class="hint">Press <kbd>1</kbd> to <kbd>9</kbd> for a source, <kbd>/</kbd> for the question.</p>
  <div id="cards"></div>
</aside>
"""
# Beside the views, not in one: the Library opens articles too.
_READING = """
<dialog id="reading" aria-label="Article">
  <div class="reading-bar">
    <button type="button" class="quiet" data-action="close">\u2190 Back to the answer</button>
    <p id="reading-name" aria-hidden="true" dir="auto"></p>
  </div>
  <article id="reading-article" tabindex="-1"></article>
</dialog>
<div id="tip" role="tooltip" hidden></div>
<div id="announcer" role="status" aria-live="polite"></div>
"""


def sources_panel() -> None:
    """The column to the right; below the answer on a narrow screen."""
    with gr.Column(elem_id="sources"):
        gr.HTML(_PANEL, apply_default_css=False)


def reading_panel(desk: Desk) -> None:
    """The whole article, over everything else; and the words that every view shows or says for a moment."""

    def read_article(wanted: Wanted, owner: str | None) -> str:
        article = desk.library.article(str(wanted["article"]))
        if article is None:
            return "<p>This article is no longer in the library.</p>"
        dropped = desk.library.dropped(article.id)
        return article_html(article, int(wanted["start"]), int(wanted["end"]), dropped)

    gr.HTML(
        _READING,
        js_on_load="citewire.reading(element, server)",
        server_functions=[served(read_article)],
        apply_default_css=False,
    )
