"""The features of a sentence as the answer to a question: what it shares with the question, and where it stands."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qa.ask.answer.answer_type import KINDS, possible_answers
from qa.ask.answer.question_terms import QuestionTerms
from qa.ask.answer.sentences import LIST_LINE, PassageSentence, terms_of, title_terms
from qa.ask.answer.similarity import similarity_of
from qa.language.lexicon import DEMONSTRATIVES, POINTING_BACK, any_of
from qa.language.text import STOPWORDS
from qa.models.trees import Matrix
from qa.types import Hit

_PRONOUN = re.compile(
    rf"""["'(]*(?:{any_of((*POINTING_BACK, *DEMONSTRATIVES))}|such|both|the (?:former|latter|move"""
    r"""|decision|two|group|company|agreement|document|meeting|council|president|minister))\b""",
    re.I,
)
_BOILERPLATE = re.compile(
    r"""(?:read more|click here|sign up|subscribe|newsletter|all rights reserved|copyright|hide caption|photos?:"""
    r"""|advertisement|sponsored|related:|follow us|cookies?\b|editor's note|apologies should|share this"""
    r"""|getty images)""",
    re.I,
)

_COMPARED = """cover cover_local cover_soft cover_near cover_title cover_passage cover_previous cover_next
    heaviest_missing heaviest_missing_passage missing_count bigrams order names names_passage numbers numbers_passage
    answers answers_some nearest noun noun_near score rank lead words pronoun question boilerplate list_line novelty
    density quoted cover_common answers_many""".split()
_MEANT = """cover_rare cover_mixed cover_before soft soft_local soft_mixed soft_sharp soft_missing soft_around
    soft_title cosine cosine_around pairs place""".split()
_PLAIN = [*_COMPARED, *_MEANT]
_RELATIVE = """cover cover_local cover_soft cover_near cover_common bigrams order answers_some nearest noun noun_near
    score density cover_rare cover_mixed soft soft_local soft_mixed soft_sharp soft_around cosine cosine_around
    pairs""".split()
_GROUP = "terms sentences passages".split()
FEATURES: tuple[str, ...] = (
    *_PLAIN,
    *(f"{name}_below_best" for name in _RELATIVE),
    *_GROUP,
    *(f"asks_{kind}" for kind in KINDS),
)
COLUMN = {name: number for number, name in enumerate(FEATURES)}


def features(asked: QuestionTerms, sentences: Sequence[PassageSentence], hits: Sequence[Hit]) -> Matrix:
    """A row of FEATURES for each sentence, shape (sentences, features)."""
    if not sentences:
        return np.zeros((0, len(FEATURES)), dtype=np.float32)
    group = _Group(asked, sentences, hits)
    compared = np.array([group.row(number) for number in range(len(sentences))], dtype=np.float32)
    plain = np.column_stack([compared, _meant(asked, sentences, hits)])
    relative = [plain[:, COLUMN[name]] - plain[:, COLUMN[name]].max() for name in _RELATIVE]
    constant = [len(asked.terms), len(sentences), len(hits), *(float(asked.expectation.kind == kind) for kind in KINDS)]
    repeated = np.tile(np.array(constant, dtype=np.float32), (len(sentences), 1))
    return np.column_stack([plain, *relative, repeated]).astype(np.float32)


