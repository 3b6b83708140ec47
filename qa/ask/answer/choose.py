"""Which sentences make the answer: the best, what belongs to it, and those that say what it leaves open."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from qa.ask.answer.features import COLUMN
from qa.ask.answer.question_terms import QuestionTerms
from qa.ask.answer.sentences import LIST_LINE, PassageSentence
from qa.ask.answer.short import short_answers
from qa.ask.answer.table import table_heads
from qa.language.facts import find_facts
from qa.language.lexicon import DEMONSTRATIVES, POINTING_BACK, SAID, any_of
from qa.language.names import find_names
from qa.language.text import STOPWORDS, sentence_spans
from qa.models.trees import Matrix
from qa.types import Article, Claim, Span


@dataclass(frozen=True, slots=True)
class Scored:
    """Every sentence that was found for a question, with its features and its score."""

    asked: QuestionTerms
    sentences: Sequence[PassageSentence]
    rows: Matrix
    """FEATURES of each sentence, shape (sentences, features)."""
    scores: NDArray[np.float64]
    """Log-odds that each sentence answers."""

    @property
    def order(self) -> list[int]:
        """Numbers of the sentences, best first."""
        return [int(number) for number in np.argsort(-self.scores, kind="stable")]

    def column(self, name: str) -> NDArray[np.float32]:
        """One of FEATURES, of every sentence."""
        return self.rows[:, COLUMN[name]]


ENOUGH = 0.8
"""How likely one of the chosen sentences has to answer, for no more to be added."""
WORTH, WORTH_IN_ACCOUNT = 0.2, 0.1
"""How likely a further sentence has to answer, as a share of how likely the best one does; and in an account."""


def chosen(scored: Scored, limit: int) -> list[int]:
    """Numbers of the sentences that make the answer, best first, at most `limit`, no two alike.

    The best one alone where it is likely to answer; else further ones, until it is likely that one of them does.
    """
    said: list[int] = []
    for number in scored.order:
        if said and (len(said) >= limit or not _is_open(scored, said, number)):
            break
        if not any(alike(scored.sentences[number], scored.sentences[other]) for other in said):
            said.append(number)
    return said


def covered(scored: Scored, said: Sequence[int]) -> float:
    """How likely at least one of these sentences answers, 0 to 1, as if they were independent of each other."""
    return float(1 - np.prod(expit(-scored.scores[list(said)])))


def choose(scored: Scored, limit: int) -> list[Claim]:
    """The claims of the answer in reading order, at most `limit`; a list counts as one."""
    spans: list[Span] = []
    for number in chosen(scored, limit):
        sentence = scored.sentences[number]
        if len(spans) < limit and not any(_within(sentence.span, span) for span in spans):
            spans += _with_what_belongs_to_it(sentence, scored.asked)
    return claims_of(scored, _in_reading_order(spans))


def _is_open(scored: Scored, said: Sequence[int], number: int) -> bool:
    """True where a further sentence is worth its place behind those that were said."""
    asked = scored.asked
    least = WORTH_IN_ACCOUNT if asked.asks_for_account else WORTH
    is_worth_it = bool(expit(scored.scores[number]) >= least * expit(scored.scores[said[0]]))
    return is_worth_it and (asked.spans_articles or asked.asks_for_account or covered(scored, said) < ENOUGH)


def claims_of(scored: Scored, spans: Sequence[Span]) -> list[Claim]:
    """A claim per span: its words, the copies of it that were found too, and the few words that are the answer."""
    return [
        Claim(
            span.text,
            (span, *_copies(span, scored.sentences)),
            "" if not number else "\n" if "\n" in span.text or span.start in table_heads(span.article) else " ",
            bold=() if "\n" in span.text else short_answers(scored.asked, span.text, span.article.date),
        )
        for number, span in enumerate(spans)
    ]


# --- what says the same ----------------------------------------------------------------------------------------------


def alike(a: PassageSentence, b: PassageSentence) -> bool:
    """True for two sentences of nearly the same words, such as copies of one agency text."""
    mine, theirs = set(a.terms) - STOPWORDS, set(b.terms) - STOPWORDS
    return len(mine & theirs) > 0.7 * min(len(mine), len(theirs))


_MOST_COPIES = 2


def _copies(span: Span, sentences: Sequence[PassageSentence]) -> Iterator[Span]:
    """The same statement in other articles of its day: nearly all its words, and every number and name."""
    own = next((sentence for sentence in sentences if sentence.span == span), None)
    if own is None or len(own.terms) < 5:
        return
    articles = {span.article.id}
    for sentence in sentences:
        if len(articles) > _MOST_COPIES:
            return
        if sentence.span.article.id not in articles and _is_copy(own, sentence):
            articles.add(sentence.span.article.id)
            yield sentence.span


def _is_copy(a: PassageSentence, b: PassageSentence) -> bool:
    if not _are_of_one_day(a.span.article.date, b.span.article.date):
        return False  # the weather may be the same on two days
    mine, theirs = set(a.terms), set(b.terms)
    return len(mine & theirs) >= 0.85 * len(mine | theirs) and _facts(a.span) == _facts(b.span)


def _are_of_one_day(a: dt.date | None, b: dt.date | None) -> bool:
    """True for two days of which one may be the other in another time zone; also where one is not known."""
    return a is None or b is None or abs((a - b).days) <= 1


@lru_cache(maxsize=1024)
def _facts(span: Span) -> frozenset[tuple[str, str]]:
    return frozenset((fact.kind, fact.text.lower()) for fact in find_facts(span.text, span.article.date))


# --- what belongs to a sentence --------------------------------------------------------------------------------------


def _with_what_belongs_to_it(sentence: PassageSentence, asked: QuestionTerms) -> list[Span]:
    """The sentence with the list that it opens or is part of, the head of its table, or who its pronoun means."""
    article = sentence.span.article
    if head := table_heads(article).get(sentence.span.start):
        return [Span(article, *head), sentence.span]
    spans = article_spans(article)
    at = next((n for n, (start, end) in enumerate(spans) if start <= sentence.span.start < end), None)
    if at is None:
        return [sentence.span]
    if (asked.expectation.several or sentence.span.text.endswith(":")) and (run := _list_around(article, spans, at)):
        return [Span(article, spans[run[0]][0], spans[run[-1]][1])]
    if at and _needs_antecedent(asked, sentence):
        return [Span(article, *spans[at - 1]), sentence.span]
    return [sentence.span]


_POINTS_BACK = re.compile(
    rf"""["'(]*(?:{any_of(POINTING_BACK)}|{any_of(DEMONSTRATIVES)}"""
    r"""(?! (?:year|month|week|day|morning|evening)))\b""",
    re.I,
)


