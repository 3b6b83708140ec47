"""Which passages of a version say nothing that the leading version of its story does not say."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from qa.ingest.dedup.credits import is_credit_line, without_dateline
from qa.language.facts import find_facts, same
from qa.language.lexicon import NEGATIONS, RELATIVE_DAYS, WEEKDAY_NUMBERS
from qa.language.text import sentence_spans, words
from qa.types import Article

_LEFT_OUT = 0.2
"""Share of a sentence's words that a copy may leave out."""
_LONGEST = 500
"""Words from which on a sentence is a list or data, and a change in it counts as new: to compare it takes too long."""
_SHORT = 1200
"""Characters below which what an outlet says again on another day is the report of that day: a level, a rate."""
_CUT = 5
"""Words from which the last sentence of a text is known to be the beginning of another's."""
# Words that a copy may add or leave out without saying anything else, and such as it may never leave out.
_IDLE = frozenset("a an the that and also".split())
_TURNING = frozenset(
    """cannot only if unless denied denies hardly barely scarcely nearly almost allegedly reportedly may might
    could""".split()
).union(NEGATIONS)
# In a text of another day these say another day.
_RELATIVE = frozenset({*RELATIVE_DAYS, *WEEKDAY_NUMBERS, "this", "last", "next", "now"})
# "not" is a word of its own in whatever way it is written.
_NOT = re.compile(r"\b(can)'?(?:no)?t\b|\b(wo)n't\b|n't\b")
_SIGNS = re.compile(r"[%$€£¥₽₸₴₹]|(?<!\w)-(?=\d)")


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    words: tuple[str, ...]
    """Lower-case words, then the signs of money, percent and minus, which `words` leaves out."""


@dataclass(frozen=True, slots=True)
class _Lead:
    """The sentences of a leading version, and where each word stands."""

    published: dt.date | None
    sentences: list[_Sentence]
    whole: frozenset[tuple[str, ...]]
    containing: dict[str, NDArray[np.int64]]
    """Word -> the places of the sentences that contain it."""


def copied(spans: Sequence[tuple[int, int]], version: Article, lead: Article) -> list[bool]:
    """For each passage of the version (start and end offsets) whether the lead's text says all that it says.

    Each of its sentences stands in the lead, but for a few words left out and the names of who published it; a sentence
    with another number, date, name, quotation or a negation more or less does not. A sentence that reaches into a
    passage counts as part of it. A short report of the same outlet on another day is no copy, whatever it says.
    """
    if _is_of_another_day(version, lead):
        return [False] * len(spans)
    known = _lead(lead)
    ends = sentence_spans(version.text)
    new = [
        (start, end)
        for start, end in ends
        if not _says_nothing_new(version.text[start:end], end == ends[-1][1], known, version.date)
    ]
    ends_of_new = [end for _, end in new]
    after = (bisect_right(ends_of_new, start) for start, _ in spans)  # the first that ends behind the start
    return [at == len(new) or new[at][0] >= end for at, (_, end) in zip(after, spans, strict=True)]


def _is_of_another_day(version: Article, lead: Article) -> bool:
    """True for two short reports of one outlet, each with its day: the level of a lake, which stood as high before."""
    days_known = version.date and lead.date and version.date_precision == lead.date_precision == "day"
    same_outlet = version.outlet is not None and version.outlet == lead.outlet
    is_short = max(len(version.text), len(lead.text)) < _SHORT
    return bool(days_known and version.date != lead.date and same_outlet and is_short)


def _lead(article: Article) -> _Lead:
    sentences = [_sentence(article.text[start:end]) for start, end in sentence_spans(article.text)]
    places = defaultdict[str, list[int]](list)
    for at, sentence in enumerate(sentences):
        for word in set(sentence.words):
            places[word].append(at)
    containing = {word: np.array(at, np.int64) for word, at in places.items()}
    return _Lead(article.date, sentences, frozenset(sentence.words for sentence in sentences), containing)


def _sentence(text: str) -> _Sentence:
    text = without_dateline(text)
    return _Sentence(text, (*words(_NOT.sub(r"\1\2 not", text.lower())), *_SIGNS.findall(text)))


def _says_nothing_new(text: str, is_last: bool, lead: _Lead, published: dt.date | None) -> bool:
    sentence = _sentence(text)
    if not sentence.words or is_credit_line(text):
        return True
    if sentence.words in lead.whole and (published == lead.published or _RELATIVE.isdisjoint(sentence.words)):
        return True
    nearest = _nearest(sentence, lead)
    if nearest is None:
        return False
    return (is_last and _is_beginning(sentence.words, nearest.words)) or (
        _is_shortened(sentence.words, nearest.words) and _facts_hold(sentence, published, nearest, lead.published)
    )


def _nearest(sentence: _Sentence, lead: _Lead) -> _Sentence | None:
    """The sentence of the lead that contains most of the words, if it lacks at most one that says something."""
    wanted = set(sentence.words)
    found = [lead.containing[word] for word in wanted if word in lead.containing]
    if not found:
        return None
    shared = np.bincount(np.concatenate(found))
    best = int(shared.argmax())
    return lead.sentences[best] if shared[best] + len(wanted & _IDLE) + 1 >= len(wanted) else None


def _is_beginning(words: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether the words are those that a longer sentence begins with, the last perhaps cut in two."""
    last = len(words) - 1
    return _CUT <= last < len(whole) and words[:last] == whole[:last] and whole[last].startswith(words[last])


def _is_shortened(words: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether the words are those of the whole sentence in their order, but for a few that turn nothing around."""
    if len(words) > _LONGEST or len(whole) > _LONGEST:
        return False
    added, left_out = _changes(words, whole)
    return (
        _IDLE.issuperset(added)
        and len(left_out) <= _LEFT_OUT * len(whole)
        and _TURNING.isdisjoint(left_out)
        and not any(word[0].isdigit() for word in left_out)
    )


def _changes(words: Sequence[str], whole: Sequence[str]) -> tuple[list[str], list[str]]:
    """What the words add to those of the whole sentence, and what they leave out."""
    added: list[str] = []
    left_out: list[str] = []
    for change, a, b, c, d in SequenceMatcher(None, whole, words, autojunk=False).get_opcodes():
        if change != "equal":
            left_out += whole[a:b]
            added += words[c:d]
    return added, left_out


def _facts_hold(sentence: _Sentence, published: dt.date | None, nearest: _Sentence, lead: dt.date | None) -> bool:
    """Whether every number, date, name and quotation of the sentence stands in the nearest one of the lead."""
    stated = find_facts(nearest.text, lead)
    return all(any(same(fact, other) for other in stated) for fact in find_facts(sentence.text, published))
