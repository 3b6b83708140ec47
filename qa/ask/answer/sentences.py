"""The sentences of the passages found, taken apart into terms, which are compared with those of a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa.language.lexicon import COUNTS
from qa.language.text import REMEMBERED, WORD, sentence_spans, stem, words
from qa.types import Hit, Passage, Span

# Forms whose stems differ: an article says "won" where a question says "win".
_FORMS = """
become became: begin began begun: break broke broken: bring brought: build built: buy bought: catch caught: choose
chose chosen choice: come came: die died death dead dying: draw drew drawn: drive drove driven: eat ate eaten: fall
fell fallen: feel felt: fight fought: find found: fly flew flown flight: forget forgot forgotten: get got gotten:
give gave given: go went gone: grow grew grown growth: hear heard: hide hid hidden: hold held: keep kept: know knew
known: lay laid: lead led: leave left: lend lent: lose lost loss: make made: marry married marriage wife husband:
mean meant: meet met: pay paid: ride rode ridden: ring rang rung: rise rose risen: run ran: sell sold sale: send
sent: shake shook shaken: shoot shot: sing sang sung singer song: sink sank sunk: sit sat: speak spoke spoken
speech: spend spent: stand stood: steal stole stolen: strike struck: swear swore sworn: swim swam swum: take took
taken: teach taught: tell told: think thought: throw threw thrown: understand understood: wake woke woken: wear wore
worn: win won winner: write wrote written
"""
_SAME = {stem(form): stem(sentence.split()[0]) for sentence in _FORMS.split(":") for form in sentence.split()[1:]} | {
    stem(word): str(number) for word, number in COUNTS.items()
}

_AMERICAN = {"our": "or", "is": "iz", "centr": "center", "theatr": "theater", "defenc": "defens", "programm": "program"}
_BRITISH = re.compile(r"(?<=\w{3})(?:our|is)$|^(?:centr|theatr|defenc|programm)$")
LIST_LINE = re.compile(r"\s*(?:[-–—•*·]|\(?\d{1,2}[.)])\s*\S")


@lru_cache(maxsize=REMEMBERED)
def term_of(word: str) -> str:
    """The form that a word shares with those an answer may use in its place: a stem, or a base for irregular verbs."""
    stemmed = _BRITISH.sub(lambda match: _AMERICAN[match[0]], stem(word)) if len(word) > 5 else stem(word)
    return _SAME.get(stemmed, stemmed)


def terms_of(text: str) -> tuple[str, ...]:
    """The term of every word of `text`, in order."""
    return tokens_of(text)[0]


@lru_cache(maxsize=1024)  # the sentences of a question are asked for several times
def tokens_of(text: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The term of every word of `text` and where the word begins."""
    tokens = [(term, match.start()) for match in WORD.finditer(text) for term in _terms(match[0])]
    return tuple(term for term, _ in tokens), tuple(at for _, at in tokens)


@lru_cache(maxsize=REMEMBERED)
def _terms(token: str) -> tuple[str, ...]:
    return tuple(term_of(word) for word in words(token))


@lru_cache(maxsize=10_000)
def title_terms(title: str) -> frozenset[str]:
    """The terms of a title."""
    return frozenset(terms_of(title))


# --- the sentences ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PassageSentence:
    """A sentence of a passage, taken apart."""

    span: Span
    passage: int
    """Which of the hits it comes from, counted from 0."""
    terms: tuple[str, ...]
    """Of every word in order, stopwords too."""
    offsets: tuple[int, ...]
    """Where each word begins in the text of the span."""

    @property
    def title(self) -> frozenset[str]:
        """Terms of the title of its article."""
        return title_terms(self.span.article.title)


def sentences_of_hits(hits: Sequence[Hit]) -> list[PassageSentence]:
    """Every sentence of the passages once, in the order of the hits."""
    seen: set[tuple[str, int, int]] = set()
    sentences: list[PassageSentence] = []
    for number, hit in enumerate(hits):
        for sentence in _passage_sentences(hit.passage, number):
            key = (sentence.span.article.id, sentence.span.start, sentence.span.end)
            if key not in seen:
                seen.add(key)
                sentences.append(sentence)
    return sentences


def _passage_sentences(passage: Passage, number: int) -> list[PassageSentence]:
    return [
        dissect(Span(passage.article, passage.start + start, passage.start + end), number)
        for start, end in sentence_spans(passage.text)
    ]


def dissect(span: Span, passage: int) -> PassageSentence:
    """The sentence at `span`, of passage number `passage`."""
    terms, offsets = tokens_of(span.text)
    return PassageSentence(span, passage, terms, offsets)
