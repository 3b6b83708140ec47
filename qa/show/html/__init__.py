"""An Answer as HTML for the window and for exports. What comes from articles, questions and models is escaped here."""

from __future__ import annotations

from qa.show.html.answer import answer_html, blocks, draft_html, paragraphs
from qa.show.html.article import article_html, original_address
from qa.show.html.cards import found_cards_html, source_card_html, source_cards_html
from qa.show.html.words import DATE_WORDS, GOOD, VERDICT_MEANINGS, as_sentence, dotted, icon

__all__ = [
    "DATE_WORDS",
    "GOOD",
    "VERDICT_MEANINGS",
    "answer_html",
    "article_html",
    "as_sentence",
    "blocks",
    "dotted",
    "draft_html",
    "found_cards_html",
    "icon",
    "original_address",
    "paragraphs",
    "source_card_html",
    "source_cards_html",
]
