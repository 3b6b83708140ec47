"""An Answer as HTML for the window and for exports. What comes from articles, questions and models is escaped here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from qa.present import (
    NOTE_WORDS,
    VERDICT_WORDS,
    also_in_text,
    byline,
    citation_text,
    date_text,
    day,
    page_of,
    sentences_citing,
    verdict_words,
    web_address,
)
from qa.text import sentence_spans
from qa.types import Answer, Article, Citation, DateSource, Draft, Dropped, Hit, Sentence, Span, Verdict

VERDICT_MEANINGS: Mapping[Verdict, str] = {
    "verbatim": "Word for word in the source.",
    "supported": "The source says this in nearly the same words.",
    "unverified": "The check could not tell whether the source says this. Read the passage.",
    "unsupported": "The check did not find this in the cited source.",
}

GOOD: tuple[Verdict, ...] = ("verbatim", "supported")

DATE_WORDS: Mapping[DateSource, str] = {
    "field": "given with the article",
    "json-ld": "from the page's data",
    "meta": "from the page's data",
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

_MARKER = re.compile(r"\[(\d{1,3})\]")
_BULLET = re.compile(r"(?:^|\n)[ \t]*(?P<mark>[-*\u2022]|\d+[.)])[ \t]+$")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")

SURROUNDINGS = 320
"""Characters of context that a source card shows before and after the quotation, at most."""


def answer_html(answer: Answer) -> str:
    """The answer's sentences as paragraphs and lists, each with its numbered chips and, where in doubt, a flag."""
    if answer.abstained and not answer.sentences:
        return _refusal(answer)
    if not answer.sentences:
        return paragraphs(answer.text)
    cited = {citation.n: citation for citation in answer.citations}
    return blocks((sentence.prefix, _sentence(sentence, cited)) for sentence in answer.sentences)


def draft_html(draft: Draft) -> str:
    """The unchecked text so far; its markers are shown, but lead nowhere yet."""
    return _MARKER.sub(r'<span class="chip" data-verdict="pending">\1</span>', paragraphs(draft.text))


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


def article_html(article: Article, start: int, end: int, dropped: Sequence[Dropped] = ()) -> str:
    """The whole article with the characters `start` to `end` marked, its notes, and what cleaning took out of it."""
    first = article.first_published
    known = [
        escape(article.outlet or "Unknown outlet"),
        _dated(article),
        f"first published {escape(date_text(first))}" if first else "",
        escape(article.place or ""),
        escape(", ".join(article.authors)),
    ]
    address = web_address(article)
    origin = (
        f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">Original page</a>'
        if address
        else f"<span>{escape(article.path)}</span>"
        if article.path
        else ""
    )
    body = "".join(
        f'<p dir="auto">{_marked(article.text, left, right, start, end)}</p>'
        for left, right in _paragraph_spans(article.text)
    )
    return (
        f'<p class="kicker">{_dotted(known)}</p><h2 class="reading-title" dir="auto">{escape(article.title)}</h2>'
        f'{_also_in(article)}<p class="reading-origin">{origin}</p>{_notes(article)}'
        f'<div class="reading-text">{body}</div>{_dropped(dropped)}'
    )


def _also_in(article: Article) -> str:
    said = also_in_text(article)
    return f'<p class="also-in" dir="auto">{escape(said[:1].upper() + said[1:])}</p>' if said else ""


def _notes(article: Article) -> str:
    notes = (
        f'<p dir="auto"><strong>{NOTE_WORDS[note.kind]}</strong> {escape(note.text)}</p>' for note in article.notes
    )
    joined = "".join(notes)
    return f'<div class="notes" role="note">{joined}</div>' if joined else ""


def _dropped(dropped: Sequence[Dropped]) -> str:
    """The lines that were taken out, folded up until somebody asks."""
    if not dropped:
        return ""
    lines = "".join(
        f'<li dir="auto">{escape(line.text)} <span class="how">({escape(line.reason)})</span></li>' for line in dropped
    )
    count = f"{len(dropped)} line{'' if len(dropped) == 1 else 's'}"
    return f'<details class="dropped"><summary>{count} taken out by cleaning</summary><ul>{lines}</ul></details>'


