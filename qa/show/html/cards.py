"""Source cards as HTML: an article, who says it and when; in it each quotation in its place, with its verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from qa.language.text import sentence_spans
from qa.show.html.article import Marked, original_address, pieces
from qa.show.html.words import PARAGRAPH, date_known_by, pieces_of, render, shortened, why_text
from qa.show.wording import citation_text, note_text, page_of, sentences_citing
from qa.types import Answer, Article, Citation, Hit, Sentence, Span, Verdict

SURROUNDINGS = 320
"""Characters of context that a source card shows before and after the quotation, at most."""
_NEAR = 160  # characters of it that the words behind a chip show


def source_cards_html(answer: Answer) -> str:
    """A card for every article that the answer cites, in the order of the numbers, with its passages."""
    return _cards_html((c.article, _cited(c, sentences_citing(answer, c.n))) for c in answer.citations)


def source_card_html(citation: Citation, sentences: Sequence[Sentence] = ()) -> str:
    """One source: who published it and when, the verdict on each sentence that cites it, the quotation in its place."""
    return _cards_html([(citation.article, _cited(citation, sentences))])


def found_cards_html(hits: Iterable[Hit]) -> str:
    """Cards of articles whose passages were found but are not cited (yet)."""
    return _cards_html((hit.passage.article, _passage(hit.passage)) for hit in hits)


def context_of(citation: Citation) -> str:
    """The quotation, in quotation marks, between the words that stand before and after it."""
    text, start, end = citation.article.text, citation.start, citation.end
    left, right = _surroundings(text, start, end)
    before, after = text[left:start], text[end:right]
    if len(before) > _NEAR:
        before = "… " + before[-_NEAR:].partition(" ")[2]
    if len(after) > _NEAR:
        after = after[:_NEAR].rpartition(" ")[0] + " …"
    return " ".join(f"{before}“{shortened(citation.quote, 300)}”{after}".split())


def _cards_html(passages: Iterable[tuple[Article, dict[str, Any]]]) -> str:
    cards: dict[str, dict[str, Any]] = {}
    for article, passage in passages:
        card = cards.setdefault(article.id, {"article": article, "how": date_known_by(article), "passages": []})
        card["passages"].append(passage)
        card["corrections"] = [shortened(note_text(note), 240) for note in article.notes if note.kind == "correction"]
    return render("cards.html", cards=list(cards.values()))


def _cited(citation: Citation, sentences: Sequence[Sentence]) -> dict[str, Any]:
    verdicts = list(_verdict_lines(sentences))
    return _passage(citation) | {"n": citation.n, "verdicts": verdicts, "citation_text": citation_text(citation)}


def _passage(span: Span | Citation) -> dict[str, Any]:
    article, start, end = span.article, span.start, span.end
    left, right = _surroundings(article.text, start, end)
    around = pieces(article.text, left, right, [Marked(start, end)])
    return {
        "n": None,
        "start": start,
        "end": end,
        "page": page_of(article, start),
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