class _Group:
    """The sentences of one search, compared with one question and with one another."""

    def __init__(self, asked: QuestionTerms, sentences: Sequence[PassageSentence], hits: Sequence[Hit]) -> None:
        self.asked, self.sentences = asked, sentences
        wanted = frozenset(asked.terms)
        self.wanted = wanted
        self.met = [wanted.intersection(sentence.terms) for sentence in sentences]
        self.soft = [
            met | _similar(wanted - met, sentence.terms) for met, sentence in zip(self.met, sentences, strict=True)
        ]
        self.titles = [wanted & title_terms(hit.passage.article.title) for hit in hits]
        self.passages: list[frozenset[str]] = [frozenset() for _ in hits]
        for sentence, soft in zip(sentences, self.soft, strict=True):
            self.passages[sentence.passage] |= soft
        counts = Counter(term for met in self.met for term in met)
        self.local = {term: math.log(1 + (len(sentences) + 1) / (counts[term] + 0.5)) for term in asked.terms}
        self.total, self.local_total = sum(asked.weights.values()) or 1.0, sum(self.local.values()) or 1.0
        best = max((hit.score for hit in hits), default=0.0)
        self.scores = [hit.score / best if best > 0 else 1.0 for hit in hits]
        self.pairs = frozenset(zip(asked.terms, asked.terms[1:], strict=False))

    def row(self, number: int) -> list[float]:
        sentence, met, soft = self.sentences[number], self.met[number], self.soft[number]
        before, after = self._beside(number, -1), self._beside(number, 1)
        title, passage = self.titles[sentence.passage], self.passages[sentence.passage] | self.titles[sentence.passage]
        asked, text = self.asked, sentence.span.text
        positions = [i for i, term in enumerate(sentence.terms) if term in met]
        found = [sentence.terms[i] for i in positions]
        answers = self._answers(number, sentence, text) if soft or before or after else []
        content = [term for term in sentence.terms if term not in STOPWORDS]
        nouns = [i for i, term in enumerate(sentence.terms) if term in asked.expectation.nouns]
        return [
            self._share(met),
            sum(map(self.local.__getitem__, met)) / self.local_total,
            0.5 * (self._share(met) + self._share(soft)),
            self._share(soft | before | after),
            self._share(soft | title),
            self._share(passage),
            self._share(before),
            self._share(after),
            self._heaviest(self.wanted - soft),
            self._heaviest(self.wanted - passage),
            len(self.wanted - soft),
            len(self.pairs.intersection(zip(found, found[1:], strict=False))) / max(1, len(self.pairs)),
            _in_order(asked.terms, found) / max(1, len(asked.terms)),
            _part(asked.names, soft),
            _part(asked.names, passage),
            _part(asked.numbers, soft),
            _part(asked.numbers, passage),
            min(len(answers), 4),
            float(bool(answers)),
            _nearness(positions, answers),
            float(bool(nouns)),
            _nearness(nouns, answers),
            self.scores[sentence.passage],
            1 / (1 + sentence.passage),
            1 / (1 + sentence.span.start / 500),
            math.log1p(len(sentence.terms)),
            float(bool(_PRONOUN.match(text))),
            float(text.endswith("?")),
            float(bool(_BOILERPLATE.search(text))),
            float(bool(LIST_LINE.match(text))),
            sum(term not in self.wanted for term in content) / (1 + len(content)),
            len(found) / (1 + positions[-1] - positions[0]) if positions else 0.0,
            float('"' in text),
            self._share_of(asked.common, soft),
            float(asked.expectation.several and len(answers) >= 3),
        ]

    def _opens_list(self, number: int) -> bool:
        following = self.sentences[number + 1 : number + 2]
        return any(
            sentence.passage == self.sentences[number].passage and LIST_LINE.match(sentence.span.text)
            for sentence in following
        )

    def _beside(self, number: int, step: int) -> frozenset[str]:
        other = number + step
        if not 0 <= other < len(self.sentences) or self.sentences[other].passage != self.sentences[number].passage:
            return frozenset()
        return self.met[other]

    def _share(self, terms: frozenset[str]) -> float:
        """The terms' share of the question, by weight."""
        return sum(map(self.asked.weights.__getitem__, terms)) / self.total

    def _share_of(self, part: frozenset[str], terms: frozenset[str]) -> float:
        """The share of the terms `part` of the question alone; 1 where it has none."""
        weights = self.asked.weights
        return sum(weights[term] for term in part & terms) / sum(weights[term] for term in part) if part else 1.0

    def _heaviest(self, missing: frozenset[str]) -> float:
        return max((self.asked.weights[term] for term in missing), default=0.0)

    def _answers(self, number: int, sentence: PassageSentence, text: str) -> list[int]:
        """Numbers of the words where a possible answer begins; a sentence that opens a list counts as having three."""
        if text.endswith(":") and self._opens_list(number):
            return [len(sentence.terms) - 1] * 3
        spans = possible_answers(self.asked.expectation, text, sentence.span.article.date, self.wanted)
        return sorted({bisect_right(sentence.offsets, start) - 1 for start, _ in spans})