def icon(verdict: Verdict) -> str:
    """The verdict's symbol as a drawing that screen readers skip; its words stand beside it."""
    return f'<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="{_STROKES[verdict]}"/></svg>'


# --- the answer ------------------------------------------------------------------------------------------------------


def _refusal(answer: Answer) -> str:
    chips = "".join(_chip(citation, None) for citation in answer.citations)
    closest = f'<p class="closest">The closest passages found: {chips}</p>' if chips else ""
    return f'<div class="refusal">{paragraphs(_MARKER.sub("", answer.text))}{closest}</div>'


def _sentence(sentence: Sentence, cited: Mapping[int, Citation]) -> str:
    chips = "".join(_chip(cited[n], sentence.verdict) for n in sentence.citations if n in cited)
    return (
        f"{_lead(sentence)}"
        f'<span class="sentence" data-verdict="{sentence.verdict}">{_with_bold(sentence)}</span>'
        # A word joiner keeps the chips on the line of the last word.
        f'<span class="chips">\u2060{chips}{_flag(sentence)}</span>'
    )


def _lead(sentence: Sentence) -> str:
    return f'<strong class="lead">{escape(sentence.lead)}:</strong> ' if sentence.lead else ""


def _with_bold(sentence: Sentence) -> str:
    """The words of the sentence, those that are the answer in bold."""
    text, html, at = sentence.text, "", 0
    for start, end in sorted(sentence.bold):
        html += f"{escape(text[at:start])}<strong>{escape(text[start:end])}</strong>"
        at = end
    return html + escape(text[at:])


def _chip(citation: Citation, verdict: Verdict | None) -> str:
    words = f"{VERDICT_WORDS[verdict]}. " if verdict else ""
    return (
        f'<button type="button" class="chip" data-action="cite" data-cite="{citation.n}"'
        f' data-verdict="{verdict or "none"}" data-tip="{escape(_shortened(citation.quote, 300))}"'
        f' data-tip-label="{escape(words + byline(citation.article))}"'
        f' aria-label="Source {citation.n}. {escape(words + byline(citation.article))}">'
        f"{citation.n}{icon(verdict) if verdict else ''}</button>"
    )


def _flag(sentence: Sentence) -> str:
    """The words behind a sentence that did not pass the check; nothing behind one that did."""
    if sentence.verdict in GOOD:
        return ""
    words = verdict_words(sentence)
    return (
        f'<button type="button" class="flag" data-action="why" data-verdict="{sentence.verdict}"'
        f' data-tip-label="{words}" data-tip="{escape(_why([sentence]))}">{icon(sentence.verdict)}{words}</button>'
    )


def blocks(pieces: Iterable[tuple[str, str]]) -> str:
    """Paragraphs and lists of pairs: (what stood before the sentence, the sentence as HTML)."""
    blocks: list[tuple[str, str]] = []
    for prefix, html in pieces:
        bullet = _BULLET.search(prefix)
        if bullet:
            blocks.append(("ol" if bullet["mark"][0].isdigit() else "ul", html))
        elif "\n" in prefix or not blocks:
            blocks.append(("p", html))
        else:
            kind, before = blocks[-1]
            blocks[-1] = (kind, f"{before} {html}")
    joined = "".join(f"<p>{html}</p>" if kind == "p" else f"<{kind}><li>{html}</li></{kind}>" for kind, html in blocks)
    return joined.replace("</ul><ul>", "").replace("</ol><ol>", "")


def paragraphs(text: str) -> str:
    """The text as paragraphs."""
    return "".join(f'<p dir="auto">{escape(part.strip())}</p>' for part in _PARAGRAPH.split(text) if part.strip())


