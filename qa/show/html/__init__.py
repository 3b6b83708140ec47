"""An Answer as HTML for the window and for exports. Templates draw it, and escape what they are given."""

from __future__ import annotations

from qa.show.html.answer import answer_html, blocks, draft_html
from qa.show.html.article import article_html, original_address
from qa.show.html.cards import found_cards_html, source_card_html, source_cards_html
from qa.show.html.words import DATE_WORDS, GOOD, legend_html, paragraphs_of, render
from qa.show.wording import VERDICT_MEANINGS

__all__ = [
    "DATE_WORDS",
    "GOOD",
    "VERDICT_MEANINGS",
    "answer_html",
    "article_html",
    "blocks",
    "draft_html",
    "found_cards_html",
    "legend_html",
    "original_address",
    "paragraphs_of",
    "render",
    "source_card_html",
    "source_cards_html",
]