def _meant(asked: QuestionTerms, sentences: Sequence[PassageSentence], hits: Sequence[Hit]) -> Matrix:
    """The columns _MEANT: shares of the question that a sentence has, where a word near in meaning counts in part."""
    count = len(sentences)
    similarity = similarity_of(
        asked.text,
        asked.words,
        [sentence.span.text for sentence in sentences],
        [sentence.passage for sentence in sentences],
    )
    place_of = {term: place for place, term in enumerate(asked.terms)}
    held = np.zeros((count, len(asked.terms)), np.float32)
    for number, sentence in enumerate(sentences):
        held[number, [place_of[term] for term in set(sentence.terms) & place_of.keys()]] = 1
    heading = np.zeros((len(hits), len(asked.terms)), np.float32)
    for number, hit in enumerate(hits):
        heading[number, [place_of[term] for term in title_terms(hit.passage.article.title) & place_of.keys()]] = 1

    passage = np.array([sentence.passage for sentence in sentences])
    follows = np.flatnonzero(np.diff(passage) == 0)  # the sentence after it is of the same passage
    first = np.searchsorted(passage, passage)
    soft = np.maximum(held, similarity.nearest)
    sharp = np.maximum(held, np.clip((similarity.nearest - _NEAR) / (1 - _NEAR), 0, 1))
    around, before = soft.copy(), np.zeros_like(held)
    around[follows + 1] = np.maximum(around[follows + 1], _BESIDE * soft[follows])
    around[follows] = np.maximum(around[follows], _BESIDE * soft[follows + 1])
    for number in follows.tolist():
        before[number + 1] = np.maximum(before[number], held[number])

    says = np.array([asked.weights[term] for term in asked.terms], np.float32)
    rare = np.array([asked.idf[term] for term in asked.terms], np.float32)
    local = np.log(1 + (count + 1) / (held.sum(0) + 0.5)).astype(np.float32)
    missing = np.where(held > 0, 0, says)
    lacking = missing.sum(1)
    return np.column_stack(
        [
            _share(held, rare),
            _share(held, rare * local),
            _share(np.maximum(held, before), says),
            _share(soft, says),
            _share(soft, local),
            _share(soft, rare * local),
            _share(sharp, says),
            np.where(lacking > 0, (soft * missing).sum(1) / np.maximum(lacking, 1e-6), 1),
            _share(around, says),
            _share(np.maximum(soft, heading[passage]), says),
            similarity.cosine,
            similarity.cosine_around,
            _pairs(asked, sentences),
            np.log1p(np.arange(count) - first),
        ]
    )


_NEAR = 0.45
"""Cosine up to which two words are unrelated."""
_BESIDE = 0.7
"""Weight of a word in the sentence before or after."""


@np.errstate(invalid="ignore")  # BLAS flags what lies beside a small matrix, at times
def _share(held: Matrix, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(held @ weights / max(float(weights.sum()), 1e-6), np.float32)


def _pairs(asked: QuestionTerms, sentences: Sequence[PassageSentence]) -> NDArray[np.float32]:
    """The share of the question's pairs of neighbouring words, stopwords too, that each sentence has."""
    spoken = terms_of(asked.text)
    wanted = frozenset(zip(spoken, spoken[1:], strict=False))
    found = [len(wanted.intersection(zip(sentence.terms, sentence.terms[1:], strict=False))) for sentence in sentences]
    return np.asarray(np.array(found) / max(1, len(wanted)), np.float32)


def _similar(missing: frozenset[str], terms: Sequence[str]) -> frozenset[str]:
    """Those of `missing` that begin like one of `terms`: "terrorist" and "terrorism", "Russia" and "Russian"."""
    if not missing:
        return missing
    beginnings = {term[:5] for term in terms if len(term) >= 5}
    return frozenset(term for term in missing if len(term) >= 5 and term[:5] in beginnings)


def _part(wanted: frozenset[str], met: frozenset[str]) -> float:
    """The share of `wanted` that is met; -1 where nothing is wanted."""
    return len(wanted & met) / len(wanted) if wanted else -1.0


def _nearness(positions: Sequence[int], answers: Sequence[int]) -> float:
    """Highest mean closeness, 0 to 1, of one of `answers` to the words at `positions`."""
    if not positions:
        return 0.0
    return max((sum(math.exp(-abs(a - p) / 8) for p in positions) / len(positions) for a in answers), default=0.0)


def _in_order(wanted: Sequence[str], found: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(found) + 1)
    for term in wanted:
        previous = 0
        for i, other in enumerate(found, 1):
            previous, row[i] = row[i], previous + 1 if term == other else max(row[i], row[i - 1])
    return row[-1]
