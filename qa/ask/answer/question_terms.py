"""A question taken apart: its words, how much each says, and what kind of answer it expects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from qa.ask.answer.answer_type import Expectation, expect
from qa.ask.answer.sentences import term_of
from qa.language.text import STOPWORDS, WORD, words


@dataclass(frozen=True, slots=True)
class TermWeights:
    """How much a word of a question tells, as counted in training."""

    idf: Mapping[str, float] = field(default_factory=dict)
    """Inverse document frequency of a frequent term, over sentences of news."""
    unseen: float = 10.0
    """The same for a term that is not in the table."""
    repeated: Mapping[str, float] = field(default_factory=dict)
    """How often an answer repeats a term of its question, 0 to 1, for terms that were asked often."""
    usually: float = 0.7
    """The same for a term that is not in the table."""

    def weight(self, term: str) -> float:
        """How much a term of a question tells about where its answer is."""
        return self.idf.get(term, self.unseen) * self.repeated.get(term, self.usually)


@dataclass(frozen=True, slots=True)
class QuestionTerms:
    """A question taken apart."""

    text: str
    terms: tuple[str, ...]
    """Of its words without stopwords, in order, each once."""
    words: tuple[str, ...]
    """The first word of each term, in lower case."""
    weights: Mapping[str, float]
    """How much each term tells: a rare word much, a word that answers seldom repeat little."""
    idf: Mapping[str, float]
    """Inverse document frequency of each term, over sentences of news."""
    names: frozenset[str]
    """Terms written with a capital inside the question."""
    numbers: frozenset[str]
    expectation: Expectation

    @property
    def common(self) -> frozenset[str]:
        """Terms that are neither names nor numbers: what is asked about them."""
        return frozenset(self.terms) - self.names - self.numbers

    @property
    def spans_articles(self) -> bool:
        """True for a question that compares things which different articles may report."""
        return bool(_SIDE_BY_SIDE.search(self.text))

    @property
    def asks_for_account(self) -> bool:
        """True for a question that no single sentence answers: what happened, a summary, a course of events."""
        return bool(_ACCOUNT.search(self.text))


_ACCOUNT = re.compile(
    r"\b(?:summar\w+|sum(?:ming)? up|overview|recap|rundown|what happened|what(?:'s| is| has been) happening"
    r"|what (?:do|did) we know|timeline|chronology|in order)\b",
    re.I,
)
_SIDE_BY_SIDE = re.compile(
    r"\b(?:both|compared?|comparison|differ\w*|respectively|versus|vs|each of|in common)\b", re.I
)
_ASKING = frozenset("who whom whose when where why how what which many much long name".split())


def question_terms(question: str, lexicon: TermWeights) -> QuestionTerms:
    """The question, taken apart."""
    tokens = [(match[0], word) for match in WORD.finditer(question) for word in words(match[0])]
    content = [(raw, term_of(word)) for raw, word in tokens if word not in STOPWORDS and word not in _ASKING]
    surface = {term: raw.lower() for raw, term in reversed(content)}
    terms = tuple(dict.fromkeys(term for _, term in content))
    first = tokens[0][0] if tokens else ""
    shouted = question.isupper()
    names = frozenset(term for raw, term in content if raw[0].isupper() and raw is not first and not shouted)
    numbers = frozenset(term for raw, term in content if raw[0].isdigit())
    weights = {term: lexicon.weight(term) for term in terms}
    idf = {term: lexicon.idf.get(term, lexicon.unseen) for term in terms}
    return QuestionTerms(
        question, terms, tuple(surface[term] for term in terms), weights, idf, names, numbers, expect(question)
    )