def points_back(text: str) -> bool:
    """Whether a sentence begins with a word that stands for what the one before named."""
    return bool(_POINTS_BACK.match(text))


_SOMEBODY_SAID = re.compile(rf"""["'],? (?:he|she|they) {any_of(SAID)}\b""")


def _needs_antecedent(asked: QuestionTerms, sentence: PassageSentence) -> bool:
    """True where the sentence has a pronoun, and the question does not give the name that the reader needs."""
    text = sentence.span.text
    if asked.expectation.kind == "person" and _SOMEBODY_SAID.search(text):
        return not find_names(text)
    if not points_back(text):
        return False
    missing = set(asked.terms).difference(sentence.terms)
    return asked.expectation.kind == "person" or any(asked.weights[term] > 4 for term in missing)


_LONGEST_LIST = 20
_ITEM_WORDS = 6
"""Words, at most, of an item that has neither a bullet nor a full stop."""


def _is_item(text: str, start: int, end: int) -> bool:
    """Whether the sentence has a bullet or a number before it, or is a few words that are a line of their own."""
    sentence = text[start:end]
    if LIST_LINE.match(sentence):
        return True
    is_line = "\n" in text[max(0, start - 2) : start] and text[end : end + 1] in ("", "\n")
    return is_line and len(sentence.split()) <= _ITEM_WORDS and sentence[-1] not in ".?!:"


def _list_around(article: Article, spans: Sequence[tuple[int, int]], at: int) -> list[int]:
    """Numbers of the list items around sentence `at` or right after it, with the sentence that opens the list."""
    is_item = [_is_item(article.text, start, end) for start, end in spans]
    first = at if is_item[at] else at + 1
    if first >= len(spans) or not is_item[first]:
        return []
    while first and is_item[first - 1]:
        first -= 1
    last = first
    while last + 1 < len(spans) and is_item[last + 1]:
        last += 1
    if last - first < 2 and not LIST_LINE.match(article.text[slice(*spans[first])]):
        return []  # one or two short lines may be headings
    opens = first and (article.text[slice(*spans[first - 1])].endswith(":") or first - 1 == at)
    return list(range(first - 1 if opens else first, last + 1))[:_LONGEST_LIST]


@lru_cache(maxsize=64)
def article_spans(article: Article) -> tuple[tuple[int, int], ...]:
    """Where each sentence of an article begins and ends."""
    return tuple(sentence_spans(article.text))


def _within(span: Span, other: Span) -> bool:
    return span.article.id == other.article.id and other.start <= span.start and span.end <= other.end


def _in_reading_order(spans: Sequence[Span]) -> list[Span]:
    unique = list(dict.fromkeys(spans))
    articles = list(dict.fromkeys(span.article.id for span in unique))
    return sorted(unique, key=lambda span: (articles.index(span.article.id), span.start))
