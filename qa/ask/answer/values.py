"""The values in a sentence: numbers with what they count, sums, percentages and dates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa.check.evidence import content
from qa.language.dates import Date
from qa.language.facts import Fact, find_measures
from qa.language.lexicon import BIG_NUMBERS, any_of
from qa.language.numbers import Quantity
from qa.language.text import STOPWORDS, sentence_spans, stem
from qa.types import Article, Hit, Span


@dataclass(frozen=True, slots=True)
class Value:
    """A value in a sentence."""

    fact: Fact
    span: Span
    """The sentence."""
    shown: str
    """The value with the noun that it counts, as the sentence has it: "17 issues"."""
    counts: frozenset[str]
    """Stems of that noun and of the words before it; empty where the value has no noun."""
    head: str
    """The stem of the noun itself."""


# One word for each kind of casualty, whichever word a sentence uses.
CASUALTIES = {
    **dict.fromkeys("killed kill dead die died deaths death fatalities toll kills perished lives".split(), "dead"),
    **dict.fromkeys("injured wounded hurt injuries injure wound".split(), "hurt"),
    **dict.fromkeys(["missing"], "missing"),
    **dict.fromkeys("arrest arrested detained arrests".split(), "arrested"),
}
# Stems of currencies that qa.language.numbers has no unit for.
MONEY = frozenset(
    map(
        stem,
        """crown crowns krona kronor krone kroner ruble rubles rouble roubles peso pesos rand yuan lira francs
        dinar dinars riyal riyals tenge som hryvnia zloty zlotys forint forints lei shekel shekels
        rupees baht dong""".split(),
    )
)
_PEOPLE = frozenset("people person persons civilians passengers others victims".split())
_NOUN = re.compile(r"[ -](?P<words>[^\W\d_][\w'-]*(?: [^\W\d_][\w'-]*){0,3})")
_NO_NOUN = re.compile(rf"(?:ed|ing|ly)$|^(?:per|cent|percent|{any_of(BIG_NUMBERS)}|times|more|new|other)$")


def values_of(span: Span) -> tuple[Value, ...]:
    """The values of a sentence, in order, without times of day and vague numbers such as "thousands"."""
    return _values(span.text, span)


@lru_cache(maxsize=4096)
def _values(text: str, span: Span) -> tuple[Value, ...]:
    facts = [fact for fact in find_measures(text, span.article.date) if _is_value(fact)]
    return tuple(_value(fact, text, span) for fact in facts)


def _is_value(fact: Fact) -> bool:
    if isinstance(fact.value, Quantity):
        return fact.value.unit != "s"
    return isinstance(fact.value, Date) and not fact.value.relative and fact.value.weekday is None


def _value(fact: Fact, text: str, span: Span) -> Value:
    run = counted_words(text, fact)
    shown = text[fact.start : fact.end]
    if run and fact.kind == "number":
        shown = text[fact.start : run[-1][1]]
    stems = [stem(text[a:b].lower()) for a, b in run]
    casualty = _casualty(text, fact)
    head = casualty or (stems[-1] if stems else "")
    return Value(fact, span, shown, frozenset([*stems, *([casualty] if casualty else [])]), head)


def counted_words(text: str, fact: Fact) -> list[tuple[int, int]]:
    """Offsets of up to three words after a number that say what it counts; a function word or verb ends them."""
    found: list[tuple[int, int]] = []
    if fact.kind == "date" or not (match := _NOUN.match(text, fact.end)):
        return found
    for word in re.finditer(r"\S+", match["words"]):
        lower = word[0].lower()
        if lower in STOPWORDS or (found and _NO_NOUN.search(lower)) or lower in CASUALTIES:
            break
        if not _NO_NOUN.search(lower):
            found.append((match.start("words") + word.start(), match.start("words") + word.end()))
        if lower in _PEOPLE or len(found) == 3 or text[fact.end] == "-":
            break
    return found


def _casualty(text: str, fact: Fact) -> str:
    """What happened to the people that a number counts, by the nearest word that says so."""
    if fact.kind != "number":
        return ""
    behind = re.match(r"(?:\W+[\w'-]+){0,4}", text[fact.end :])
    before = re.search(r"(?:[\w'-]+\W+){0,5}$", text[: fact.start])
    after_words = re.findall(r"[a-z'-]+", behind[0].lower()) if behind else []
    before_words = re.findall(r"[a-z'-]+", before[0].lower()) if before else []
    near = [word for word in [*after_words, *reversed(before_words)] if word in CASUALTIES]
    return CASUALTIES[near[0]] if near else ""


def whole(text: str) -> Span:
    """A text without an article, such as a question, as a span."""
    return Span(Article("", "", text), 0, len(text))


def sentences_of(hits: Sequence[Hit]) -> Iterator[Span]:
    """Every sentence of the passages once, in the order of the hits."""
    seen: set[tuple[str, int]] = set()
    for hit in hits:
        for start, end in sentence_spans(hit.passage.text):
            span = Span(hit.passage.article, hit.passage.start + start, hit.passage.start + end)
            if (span.article.id, span.start) not in seen:
                seen.add((span.article.id, span.start))
                yield span


@lru_cache(maxsize=8192)
def stems_of(text: str) -> frozenset[str]:
    """Stems of the content words of a text."""
    return frozenset(content(text))
