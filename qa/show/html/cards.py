"""Source cards as HTML: who says it and when, the verdict in words and drawing, the quotation in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from qa.language.text import sentence_spans
from qa.show.html.article import Marked, original_address, pieces
from qa.show.html.words import PARAGRAPH, date_known_by, pieces_of, render, shortened, why_text
from qa.show.wording import citation_text, page_of, sentences_citing
from qa.types import Answer, Citation, Hit, Sentence, Span, Verdict

SURROUNDINGS = 320
"""Characters of context that a source card shows before and after the quotation, at most."""


def source_cards_html(answer: Answer) -> str:
    """A card for every citation of the answer, in the order of their numbers."""
    return render("cards.html", cards=[_source(c, sentences_citing(answer, c.n)) for c in answer.citations])


def source_card_html(citation: Citation, sentences: Sequence[Sentence] = ()) -> str:
    """One source: who published it and when, the verdict on each sentence that cites it, the quotation in its place."""
    return render("cards.html", cards=[_source(citation, sentences)])


def found_cards_html(hits: Iterable[Hit]) -> str:
    """Cards of passages that were found but are not cited (yet)."""
    return render("cards.html", cards=[_card(hit.passage) for hit in hits])


def _source(citation: Citation, sentences: Sequence[Sentence]) -> dict[str, Any]:
    verdicts = list(_verdict_lines(sentences))
    return _card(citation) | {"n": citation.n, "verdicts": verdicts, "citation_text": citation_text(citation)}


def _card(span: Span | Citation) -> dict[str, Any]:
    article, start, end = span.article, span.start, span.end
    left, right = _surroundings(article.text, start, end)
    around = pieces(article.text, left, right, [Marked(start, end)])
    return {
        "n": None,
        "article": article,
        "start": start,
        "end": end,
        "how": date_known_by(article),
        "page": page_of(article, start),
        "corrections": [shortened(note.text, 240) for note in article.notes if note.kind == "correction"],
        "verdicts": [],
        "pieces": [replace(piece, text=PARAGRAPH.sub("\n", piece.text)) for piece in around],
        "goes_before": left > 0,
        "goes_after": right < len(article.text),
        "address": original_address(article, start, end),
        "citation_text": None,
    }


def _verdict_lines(sentences: Sequence[Sentence]) -> Iterator[dict[str, Any]]:
    """The verdict on each sentence that rests on a source; said once where they all agree."""
    by_verdict: dict[Verdict, list[Sentence]] = {}
    for sentence in sentences:
        by_verdict.setdefault(sentence.verdict, []).append(sentence)
    for verdict, group in by_verdict.items():
        yield {
            "verdict": verdict,
            "names": [shortened(sentence.text, 60) for sentence in group] if len(by_verdict) > 1 else [],
            "why": why_text(group),
            "missed": [pieces_of(sentence.text, sentence.missed) for sentence in group if sentence.missed],
        }


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
