"""Spells the misspelled names and words of a question as the articles do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
from rapidfuzz.distance import OSA

from qa.language.analyzer import folded, stem_of
from qa.language.translation import is_of_another_language
from qa.store import Articles, QueryTerm, WordIndex, WordQuery
from qa.types import Passage, Respelling

_LEAST = 5
"""Letters of a word that is respelled, at least."""
_LONG = 7
"""The same where the word does not stand beside its neighbour of the question anywhere in the articles."""
_TWO_WRONG = 8
"""Letters from which on two may be wrong."""
_TOGETHER = 0.45
"""Share of the other words of the question, by idf, that one sentence has to hold together with the word meant."""
_BESIDE = 0.1
"""The same where the articles hold the word meant beside its neighbour of the question: "Chris Christie"."""
_AHEAD = 0.1
"""By how much that share is ahead of the one of the next word that may be meant."""
_LONGEST_NAME = 40
"""Letters of a name that may be two; what is longer is no name, and each place to part it is a search."""
_LEAST_PART = 4
"""Letters of each of the two names that were written as one."""
_OFTEN = 3
"""Passages that hold a common word beside its neighbour, or a name that stands alone in its question, at least."""
_RARE = 20
"""Passages that hold a word, at most, which may still be a misspelled name: "Arden" where Ardern is meant."""
_MOST_OF_IT = 0.3
"""Share of the passages with a neighbour, at least, that have the name beside it: "Jacinda" is nearly always Ardern."""
_BESIDE_NAME = 4
"""Letters of a word that is respelled by its neighbour, at least."""
_ROUNDS = 3
"""How often a question is read, each time with the words that were mended."""
_LOOKED_AT = 20
"""Passages with the word meant that are compared with the question."""
_WORD = re.compile(r"[^\W\d_]+")


def respelled(
    text: str, index: WordIndex, articles: Articles, is_known: Callable[[str], bool]
) -> tuple[str, tuple[Respelling, ...]]:
    """The question with each misspelled word as the articles spell it, and what was respelled.

    Only a word that no article holds in any form, that is no known word of English (`is_known`, in lower case) and
    that is not in quotes. It has to begin with the right letter, and what it is taken for has to stand in one sentence
    with other words of the question: a right word that is merely absent must stay. A rare word is a misspelled name
    too where the articles have another name beside its neighbour, and never the word.
    """
    found = list[Respelling]()
    for _ in range(_ROUNDS):  # a word that is mended may tell of its neighbour
        before = text
        for term, meant in list(_misspelled(text, index, articles, is_known)):
            text, typed = _with(text, term.word, meant)
            found += [Respelling(typed, meant)] if typed else []
        if text == before:
            break
    return text, tuple(found)


def _misspelled(
    text: str, index: WordIndex, articles: Articles, is_known: Callable[[str], bool]
) -> Iterator[tuple[QueryTerm, str]]:
    """The misspelled words, each with what is meant."""
    query = index.query(text)
    for term in query.terms:
        if term.phrase >= 0 or (not term.is_held and _is_word(term.word, is_known)):
            continue
        meant = ""
        if not term.is_held and len(term.word) >= _LEAST:
            meant = _meant(term, query, index, articles) or _apart(term, index, articles)
        if meant := meant or _beside_neighbour(term, query, index, articles):
            yield term, meant


def _is_word(word: str, is_known: Callable[[str], bool]) -> bool:
    """True for a known word, in British spelling too, and for one of another language."""
    if is_of_another_language(word):
        return True
    american = word.replace("our", "or").replace("isi", "izi").replace("ise", "ize").replace("isa", "iza")
    return any(map(is_known, (word, american, stem_of(american, "en"), american.removesuffix("s"))))


def _meant(term: QueryTerm, query: WordQuery, index: WordIndex, articles: Articles) -> str:
    """The word that a misspelled one is taken for, as the articles write it; empty where none is near enough."""
    others = tuple(other for other in query.terms if other is not term and other.tokens)
    told: list[tuple[int, float, str, list[int]]] = []
    for word in term.meant:
        if word[:1] == folded(term.word)[:1]:
            ids = _holding(word, term, query, index, others)
            share = max(index.coverage(replace(query, terms=others), ids).values(), default=0.0) if others else 0.0
            told.append((_beside(word, term, query, index), share, word, ids))
    told.sort(key=lambda one: (-bool(one[0]), -one[1]))
    if not told:
        return ""
    beside, share, word, ids = told[0]
    if any(bool(other[0]) == bool(beside) and share - other[1] < _AHEAD for other in told[1:]):
        return ""
    written = _written(term.word, word, articles.passages(ids).values())
    is_name = written[:1].isupper()
    if not written or (term.kind == "name" and not is_name):
        return ""
    if not others:
        is_meant = is_name and len(term.word) >= _TWO_WRONG and len(ids) >= _OFTEN
    elif beside:
        is_meant = share >= _BESIDE and (is_name or beside >= _OFTEN)
    else:
        is_meant = share >= _TOGETHER and len(term.word) >= _LONG
    return written if is_meant else ""


def _apart(term: QueryTerm, index: WordIndex, articles: Articles) -> str:
    """A long name that is two, as the articles write it: "Kara-Murza" for "karamurza"; empty where it is none."""
    word = term.word
    if not _TWO_WRONG <= len(word) <= _LONGEST_NAME or not word.isalpha():
        return ""
    for at in range(_LEAST_PART, len(word) - _LEAST_PART + 1):
        rows = index.phrase_rows(f'"{word[:at]} {word[at:]}"')
        if rows is not None and rows.any():
            ids = [int(id_) for id_ in index.passage_ids[rows][:_LOOKED_AT]]
            parts = re.compile(rf"\b{word[:at]}\W{word[at:]}\b", re.IGNORECASE)
            said = Counter(
                match[0] for passage in articles.passages(ids).values() for match in parts.finditer(passage.text)
            )
            name = next((name for name, _ in said.most_common(1)), "")
            if name[:1].isupper() and name[at + 1 :][:1].isupper():
                return name
    return ""


def _beside_neighbour(term: QueryTerm, query: WordQuery, index: WordIndex, articles: Articles) -> str:
    """The name that the articles have beside the neighbour of a rare word, as they write it; empty where none is sure.

    It is sure where the neighbour hardly ever has another one, or a sentence holds it with the rest of the question.
    """
    typed = folded(term.word)
    held = index.frequency(term)
    if len(typed) < _BESIDE_NAME or term.kind == "number" or held > _RARE or _beside(typed, term, query, index):
        return ""
    counts = [(_beside(word, term, query, index), word) for word in index.near(typed) if index.frequency(word) > held]
    often = sorted((one for one in counts if one[0] >= _OFTEN), reverse=True)
    if not often or (len(often) > 1 and often[0][0] < 2 * often[1][0]):
        return ""
    count, word = often[0]
    others = tuple(other for other in query.terms if other is not term and other.tokens)
    ids = _holding(word, term, query, index, others)
    share = max(index.coverage(replace(query, terms=others), ids).values(), default=0.0)
    alone = min((index.frequency(name) for other in _neighbours(term, query) for name in _spelled(other)), default=0)
    if share < _TOGETHER and count < _MOST_OF_IT * alone:
        return ""
    written = _written(typed, word, articles.passages(ids).values(), most=2)
    return written if written[:1].isupper() and not written.isupper() else ""


def _neighbours(term: QueryTerm, query: WordQuery) -> list[QueryTerm]:
    return [other for other in query.terms if other.tokens and abs(other.position - term.position) == 1]


def _spelled(term: QueryTerm) -> tuple[str, ...]:
    """The word, or those that it may be a misspelling of."""
    return term.meant or (term.word,)


def _beside(word: str, term: QueryTerm, query: WordQuery, index: WordIndex) -> int:
    """How many passages hold the word beside its neighbour of the question, as that was typed or is meant."""
    count = 0
    for other in _neighbours(term, query):
        for neighbour in _spelled(other):
            pair = (neighbour, word) if other.position < term.position else (word, neighbour)
            rows = index.phrase_rows(index.query(f'"{" ".join(pair)}"', query.language))
            count = max(count, 0 if rows is None else int(rows.sum()))
    return count


def _holding(
    word: str, term: QueryTerm, query: WordQuery, index: WordIndex, others: tuple[QueryTerm, ...]
) -> list[int]:
    """Ids of the best passages that hold the word, by all words of the question."""
    token = query.vocabulary[word]
    meant = replace(term, tokens=(token,), weights=(1.0,), idf=index.idf_of(token), meant=())
    holding = index.scores(replace(query, terms=(meant,))) > 0
    scores = np.where(holding, index.scores(replace(query, terms=(*others, meant))), -np.inf)
    best = np.argsort(-scores, kind="stable")[: min(_LOOKED_AT, int(holding.sum()))]
    return [int(id_) for id_ in index.passage_ids[best]]


def _written(typed: str, token: str, passages: Iterable[Passage], most: int = 0) -> str:
    """The word of the vocabulary as most of the passages write it, in the form nearest to what was typed.

    At most so many letters apart; by default two of a long word and one of a short one.
    """
    said = Counter(match[0] for passage in passages for match in _WORD.finditer(passage.text))
    near: list[tuple[int, bool, int, str]] = []
    for one, count in said.items():
        small = folded(one.lower())
        if token in (small, stem_of(small, "en")):
            near.append((OSA.distance(folded(typed), small), small[-1:] != typed[-1:], -count, one))
    distance, _, _, written = min(near, default=(_TWO_WRONG, False, 0, ""))
    return written if distance <= (most or (2 if len(typed) >= _TWO_WRONG else 1)) else ""


def _with(text: str, typed: str, meant: str) -> tuple[str, str]:
    """The text with the word meant in place of the one typed, and that as it stood there."""
    at = next((match for match in _WORD.finditer(text) if match[0].lower() == typed), None)
    return (text[: at.start()] + meant + text[at.end() :], at[0]) if at else (text, "")
