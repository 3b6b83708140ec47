"""Source cards as HTML: who says it and when, the verdict in words and drawing, the quotation in its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from qa.language.text import sentence_spans
from qa.show.html.article import marked, original_address
from qa.show.html.words import (
    MISSED,
    PARAGRAPH,
    also_in_html,
    dated_html,
    dotted,
    icon,
    shortened,
    why_text,
    with_marks,
)
from qa.show.wording import VERDICT_WORDS, citation_text, page_of, sentences_citing
from qa.types import Answer, Article, Citation, Hit, Sentence, Span, Verdict

SURROUNDINGS = 320
"""Characters of context that a source card shows before and after the quotation, at most."""


def source_cards_html(answer: Answer) -> str:
    """A card for every citation of the answer, in the order of their numbers."""
    return "".join(source_card_html(c, sentences_citing(answer, c.n)) for c in answer.citations)


def source_card_html(citation: Citation, sentences: Sequence[Sentence] = ()) -> str:
    """One source: who published it and when, the verdict on each sentence that cites it, the quotation in its place."""
    return _card(
        citation.article,
        citation,
        label=f"Source {citation.n}",
        number=f'<button type="button" class="card-number" data-action="back" title="Back to the sentence"'
        f' aria-label="Source {citation.n}, back to the sentence">{citation.n}</button>',
        attributes=f'data-card="{citation.n}"',
        verdict=_verdict_lines(sentences),
        copy=citation_text(citation),
    )


def found_cards_html(hits: Iterable[Hit]) -> str:
    """Cards of passages that were found but are not cited (yet)."""
    return "".join(_card(hit.passage.article, hit.passage, label="Passage found") for hit in hits)


def _card(
    article: Article,
    span: Span | Citation,
    *,
    label: str,
    number: str = "",
    attributes: str = "",
    verdict: str = "",
    copy: str | None = None,
) -> str:
    page = page_of(article, span.start)
    kicker = dotted([escape(article.outlet or "Unknown outlet"), dated_html(article), f"page {page}" if page else ""])
    address = original_address(article, span.start, span.end)
    original = (
        f'<a class="quiet" href="{escape(address)}" target="_blank" rel="noopener noreferrer">Original</a>'
        if address
        else ""
    )
    copying = (
        f'<button type="button" class="quiet" data-action="copy" data-copy="{escape(copy)}">Copy citation</button>'
        if copy
        else ""
    )
    return (
        f'<article class="card" tabindex="-1" aria-label="{escape(label)}" {attributes}>'
        f'<header class="card-head">{number}<p class="kicker">{kicker}</p></header>'
        f'<h3 class="card-title" dir="auto">{escape(article.title)}</h3>{also_in_html(article)}'
        f"{_corrected(article)}{verdict}"
        f'<blockquote class="passage" dir="auto">{_in_surroundings(article, span.start, span.end)}</blockquote>'
        f'<footer class="card-foot"><button type="button" class="quiet" data-action="open"'
        f' data-article="{escape(article.id)}" data-start="{span.start}" data-end="{span.end}">Open article</button>'
        f"{original}{copying}{_BACK if number else ''}</footer></article>"
    )


# Where the sources stand below the answer, the way back is a long one.
_BACK = '<button type="button" class="quiet back" data-action="back">\u2191 Back to the sentence</button>'


def _corrected(article: Article) -> str:
    """What the article says of its own mistakes."""
    said = (shortened(note.text, 240) for note in article.notes if note.kind == "correction")
    lines = (f'<p class="card-note" dir="auto"><strong>Correction</strong> {escape(words)}</p>' for words in said)
    return "".join(lines)


def _verdict_lines(sentences: Sequence[Sentence]) -> str:
    """The verdict on each sentence that rests on a source; said once where they all agree."""
    by_verdict: dict[Verdict, list[Sentence]] = {}
    for sentence in sentences:
        by_verdict.setdefault(sentence.verdict, []).append(sentence)
    return "".join(
        _verdict_line(verdict, group, name_them=len(by_verdict) > 1) for verdict, group in by_verdict.items()
    )


def _verdict_line(verdict: Verdict, sentences: Sequence[Sentence], *, name_them: bool) -> str:
    named = "".join(f" \u201c{escape(shortened(s.text, 60))}\u201d" for s in sentences) if name_them else ""
    return (
        f'<p class="verdict" data-verdict="{verdict}">{icon(verdict)}<span><strong>{VERDICT_WORDS[verdict]}</strong>'
        f"{named}<span> {escape(why_text(sentences))}</span></span></p>"
        + "".join(_claimed(sentence) for sentence in sentences if sentence.missed)
    )


def _claimed(sentence: Sentence) -> str:
    """The sentence with the words marked that the check did not find in the source."""
    said = with_marks(sentence.text, sentence.missed, *MISSED)
    return f'<p class="claimed" data-verdict="{sentence.verdict}" dir="auto"><span>The answer says</span> {said}</p>'


def _in_surroundings(article: Article, start: int, end: int) -> str:
    """The marked quotation with up to two sentences before and after it, of the same article."""
    left, right = _surroundings(article.text, start, end)
    opening = "\u2026 " if left > 0 else ""
    closing = " \u2026" if right < len(article.text) else ""
    return f"{opening}{PARAGRAPH.sub(chr(10), marked(article.text, left, right, start, end))}{closing}"


def _surroundings(text: str, start: int, end: int) -> tuple[int, int]:
    # A window of the text is enough to find two sentences, and an article may have megabytes.
    offset = max(0, start - 4 * SURROUNDINGS)
    window = text[offset : end + 4 * SURROUNDINGS]
    spans = [(offset + left, offset + right) for left, right in sentence_spans(window)]
    before = [left for left, right in spans if right <= start and left >= start - SURROUNDINGS][-2:]
    after = [right for left, right in spans if left >= end and right <= end + SURROUNDINGS][:2]
    # The quotation may begin or end inside a sentence: its rest belongs to it.
    opening = min([start, *(left for left, right in spans if left < start < right and left >= start - SURROUNDINGS)])
    closing = max([end, *(right for left, right in spans if left < end < right and right <= end + SURROUNDINGS)])
    return min([opening, *before]), max([closing, *after])
