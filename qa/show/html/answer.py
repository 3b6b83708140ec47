"""The answer as HTML: its sentences with their chips and flags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from qa.show.html.cards import context_of
from qa.show.html.words import GOOD, paragraphs_of, pieces_of, render, why_text
from qa.show.wording import CLOSEST, confidence_words, verdict_words
from qa.types import Answer, Citation, Draft, Sentence

T = TypeVar("T")

_MARKER = re.compile(r"\[(\d{1,3})\]")
_BULLET = re.compile(r"(?:^|\n)[ \t]*(?P<mark>[-*\u2022]|\d+[.)])[ \t]+$")


@dataclass(frozen=True, slots=True)
class _Shown:
    """A sentence as the page shows it."""

    sentence: Sentence
    pieces: list[tuple[str, bool]]
    """Its words: those that are the answer marked, or those that the check missed."""
    citations: list[Citation]
    flag: str
    """The words behind a sentence that did not pass the check; empty behind one that did."""
    why: str


def answer_html(answer: Answer) -> str:
    """The answer's sentences as paragraphs and lists, each with its numbered chips and, where in doubt, a flag.

    Folded away below them: what a model wrote besides, and the answer that its own took the place of.
    """
    is_refusal = answer.abstained and not answer.sentences
    return render(
        "answer.html",
        context_of=context_of,
        is_refusal=is_refusal,
        plain_texts=paragraphs_of(_MARKER.sub("", answer.text) if is_refusal else answer.text),
        closest=CLOSEST,
        citations=answer.citations,
        confidence=confidence_words(answer),
        sentences=blocks((one.sentence.prefix, one.sentence.heading, one) for one in _all_shown(answer)),
        rejected=[_shown(sentence, {}) for sentence in answer.rejected],
        replaced=_all_shown(answer.replaced) if answer.replaced else [],
    )


def draft_html(draft: Draft) -> str:
    """The text so far: finished sentences with their verdicts, then the one that grows. No marker leads anywhere."""
    finished: list[tuple[str, str, _Shown | str]] = [(s.prefix, s.heading, _shown(s, {})) for s in draft.sentences]
    growing = [(claim.prefix, claim.heading, claim.text) for claim in draft.claims[len(finished) :]]
    # Splitting by a pattern with a group gives words and numbers by turns.
    texts = (_MARKER.split(text) for text in paragraphs_of("" if finished else draft.text))
    return render(
        "draft.html",
        sentences=blocks([*finished, *growing]) if finished else [],
        paragraphs=[[(piece, bool(place % 2)) for place, piece in enumerate(pieces)] for pieces in texts],
    )


def _all_shown(answer: Answer) -> list[_Shown]:
    cited = {citation.n: citation for citation in answer.citations}
    return [_shown(sentence, cited) for sentence in answer.sentences]


def _shown(sentence: Sentence, cited: Mapping[int, Citation]) -> _Shown:
    return _Shown(
        sentence,
        pieces_of(sentence.text, sentence.missed or sentence.bold),
        [cited[n] for n in sentence.citations if n in cited],
        "" if sentence.verdict in GOOD else verdict_words(sentence),
        why_text([sentence]),
    )


def blocks(sentences: Iterable[tuple[str, str, T]]) -> list[tuple[str, list[list[T]], str]]:
    """Paragraphs and lists, from what stood before a sentence, the heading over it and the sentence.

    Each is (tag, items of sentences, the heading over it or nothing).
    """
    found: list[tuple[str, list[list[T]], str]] = []
    for prefix, heading, sentence in sentences:
        if bullet := _BULLET.search(prefix):
            tag = "ol" if bullet["mark"][0].isdigit() else "ul"
            if heading or not found or found[-1][0] != tag:
                found.append((tag, [], heading))
            found[-1][1].append([sentence])
        elif heading or "\n" in prefix or not found:
            found.append(("p", [[sentence]], heading))
        else:
            found[-1][1][-1].append(sentence)
    return found
