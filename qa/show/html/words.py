"""Verdicts, dates and reasons in the words and the drawings that every part of a page shares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from qa.show.wording import also_in_text, days
from qa.types import Article, DateSource, Sentence, Verdict

VERDICT_MEANINGS: Mapping[Verdict, str] = {
    "verbatim": "Word for word in the source.",
    "supported": "The source says this in nearly the same words.",
    "unverified": "The check could not tell whether the source says this. Read the passage.",
    "unsupported": "The check did not find this in the cited source.",
}

PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
"""What stands between two paragraphs of a text."""

GOOD: tuple[Verdict, ...] = ("verbatim", "supported")

DATE_WORDS: Mapping[DateSource, str] = {
    "field": "given with the article",
    "json-ld": "from the page's data",
    "meta": "from the page's data",
    "page": "read on the page",
    "url": "from its address",
    "dateline": "from its dateline",
    "inferred": "inferred",
    "unknown": "",
}

# Drawn, not typed, so that they look alike with every font: a quotation mark, a tick, a question mark, a cross.
_STROKES: Mapping[Verdict, str] = {
    "verbatim": "M6.5 4C4.5 5 3.5 6.6 3.5 9v2.5h3.2V8.6H5.2M13 4c-2 1-3 2.6-3 5v2.5h3.2V8.6h-1.5",
    "supported": "M3 8.5l3.4 3.4L13 4.6",
    "unverified": "M5.2 5.8c.2-3.4 5.6-3.4 5.6-.2 0 2-2.8 2-2.8 4.2M8 12.6v.6",
    "unsupported": "M4 4l8 8M12 4l-8 8",
}


def icon(verdict: Verdict) -> str:
    """The verdict's symbol as a drawing that screen readers skip; its words stand beside it."""
    return f'<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="{_STROKES[verdict]}"/></svg>'


def why_text(sentences: Sequence[Sentence]) -> str:
    """What a verdict that these sentences share rests on: its reasons; with a good one, its meaning as well."""
    verdict = sentences[0].verdict
    reasons = [as_sentence(reason) for sentence in sentences for reason in sentence.reasons]
    if verdict in GOOD or not reasons:
        reasons.insert(0, VERDICT_MEANINGS[verdict])
    return " ".join(dict.fromkeys(reasons))


def with_marks(text: str, spans: Iterable[tuple[int, int]], opening: str, closing: str) -> str:
    """The text with the spans between two pieces of HTML."""
    html, at = "", 0
    for start, end in sorted(spans):
        html += f"{escape(text[at:start])}{opening}{escape(text[start:end])}{closing}"
        at = end
    return html + escape(text[at:])


MISSED = '<span class="missed">', "</span>"
"""What is put round words that the check did not find in the source."""


def also_in_html(article: Article) -> str:
    """Who else published it, as a line; nothing where nobody did."""
    said = also_in_text(article)
    return f'<p class="also-in" dir="auto">{escape(said[:1].upper() + said[1:])}</p>' if said else ""


def dated_html(article: Article) -> str:
    """The day of publication, how it is known, and the day of a later change."""
    known = DATE_WORDS[article.date_source]
    return days(article, f' <span class="how">({escape(known)})</span>' if article.date and known else "")


def dotted(parts: Iterable[str]) -> str:
    """Those of the parts that say something, with a dot between them."""
    return " \u00b7 ".join(part for part in parts if part)


def as_sentence(reason: str) -> str:
    """The reason as a sentence of its own: a capital and a full stop."""
    reason = reason.strip()
    return f"{reason[:1].upper()}{reason[1:]}" + ("" if reason.endswith((".", "!", "?")) else ".")


def shortened(text: str, length: int) -> str:
    """The text in one line, cut between words where it is longer."""
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[:length].rsplit(' ', 1)[0]} \u2026"
