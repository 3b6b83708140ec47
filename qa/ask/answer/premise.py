"""Finds what a question takes for granted and a passage contradicts: "the 20 issues" where the articles say 17."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice

from qa.ask.answer.values import Value, sentences_of, stems_of, values_of, whole
from qa.check.claims import Composed
from qa.check.evidence import CitedText, Weights, weigh
from qa.language.dates import Date, date_of, same_date
from qa.language.facts import Fact, find_facts, same
from qa.language.lexicon import POINTING_BACK, any_of
from qa.language.names import country, initials, name_matches, name_words, named_in, text_words
from qa.language.numbers import Quantity
from qa.language.text import STOPWORDS, normalise, stem
from qa.types import Hit, Question, Span

NEAR = 5
"""Passages that a premise is compared with; later ones are seldom about the same thing."""
NUMBER_COVER = 0.4
DATE_COVER = 0.5
NAME_COVER = 0.65
"""Share of the rest of the question, by weight, that a sentence must say to contradict a number, date or name."""


def find_false_premise(question: Question, hits: Sequence[Hit]) -> Composed | None:
    """The sentence that corrects the question and cites the passage; None where nothing contradicts the question.

    A sentence contradicts a number, date or name of the question if it says nearly all else that the question says,
    with another value in its place, and no passage has the question's value. Where articles may report two things,
    such as two summits, the question stands.
    """
    text = normalise(question.standalone)
    near = hits[:NEAR]
    sentences = list(sentences_of(near))
    if not sentences:
        return None
    premises = _Premises(text, weigh(CitedText(hit.passage) for hit in near))
    statements = [_Statement(span, premises, _before(sentences, at)) for at, span in enumerate(sentences)]
    for fact in premises.facts:
        for said, shown, span in islice(_contradictions(fact, premises, statements, hits), 1):
            return Composed(f"The articles say {shown}, not {said}.", (span,), quoted=((shown, span),))
    return None


class _Premises:
    """The facts that a question states, and its other words."""

    def __init__(self, text: str, weights: Weights) -> None:
        self.text = text
        self.weights = weights
        self.facts = [fact for fact in find_facts(text) if _is_stated(fact, text)]
        self.stems = stems_of(text) - _ASKING

    def rest(self, fact: Fact) -> frozenset[str]:
        """Stems of the question without those of the fact."""
        return self.stems - stems_of(fact.text)


_SPAN_BEFORE = re.compile(r"(?i)\b(?:last|past|previous|recent|next|coming|within)\s(?:the\s)?$")
_SPAN_AFTER = re.compile(r"(?i)\s?(?:minutes?|hours?|days?|nights?|weeks?|months?|quarters?|years?|decades?)\b")
_WANTED = re.compile(
    r"(?i)(?:please\s)?(?:name|list|tell me|give(?: me)?|what are|which)(?: the)?(?: top| first| last)?\s$"
)


def _is_stated(fact: Fact, text: str) -> bool:
    """Whether the question takes a fact for granted: no length of time to look back on, no number of things wanted."""
    if fact.kind in ("quotation", "time"):
        return False
    if fact.kind != "number":
        return True
    before, after = text[: fact.start], text[fact.end :]
    is_unit = _SPAN_AFTER.match(after) or _SPAN_AFTER.search(f" {fact.text}")
    return not (_SPAN_BEFORE.search(before) and is_unit) and not _WANTED.fullmatch(before)


_ASKING = frozenset(map(stem, "many much long name day date year month place kind type number".split()))


@dataclass(frozen=True)
class _Statement:
    """A sentence of the passages, compared with the question."""

    span: Span
    premises: _Premises
    before: frozenset[str]
    """Stems of the sentence before, where a pronoun points back to it."""

    def cover(self, rest: frozenset[str]) -> float:
        """Share of the stems, by weight, in the sentence or the title of its article."""
        weights, total = self.premises.weights, self.premises.weights.of(rest)
        held = stems_of(self.span.text) | stems_of(self.span.article.title) | self.before
        return weights.of(rest & held) / total if total else 0.0


_POINTS_BACK = re.compile(rf"\W*{any_of(POINTING_BACK)}\b", re.IGNORECASE)


def _before(sentences: Sequence[Span], at: int) -> frozenset[str]:
    if not at or not _POINTS_BACK.match(sentences[at].text):
        return frozenset()
    before = sentences[at - 1]
    return stems_of(before.text) if before.article.id == sentences[at].article.id else frozenset()


Contradiction = tuple[str, str, Span]
"""What the question says, what the article says instead, and its sentence."""


def _contradictions(
    fact: Fact, premises: _Premises, statements: Sequence[_Statement], hits: Sequence[Hit]
) -> Iterator[Contradiction]:
    """Every contradiction of one fact, from the sentence most like the question on."""
    rest = premises.rest(fact)
    if len(rest) < 2:
        return
    ranked = sorted(statements, key=lambda statement: -statement.cover(rest))
    if fact.kind == "name":
        yield from _of_name(fact, premises, rest, ranked, hits)
    elif isinstance(fact.value, Date):
        yield from _of_date(fact, fact.value, rest, ranked, hits)
    elif isinstance(fact.value, Quantity) and fact.value.unit != "s":
        yield from _of_number(fact, premises, rest, ranked)


# --- numbers ----------------------------------------------------------------------------------------------------------


def _of_number(
    fact: Fact, premises: _Premises, rest: frozenset[str], ranked: Sequence[_Statement]
) -> Iterator[Contradiction]:
    mine = next((value for value in values_of(whole(premises.text)) if value.fact.start == fact.start), None)
    if mine is None or (fact.kind == "number" and not mine.head):
        return
    if any(same(fact, value.fact, about=True) for statement in ranked for value in values_of(statement.span)):
        return
    others = rest - mine.counts
    for statement in ranked:
        if statement.cover(others) < NUMBER_COVER:
            return
        rivals = [value for value in values_of(statement.span) if _counts_the_same(mine, value)]
        if len(rivals) == 1:
            yield mine.shown, rivals[0].shown, statement.span


def _counts_the_same(mine: Value, other: Value) -> bool:
    a, b = mine.fact.value, other.fact.value
    if not (isinstance(a, Quantity) and isinstance(b, Quantity)) or a.unit != b.unit or a.bound or b.bound:
        return False
    return mine.head == other.head if mine.fact.kind == "number" else True


# --- dates ------------------------------------------------------------------------------------------------------------


def _of_date(
    fact: Fact, date: Date, rest: frozenset[str], ranked: Sequence[_Statement], hits: Sequence[Hit]
) -> Iterator[Contradiction]:
    if date.relative or date.weekday is not None or any(_may_be(date, hit) for hit in hits):
        return
    dated = [
        (statement, [value for value in values_of(statement.span) if isinstance(value.fact.value, Date)])
        for statement in ranked
    ]
    if any(_meet(date, value.fact.value) for _, values in dated for value in values):
        return
    for statement, values in dated:
        if statement.cover(rest) < DATE_COVER:
            return
        rivals = [value for value in values if _as_exact(date, value.fact.value)]
        if len(rivals) == 1 and len(values) == 1:
            yield fact.text, rivals[0].shown, statement.span


def _meet(date: Date, other: object) -> bool:
    return isinstance(other, Date) and (same_date(date, other) or same_date(other, date))


def _may_be(date: Date, hit: Hit) -> bool:
    """True where an article was published on the date or within it: its undated events may be of that date."""
    day = hit.passage.article.date
    return day is not None and _meet(date, date_of(day))


def _as_exact(date: Date, other: object) -> bool:
    """True where both dates name a day, or both a month, or both a year."""
    if not isinstance(other, Date):
        return False
    return (date.day is None) == (other.day is None) and (date.month is None) == (other.month is None)


# --- names ------------------------------------------------------------------------------------------------------------


def _of_name(
    fact: Fact, premises: _Premises, rest: frozenset[str], ranked: Sequence[_Statement], hits: Sequence[Hit]
) -> Iterator[Contradiction]:
    if fact.start == 0 or any(
        _is_named(fact.text, statement) and statement.cover(rest) >= NAME_COVER / 2 for statement in ranked
    ):
        return
    for statement in ranked:
        if statement.cover(rest) < NAME_COVER:
            return
        if named_in(fact.text, _article_words(statement.span)):
            continue
        text = statement.span.text
        names = [other for other in find_facts(text) if other.kind == "name" and not _is_asked(other, premises)]
        rivals = [other for other in names if _same_place(fact, premises.text, other, text)]
        if len({name_words(other.text) for other in rivals}) == 1:
            yield fact.text, rivals[0].text, statement.span


def _is_named(name: str, statement: _Statement) -> bool:
    return named_in(name, text_words(f"{statement.span.text}\n\n{statement.span.article.title}"))


def _article_words(span: Span) -> list[str]:
    return text_words(f"{span.article.title}\n\n{span.article.text}")


def _is_asked(name: Fact, premises: _Premises) -> bool:
    return any(
        fact.kind == "name" and (name_matches(name.text, fact.text) or name_matches(fact.text, name.text))
        for fact in premises.facts
    )


_BEFORE = re.compile(r"(?P<word>[\w'-]+)\W+(?:the\W+)?$")
_AFTER = re.compile(r"(?:'s)?\W+(?P<word>[\w'-]+)")


def _same_place(name: Fact, text: str, other: Fact, stated: str) -> bool:
    """True where two names have the same role: both or neither are countries, and they stand beside the same word, or
    share a part, as two people of one family or two ministries do.
    """
    a, b = name_words(name.text), name_words(other.text)
    if (
        set(a) <= set(text_words(stated))
        or _is_misspelt(name.text, other.text)
        or _is_short_for(name.text, other.text, stated)
    ):
        return False
    if bool(_countries(a)) != bool(_countries(b)):
        return False
    if set(a) & set(b) and a[-1:] != b[-1:] and not _countries(a):
        return len(a) > 1 and len(b) > 1
    if _is_acronym(name.text) != _is_acronym(other.text):
        return False
    weak = frozenset() if _countries(a) else _SAYS_NO_PLACE
    pairs = [
        (_BEFORE.search(text, 0, name.start), _BEFORE.search(stated, 0, other.start)),
        (_AFTER.match(text, name.end), _AFTER.match(stated, other.end)),
    ]
    return any(_word(mine) and _word(mine) == _word(theirs) and _word(mine) not in weak for mine, theirs in pairs)


# Two names after one of these words may be anything; after "in" they are places, after "director" people.
_SAYS_NO_PLACE = frozenset(map(stem, STOPWORDS - {"in", "at", "from"}))


def _is_acronym(name: str) -> bool:
    return len(name) > 1 and name.replace(".", "").isupper()


ALIKE = 0.8
"""Similarity from which two names count as spellings of one."""


def _is_misspelt(name: str, other: str) -> bool:
    a, b = _plain(name), _plain(other)
    if len(a) > 4 and (a[:-1] == b[: len(a) - 1] or b[:-1] == a[: len(b) - 1]):  # Aristotle, Aristotelian
        return True
    return SequenceMatcher(None, a, b).ratio() >= ALIKE


def _plain(name: str) -> str:
    """The name in lower case, without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c))


def _is_short_for(name: str, other: str, stated: str) -> bool:
    """True where one name may be an acronym of the other, or of names beside it."""
    a, b = name.replace(".", ""), other.replace(".", "")
    return (a.isupper() and a[:1] == b[:1].upper() or a in initials(stated)) or (b.isupper() and b[:1] == a[:1].upper())


def _countries(words: Sequence[str]) -> bool:
    return any(country(word) for word in words)


def _word(match: re.Match[str] | None) -> str:
    return stem(match["word"].lower()) if match else ""
