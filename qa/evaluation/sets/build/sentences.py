"""Picks the sentences of an article that can be understood alone, and finds the facts in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qa.evaluation.sets.build.clauses import Clause, parse
from qa.ingest.describe.dateline import read_dateline
from qa.language.facts import Fact, find_facts
from qa.language.lexicon import DEMONSTRATIVES, OUR, POINTING_BACK, SAID, SPEAKING, SUBJECTS, any_of
from qa.language.names import country, find_names
from qa.language.text import sentence_spans, stems
from qa.types import Article, Span

SHORTEST, LONGEST = 7, 40
"""Limits on the words of a sentence."""
_FEWEST_STEMS = 5

_DATELINE_WITHIN = 5
"""Sentences at the start of an article that may begin with a dateline: title and byline can come first."""
_PRONOUN = re.compile(rf"\b{any_of({*SUBJECTS, 'him', 'them', 'us', *SPEAKING, *OUR})}\b", re.IGNORECASE)
_BEGINNING = re.compile(r"(?!\d+[.)]\s)\w")
# Words that refer to the sentence before.
_LEANING = re.compile(
    rf"""(?:{any_of((*DEMONSTRATIVES, *POINTING_BACK, *SPEAKING, *OUR))}|such|but|and|or|so|yet|also|then
      |however|meanwhile|instead|nevertheless|moreover|furthermore|therefore|thus|hence|later|earlier|another|both|here
      |there(?!\s(?:is|are|was|were|will)\b)|others?|afterwards|similarly|still|likewise|in\s(?:addition|contrast|turn)
      |as\sa\sresult|for\s(?:example|instance|this|that)|at\sthe\ssame|the\s(?:latter|former|other|two|three|same)
      |according\sto\s(?:him|her|them|it))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_DEMONSTRATIVE = re.compile(r"\b(?:this|these|those|such)\s(?!(?:year|month|week)\b)|\bthe (?:latter|former)\b", re.I)
_PAGE = re.compile(
    r"https?://|www\.|@\w|\b(?:subscribe|newsletter|click|cookies?|sign up|read more|copyright)\b|[|©►]", re.I
)


@dataclass(frozen=True, slots=True)
class SourceSentence:
    """A sentence with its facts, on one line."""

    text: str
    facts: tuple[Fact, ...]
    people: tuple[str, ...]
    """Full names of people in the article."""
    small: frozenset[str]
    """Words that the article writes in lower case."""
    clause: Clause | None
    """The parsed sentence, if it is simple enough."""


def read_sentences(article: Article) -> Iterator[tuple[Span, SourceSentence]]:
    """The standalone sentences of an article: their place, and their text with facts."""
    persons, small = tuple(people(article)), frozenset(_SMALL.findall(article.text))
    surnames = {word for person in persons for word in person.lower().split()}
    for span in standalone_sentences(article):
        text = " ".join(span.text.split())
        facts = tuple(find_facts(text, article.date, surnames))
        yield span, SourceSentence(text, facts, persons, small, parse(text, small))


_SMALL = re.compile(r"\b[a-z][\w'-]*")


def bare_sentences(article: Article) -> Iterator[Span]:
    """Every sentence in order, without the dateline before the first."""
    for number, (start, end) in enumerate(sentence_spans(article.text)):
        dateline = read_dateline(article.text[start:end]) if number < _DATELINE_WITHIN else None
        yield Span(article, start + dateline.end if dateline else start, end)


def standalone_sentences(article: Article) -> Iterator[Span]:
    """The sentences that can be understood alone, in order.

    Such a sentence has 7 to 40 words, ends in a full stop, contains a name and no broken quotation. It does not open
    with a word that refers to the sentence before, and uses no pronoun before the first name.
    """
    return (span for span in bare_sentences(article) if _stands_alone(" ".join(span.text.split())))


def _stands_alone(text: str) -> bool:
    if not SHORTEST <= len(text.split()) <= LONGEST or not text.endswith((".", '."')) or not _BEGINNING.match(text):
        return False
    if text.count('"') % 2 or text.count("(") != text.count(")") or _PAGE.search(text):
        return False
    if _LEANING.match(text) or _DEMONSTRATIVE.search(text) or len(stems(text)) < _FEWEST_STEMS:
        return False
    names = find_names(text)
    pronoun = _PRONOUN.search(text)
    return bool(names) and (not pronoun or names[0][0] < pronoun.start())


_SPEAKS = re.compile(
    rf"(?<![\w-])(?P<surname>[A-Z][\w'’-]+) (?:also |later )?(?:{any_of(SAID)}"
    r"|thanked|joked|spoke)\b"
)
_IS_SOMEBODY = re.compile(r", (?:\d\d,|who\b)")
_ORGANISATION = re.compile(
    r"(?:council|ministry|committee|commission|court|house|union|bank|party|group|university|city|states?|street|office"
    r"|agency|department|association|company|corp|inc|ltd|news|times|post|club|united|league|team|force|forces|army|police"
    r"|church|school|hospital|museum|centre|center|park|river|bay|island|islands|county|valley|airport|service|services"
    r"|works|institute|foundation|federation|organi[sz]ation|congress|senate|parliament|guard|board|trust|fund|airlines)",
    re.IGNORECASE,
)


def people(article: Article) -> list[str]:
    """Full names that the article uses for people: they say something, have an age, or are followed by "who".

    Bodies and places are also called by their last word, but with "the" before it: "the Court".
    """
    text = article.text
    speakers = {match["surname"] for match in _SPEAKS.finditer(text)}
    found: dict[str, bool] = {}
    for start, end in find_names(text):
        name = text[start:end]
        found[name] = found.get(name, False) or name.split()[-1] in speakers or bool(_IS_SOMEBODY.match(text, end))
    return [name for name, is_person in found.items() if is_person and _is_full_name(name, text)]


def _is_full_name(name: str, text: str) -> bool:
    *first, surname = name.split()
    if not 1 <= len(first) <= 3 or not _SURNAME.fullmatch(surname) or country(surname.lower()):
        return False
    return not (_ORGANISATION.fullmatch(surname) or f"the {surname}" in text or f"The {surname}" in text)


_SURNAME = re.compile(r"[A-Z][a-zA-Z'’-]*[a-z]{2,}")
