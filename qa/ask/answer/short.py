"""The few words of a sentence that are the answer, where the kind of answer is known."""

from __future__ import annotations

import datetime as dt
import math
import re
from bisect import bisect_right

from qa.ask.answer.answer_type import Kind, possible_answers
from qa.ask.answer.question_terms import QuestionTerms
from qa.ask.answer.sentences import tokens_of
from qa.language.names import country

Offsets = tuple[int, int]

# An answer to "what" or "how" may be anything, so that no few words stand out.
_TOLD = frozenset[Kind]({"person", "place", "name", "date", "duration", "count", "money", "percent", "reason"})
_MOST = 12
_FAR = 8
"""Distance in words at which nearness has fallen to about a third."""


def short_answers(asked: QuestionTerms, text: str, published: dt.date | None) -> tuple[Offsets, ...]:
    """Offsets in the sentence of the answer's words: one place, or each item of a list; often none."""
    kind = asked.expectation.kind
    if kind not in _TOLD:
        return ()
    found = sorted(set(possible_answers(asked.expectation, text, published, frozenset(asked.terms))))
    if kind == "reason":
        return tuple((start, _clause_end(text, end)) for start, end in found[:1])
    if kind == "place":
        found = [place for start, _ in found if (place := _place_at(text, start))]
    if kind == "person":
        found = [(a, b) for a, b in found if not country(text[a:b].lower())]
    found = [(a, b) for a, b in found if not any((c, d) != (a, b) and c <= a and b <= d for c, d in found)]
    if asked.expectation.several and kind in ("person", "place", "name"):
        return tuple(found[:_MOST])
    return (max(found, key=lambda span: (_nearness(asked, text, *span), -span[0])),) if found else ()


def _nearness(asked: QuestionTerms, text: str, start: int, end: int) -> float:
    """How near a stretch is to the question's words; best right before the noun asked for."""
    terms, starts = tokens_of(text)
    first, last = bisect_right(starts, start) - 1, bisect_right(starts, end - 1) - 1
    told = ((at, asked.weights[term]) for at, term in enumerate(terms) if term in asked.weights)
    near = sum(weight * math.exp(-max(first - at, at - last, 0) / _FAR) for at, weight in told)
    nouns = (at for at, term in enumerate(terms) if term in asked.expectation.nouns and at > last)
    return near + 10 * max((math.exp(-(at - last - 1) / 2) for at in nouns), default=0.0)


_PLACE = re.compile(r"(?:the )?[^\W\d_a-z][\w.'-]*(?:,? (?:(?:of|the|and) )?[^\W\d_a-z][\w.'-]*)*")
_BEFORE = re.compile(r"(?:in|at|from|near|to|on|outside|inside|across|into|through) ")


def _place_at(text: str, start: int) -> Offsets | None:
    """The name of a place at `start`, or after an "in" there."""
    if before := _BEFORE.match(text, start):
        start = before.end()
    place = _PLACE.match(text, start)
    return (place.start(), len(text[: place.end()].rstrip(".,'"))) if place else None


_CLAUSE = re.compile(r"[;:]|,? (?:but|although|while|whereas)\b|[.!?]?[\"']?$")


def _clause_end(text: str, start: int) -> int:
    match = _CLAUSE.search(text, start)
    return match.start() if match else len(text)
