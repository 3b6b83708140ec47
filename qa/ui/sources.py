"""The sources of the answer that is being read, and the whole article behind each of them."""

from __future__ import annotations

import gradio as gr

from qa.show.html import article_html, legend_html
from qa.ui.context import AppState, Payload, served
from qa.ui.why import why_panel

# Constant, so that Gradio never redraws it: the script fills the list from the turn that is being read.
_PANEL = """
<aside class="sources" aria-label="Sources">
  <h2 class="unseen">About the answer</h2>
  <div class="side-tabs" role="tablist" aria-label="About the answer">
    <button type="button" role="tab" id="tab-sources" aria-controls="side-sources" aria-selected="true">
      <span id="sources-heading">Sources</span></button>
    <button type="button" role="tab" id="tab-why" aria-controls="side-why" aria-selected="false" tabindex="-1">
      Why</button>
  </div>
  <p id="sources-of" dir="auto"></p>
  <div role="tabpanel" id="side-sources" aria-labelledby="tab-sources">
    <p class="hint">Press <kbd>1</kbd> to <kbd>9</kbd> for a source, <kbd>j</kbd> and <kbd>k</kbd> for the next and the
      one before.
      <button type="button" class="quiet" data-action="keys">All keys</button></p>
    <div id="cards"></div>
    {legend}
  </div>
  <div role="tabpanel" id="side-why" aria-labelledby="tab-why" tabindex="0" hidden></div>
</aside>
"""
# Beside the views, not in one: the Library opens articles too.
_READING = """
<dialog id="reading" aria-label="Article">
  <div class="reading-bar">
    <button type="button" class="quiet" data-action="close" id="reading-back">\u2190 Back</button>
    <p id="reading-name" aria-hidden="true" dir="auto"></p>
    <span id="reading-steps" hidden>
      <button type="button" class="step" data-action="place-before" aria-label="Citation before, key p">\u2191</button>
      <span id="reading-place" role="status"></span>
      <button type="button" class="step" data-action="place-next" aria-label="Next citation, key n">\u2193</button>
    </span>
    <button type="button" class="quiet" id="reading-collect" data-action="reading-collect">Add to collection</button>
    <button type="button" class="quiet" data-action="correct" id="reading-correct"
      data-needs="administrator" hidden>Correct</button>
    <button type="button" class="quiet" data-action="reading-link">Copy link</button>
    <p id="reading-acts" role="group" aria-label="Ask">
      <button type="button" class="quiet" data-action="reading-ask">Ask about this article</button>
      <a class="quiet" id="reading-story">Its story</a>
      <span id="reading-selected" hidden>
        <button type="button" class="quiet" data-action="selected-ask">Ask about the selected words</button>
        <button type="button" class="quiet" data-action="selected-quote">Quote them in the question</button></span>
    </p>
  </div>
  <article id="reading-article" tabindex="-1"></article>
</dialog>
<div id="tip" role="tooltip" hidden></div>
<div id="announcer" role="status" aria-live="polite"></div>
"""
MOST_PLACES = 200
"""Places of one article that are marked, at most."""


def sources_panel(app: AppState) -> None:
    """The column to the right; below the answer on a narrow screen."""
    with gr.Column(elem_id="sources"):
        why_panel(app, _PANEL.format(legend=legend_html()))


def reading_panel(app: AppState) -> None:
    """The whole article, over everything else; and the words that every view shows or says for a moment."""

    def read_article(payload: Payload, owner: str | None) -> str:
        article = app.library.article(str(payload["article"]))
        if article is None:
            return "<p>This article is no longer in the library.</p>"
        library = app.library
        beside = (library.dropped(article.id), library.corrections(article.id))
        cited = [(int(n), int(start), int(end)) for n, start, end in (payload.get("cited") or [])[:MOST_PLACES]]
        start, end = int(payload["start"]), int(payload["end"])
        return article_html(article, start, end, *beside, cited=cited, whole=payload.get("whole") is True)

    gr.HTML(
        _READING,
        js_on_load="citewire.reading(element, server)",
        server_functions=[served(read_article)],
        apply_default_css=False,
    )