# --- sources ---------------------------------------------------------------------------------------------------------


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
    kicker = _dotted([escape(article.outlet or "Unknown outlet"), _dated(article), f"page {page}" if page else ""])
    copying = (
        f'<button type="button" class="quiet" data-action="copy" data-copy="{escape(copy)}">Copy citation</button>'
        if copy
        else ""
    )
    return (
        f'<article class="card" tabindex="-1" aria-label="{escape(label)}" {attributes}>'
        f'<header class="card-head">{number}<p class="kicker">{kicker}</p></header>'
        f'<h3 class="card-title" dir="auto">{escape(article.title)}</h3>{_also_in(article)}{verdict}'
        f'<blockquote class="passage" dir="auto">{_in_surroundings(article, span.start, span.end)}</blockquote>'
        f'<footer class="card-foot"><button type="button" class="quiet" data-action="open"'
        f' data-article="{escape(article.id)}" data-start="{span.start}" data-end="{span.end}">Open article</button>'
        f"{copying}</footer></article>"
    )


def _verdict_lines(sentences: Sequence[Sentence]) -> str:
    """The verdict on each sentence that rests on a source; said once where they all agree."""
    by_verdict: dict[Verdict, list[Sentence]] = {}
    for sentence in sentences:
        by_verdict.setdefault(sentence.verdict, []).append(sentence)
    return "".join(
        _verdict_line(verdict, group, name_them=len(by_verdict) > 1) for verdict, group in by_verdict.items()
    )


def _verdict_line(verdict: Verdict, sentences: Sequence[Sentence], *, name_them: bool) -> str:
    named = "".join(f" \u201c{escape(_shortened(s.text, 60))}\u201d" for s in sentences) if name_them else ""
    return (
        f'<p class="verdict" data-verdict="{verdict}">{icon(verdict)}<span><strong>{VERDICT_WORDS[verdict]}</strong>'
        f"{named}<span> {escape(_why(sentences))}</span></span></p>"
    )


def _why(sentences: Sequence[Sentence]) -> str:
    """What a verdict that these sentences share rests on: its reasons; with a good one, its meaning as well."""
    verdict = sentences[0].verdict
    reasons = [as_sentence(reason) for sentence in sentences for reason in sentence.reasons]
    if verdict in GOOD or not reasons:
        reasons.insert(0, VERDICT_MEANINGS[verdict])
    return " ".join(dict.fromkeys(reasons))


def _in_surroundings(article: Article, start: int, end: int) -> str:
    """The marked quotation with up to two sentences before and after it, of the same article."""
    left, right = _surroundings(article.text, start, end)
    opening = "\u2026 " if left > 0 else ""
    closing = " \u2026" if right < len(article.text) else ""
    return f"{opening}{_PARAGRAPH.sub(chr(10), _marked(article.text, left, right, start, end))}{closing}"


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


def _marked(text: str, left: int, right: int, start: int, end: int) -> str:
    """Characters `left` to `right` of the text, with what lies between `start` and `end` in a <mark>."""
    start, end = min(max(left, start), right), max(min(right, end), left)
    if start >= end:
        return escape(text[left:right])
    return f"{escape(text[left:start])}<mark>{escape(text[start:end])}</mark>{escape(text[end:right])}"


def _paragraph_spans(text: str) -> Iterable[tuple[int, int]]:
    left = 0
    for gap in _PARAGRAPH.finditer(text):
        yield left, gap.start()
        left = gap.end()
    yield left, len(text)


def _dated(article: Article) -> str:
    known = DATE_WORDS[article.date_source]
    if article.date is None or not known:
        return escape(day(article))
    return f'{escape(day(article))} <span class="how">({escape(known)})</span>'


def _dotted(parts: Iterable[str]) -> str:
    return " \u00b7 ".join(part for part in parts if part)


def as_sentence(reason: str) -> str:
    """The reason as a sentence of its own: a capital and a full stop."""
    reason = reason.strip()
    return f"{reason[:1].upper()}{reason[1:]}" + ("" if reason.endswith((".", "!", "?")) else ".")


def _shortened(text: str, length: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[:length].rsplit(' ', 1)[0]} \u2026"
