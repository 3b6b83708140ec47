"""Verdicts, dates and reasons in the words and the drawings that every part of a page shares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from qa.show.templates import templates
from qa.show.window_words import WORDS
from qa.show.wording import (
    VERDICT_MEANINGS,
    VERDICT_WORDS,
    as_sentence,
    byline,
    date_text,
    day,
    support_words,
    verdict_words,
)
from qa.types import Article, DateSource, Sentence, Verdict

if TYPE_CHECKING:
    from jinja2 import Environment

PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
"""What stands between two paragraphs of a text."""

GOOD: tuple[Verdict, ...] = ("verbatim", "supported")

# The day that an article came with needs no word; where it was found elsewhere, that is said.
_WORDS = WORDS["article"]
DATE_WORDS: Mapping[DateSource, str] = {
    "field": "",
    "json-ld": _WORDS["from_page_data"],
    "meta": _WORDS["from_page_data"],
    "page": _WORDS["on_page"],
    "url": _WORDS["from_address"],
    "dateline": _WORDS["from_dateline"],
    "inferred": _WORDS["inferred"],
    "set": _WORDS["by_hand"],
    "unknown": "",
}

# VERDICT_SIGNS, drawn so that they look alike with every font: two ticks, a tick, a question mark, a cross.
_STROKES: Mapping[Verdict, str] = {
    "verbatim": "M1 8.8l2.9 3L9.6 5M7.4 11.2l.8.6L14.8 5",
    "supported": "M3 8.5l3.4 3.4L13 4.6",
    "unverified": "M5.2 5.8c.2-3.4 5.6-3.4 5.6-.2 0 2-2.8 2-2.8 4.2M8 12.6v.6",
    "unsupported": "M4 4l8 8M12 4l-8 8",
}


@cache
def _environment() -> Environment:
    environment = templates(Path(__file__).parent / "templates")
    environment.globals |= {
        "byline": byline,
        "date_text": date_text,
        "day": day,
        "good": GOOD,
        "shortened": shortened,
        "strokes": _STROKES,
        "verdict_words": verdict_words,
        "verdict_meanings": VERDICT_MEANINGS,
        "verdict_words_of": VERDICT_WORDS,
    }
    return environment


def legend_html() -> str:
    """The marks of the verdicts with their names and what they mean."""
    return render("legend.html")


def render(template: str, **values: object) -> str:
    """The HTML that one of the templates draws; every value is escaped."""
    return _environment().get_template(template).render(values)


def why_text(sentences: Sequence[Sentence]) -> str:
    """What a verdict that these sentences share rests on: its reasons; with a good one, its meaning as well."""
    verdict = sentences[0].verdict
    reasons = [as_sentence(reason) for sentence in sentences for reason in sentence.reasons]
    if verdict in GOOD or not reasons:
        reasons.insert(0, VERDICT_MEANINGS[verdict])
    if verdict != "verbatim":
        read = [sentence.support for sentence in sentences if sentence.support is not None and sentence.support < 1]
        reasons += [f"Read beside the passage: {support_words(support)}." for support in sorted(set(read))]
    return " ".join(dict.fromkeys(reasons))


def pieces_of(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The text in pieces, in order: (words, True where a span marks them)."""
    pieces, at = [], 0
    for start, end in sorted(spans):
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [*pieces, (text[at:], False)]


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of a text, without the white space around them."""
    return [part.strip() for part in PARAGRAPH.split(text) if part.strip()]


def date_known_by(article: Article) -> str:
    """How the day of publication is known, in words; empty where there is none or nothing to say."""
    return DATE_WORDS[article.date_source] if article.date else ""


def shortened(text: str, length: int) -> str:
    """The text in one line, cut between words where it is longer."""
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[:length].rsplit(' ', 1)[0]} \u2026"
