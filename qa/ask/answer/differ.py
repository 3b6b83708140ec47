"""Finds where articles give different values for what is asked, and lists all of them with outlet and date."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.ask.answer.answer_type import Kind, expect
from qa.ask.answer.values import CASUALTIES, MONEY, Value, sentences_of, stems_of, values_of
from qa.check.claims import Composed
from qa.check.evidence import CitedText, Weights, weigh
from qa.language.dates import Date
from qa.language.facts import find_facts, same
from qa.language.names import name_matches
from qa.language.numbers import Quantity
from qa.language.text import normalise, words
from qa.show.wording import told_by
from qa.types import Hit, Question, Span

NEAR = 10
"""Passages that are compared."""
COVER = 0.5
"""Share of the question, by weight, that a sentence or its title must say for its value to count as an answer."""
ALIKE = 0.3
"""Share of the shorter sentence, by weight, that two sentences about one thing have in common."""
MOST = 4
"""Values that are listed, at most."""

_ASKED: dict[Kind, frozenset[str]] = {
    "count": frozenset({"number"}),
    "money": frozenset({"money"}),
    "percent": frozenset({"percent"}),
    "date": frozenset({"date"}),
}


def find_difference(question: Question, hits: Sequence[Hit]) -> Composed | None:
    """The sentence that lists the values, each with outlet and date; None where the articles agree.

    Values are of one thing when the question asks for their kind, they count the same, and their sentences share most
    of their words and name nothing that the other sentence has another name for. Copies of one story count once. Where
    the question asks how things stand now, the newest comes first, and the sentence says so.
    """
    asked = normalise(question.standalone)
    kinds = _ASKED.get(expect(asked).kind)
    if not kinds:
        return None
    near = hits[:NEAR]
    weights = weigh(CitedText(hit.passage) for hit in near)
    casualties = {CASUALTIES[word] for word in words(asked) if word in CASUALTIES}
    wanted = (stems_of(asked) - _ASKING) | casualties
    told = list(_answers(wanted, kinds, weights, near))
    differing = _differing(sorted(told, key=_newest_first) if question.is_present else told, wanted, weights)
    return _composed(differing, question.is_present) if len(differing) > 1 else None


def find_differences(hits: Sequence[Hit], most: int) -> list[Composed]:
    """Up to `most` sentences, each listing values of one thing that the articles of a story give differently.

    As in `find_difference`, without a question that says what is asked for: the newest value comes first.
    """
    weights = weigh(CitedText(hit.passage) for hit in hits)
    told: dict[tuple[str, str], list[_ToldValue]] = {}
    for one in _all_told(hits):
        told.setdefault((one.value.fact.kind, one.value.head), []).append(one)
    found: list[Composed] = []
    for (kind, head), values in told.items():
        if len(found) < most and (head or kind in ("money", "percent")):
            counted = frozenset(word for one in values for word in one.value.counts)
            if len(differing := _differing(sorted(values, key=_newest_first), counted, weights)) > 1:
                found.append(_composed(differing, is_present=True))
    return found


def _all_told(hits: Sequence[Hit]) -> Iterator[_ToldValue]:
    """Numbers, sums and percentages that are the only one of their thing in a sentence."""
    for span in sentences_of(hits):
        values = [value for value in values_of(span) if is_of_kind(value, _COUNTED)]
        for value in values:
            if all(other is value or other.head != value.head for other in values):
                yield _ToldValue(value, span.text)


_COUNTED = frozenset({"number", "money", "percent"})
_CASUALTY = frozenset(CASUALTIES.values())
_ASKING = frozenset("many much long name day date year month".split())


@dataclass(frozen=True, slots=True)
class _ToldValue:
    """A value that may answer the question."""

    value: Value
    context: str
    """Its sentence; for a number of casualties also the one before, which says what happened."""

    @property
    def story(self) -> str:
        article = self.value.span.article
        return article.story or article.id


def _newest_first(told: _ToldValue) -> int:
    return -(told.value.span.article.date or dt.date.min).toordinal()


def _answers(
    wanted: frozenset[str], kinds: frozenset[str], weights: Weights, hits: Sequence[Hit]
) -> Iterator[_ToldValue]:
    """Values of the sentences that say most of the question and have only one value of that kind."""
    said = wanted - _CASUALTY
    total = weights.of(said)
    before: Span | None = None
    for span in sentences_of(hits):
        values = [value for value in values_of(span) if is_of_kind(value, kinds)]
        for value in values:
            with_before = value.head in _CASUALTY and before is not None and before.article.id == span.article.id
            context = f"{before.text} {span.text}" if with_before and before else span.text
            held = stems_of(context) | stems_of(span.article.title)
            is_alone = all(other is value or other.head != value.head for other in values)
            if is_alone and total and weights.of(said & held) / total >= COVER:
                yield _ToldValue(value, context)
        before = span


def is_of_kind(value: Value, kinds: frozenset[str]) -> bool:
    """True for a value of one of the kinds; "40 crowns" is money, and "the second" is no number."""
    if isinstance(value.fact.value, Quantity) and value.fact.value.unit == "th":
        return False
    kind = "money" if value.fact.kind == "number" and value.head in MONEY else value.fact.kind
    return kind in kinds


def _differing(found: Sequence[_ToldValue], wanted: frozenset[str], weights: Weights) -> list[Value]:
    """The first value with a rival, and the values that differ from it: one of each story, none twice."""
    for first in found:
        kept = [first]
        for other in found:
            is_new = all(other.story != one.story and not _agree(other.value, one.value) for one in kept)
            if is_new and _comparable(first.value, other.value, wanted) and _alike(first, other, weights):
                kept.append(other)
        if len(kept) > 1:
            return [told.value for told in kept[:MOST]]
    return []


def _agree(a: Value, b: Value) -> bool:
    return same(a.fact, b.fact, about=True) or same(b.fact, a.fact, about=True)


def _comparable(a: Value, b: Value, wanted: frozenset[str]) -> bool:
    """True for values of one kind that count the same thing; for bare numbers the question must name it."""
    x, y = a.fact.value, b.fact.value
    if isinstance(x, Date) and isinstance(y, Date):
        return bool(x.month and y.month and x.day and y.day)
    if not (isinstance(x, Quantity) and isinstance(y, Quantity)) or x.unit != y.unit:
        return False
    if a.fact.kind == "number":
        return bool(a.head) and a.head == b.head and (a.head in MONEY or bool(wanted & a.counts))
    return True


def _alike(a: _ToldValue, b: _ToldValue, weights: Weights) -> bool:
    """True for sentences about one thing: they share words, and do not each have names or years of their own."""
    mine, theirs = (stems_of(told.context) - stems_of(told.value.shown) for told in (a, b))
    least = min(weights.of(mine), weights.of(theirs))
    return bool(least) and weights.of(mine & theirs) / least >= ALIKE and not _set_apart(a, b)


def _set_apart(a: _ToldValue, b: _ToldValue) -> bool:
    """True where each sentence has a name of its own, or they name different years, or only one is about a part."""
    mine, theirs = _names(a), _names(b)
    alone = [name for name in mine if not any(name_matches(name, other) for other in theirs)]
    others = [name for name in theirs if not any(name_matches(name, other) for other in mine)]
    years, years_there = _years(a.value), _years(b.value)
    return bool(
        (alone and others)
        or (years and years_there and not years & years_there)
        or (_PART.search(a.value.span.text) is None) != (_PART.search(b.value.span.text) is None)
    )


# A number for a part, or for another time, does not contradict the number for the whole.
_PART = re.compile(
    r"\b(?:among them|of whom|of which|including|previous(?:ly)?|earlier|last (?:year|month|week)|compared|another|each"
    r"|so far this|average|record|expected|forecast|could|would|target|goal)\b",
    re.IGNORECASE,
)


def _names(told: _ToldValue) -> list[str]:
    facts = find_facts(told.context, told.value.span.article.date)
    return [fact.text for fact in facts if fact.kind == "name"]


def _years(value: Value) -> set[int]:
    dates = [other.fact.value for other in values_of(value.span) if other is not value]
    return {date.year for date in dates if isinstance(date, Date) and date.year}


# --- the sentence -----------------------------------------------------------------------------------------------------


def _composed(values: Sequence[Value], is_present: bool) -> Composed:
    """One sentence with all values; the newest comes first where the question asks about the present."""
    if is_present:
        values = sorted(values, key=lambda value: value.span.article.date or dt.date.min, reverse=True)
    told = [f"{value.shown} ({told_by(value.span.article)})" for value in values]
    newest = is_present and _is_newest(values)
    text = f"The newest article says {told[0]}; before, {', '.join(told[1:])}." if newest else ""
    text = text or f"The articles differ: {', '.join(told)}."
    spans = tuple(value.span for value in values)
    return Composed(text, spans, quoted=tuple((value.shown, value.span) for value in values))


def _is_newest(values: Sequence[Value]) -> bool:
    """True where all are dated and the first is later than the others."""
    first, *others = (value.span.article.date for value in values)
    return first is not None and all(day is not None and day < first for day in others)
