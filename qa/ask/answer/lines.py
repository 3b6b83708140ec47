"""The sentences of the passages that were found, taken apart into terms: what words of a question are compared with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa.language.lexicon import COUNTS
from qa.language.text import WORD, sentence_spans, stem, words
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
_SAME = {stem(form): stem(line.split()[0]) for line in _FORMS.split(":") for form in line.split()[1:]} | {
    stem(word): str(number) for word, number in COUNTS.items()
}

_AMERICAN = {"our": "or", "is": "iz", "centr": "center", "theatr": "theater", "defenc": "defens", "programm": "program"}
_BRITISH = re.compile(r"(?<=\w{3})(?:our|is)$|^(?:centr|theatr|defenc|programm)$")
LIST_LINE = re.compile(r"\s*(?:[-–—•*·]|\(?\d{1,2}[.)])\s*\S")


@lru_cache(maxsize=200_000)
def term_of(word: str) -> str:
    """What two words have in common that a question and its answer may use for one another."""
    stemmed = _BRITISH.sub(lambda match: _AMERICAN[match[0]], stem(word)) if len(word) > 5 else stem(word)
    return _SAME.get(stemmed, stemmed)


def terms_of(text: str) -> tuple[str, ...]:
    """The term of every word of `text`, in order."""
    return tokens_of(text)[0]


@lru_cache(maxsize=4096)
def tokens_of(text: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The term of every word of `text` and where the word begins."""
    tokens = [(term, match.start()) for match in WORD.finditer(text) for term in _terms(match[0])]
    return tuple(term for term, _ in tokens), tuple(at for _, at in tokens)


@lru_cache(maxsize=200_000)
def _terms(token: str) -> tuple[str, ...]:
    return tuple(term_of(word) for word in words(token))


@lru_cache(maxsize=10_000)
def title_terms(title: str) -> frozenset[str]:
    """The terms of a title."""
    return frozenset(terms_of(title))


# --- the sentences ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a passage that was found, taken apart."""

    span: Span
    passage: int
    """Which of the hits it comes from, counted from 0."""
    terms: tuple[str, ...]
    """Of every word, stopwords too, in order."""
    offsets: tuple[int, ...]
    """Of every word in the text of the span."""

    @property
    def title(self) -> frozenset[str]:
        """Terms of the title of its article."""
        return title_terms(self.span.article.title)


def lines_of(hits: Sequence[Hit]) -> list[Line]:
    """Every sentence of the passages once, in the order of the hits."""
    seen: set[tuple[str, int, int]] = set()
    lines: list[Line] = []
    for number, hit in enumerate(hits):
        for line in _passage_lines(hit.passage, number):
            key = (line.span.article.id, line.span.start, line.span.end)
            if key not in seen:
                seen.add(key)
                lines.append(line)
    return lines


def _passage_lines(passage: Passage, number: int) -> list[Line]:
    return [
        dissect(Span(passage.article, passage.start + start, passage.start + end), number)
        for start, end in sentence_spans(passage.text)
    ]


def dissect(span: Span, passage: int) -> Line:
    """The sentence at `span`, of passage number `passage`."""
    terms, offsets = tokens_of(span.text)
    return Line(span, passage, terms, offsets)
