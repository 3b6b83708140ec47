"""What speaks for each sentence of the passages as the answer to a question, as numbers."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from qa.expect import KINDS, Expectation, expect, possible_answers
from qa.models.trees import Matrix
from qa.text import STOPWORDS, sentence_spans, stem, words
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
_NUMERALS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty"""
_SAME = {stem(form): stem(line.split()[0]) for line in _FORMS.split(":") for form in line.split()[1:]} | {
    stem(word): str(number) for number, word in enumerate(_NUMERALS.split())
}

_AMERICAN = {"our": "or", "is": "iz", "centr": "center", "theatr": "theater", "defenc": "defens", "programm": "program"}
_BRITISH = re.compile(r"(?<=\w{3})(?:our|is)$|^(?:centr|theatr|defenc|programm)$")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)?|\w+")
_PRONOUN = re.compile(
    r"""["'(]*(?:he|she|it|they|this|that|these|those|his|her|its|their|such|both|the (?:former|latter|move"""
    r"""|decision|two|group|company|agreement|document|meeting|council|president|minister))\b""",
    re.I,
)
LIST_LINE = re.compile(r"\s*(?:[-–—•*·]|\(?\d{1,2}[.)])\s*\S")
_BOILERPLATE = re.compile(
    r"""(?:read more|click here|sign up|subscribe|newsletter|all rights reserved|copyright|hide caption|photos?:"""
    r"""|advertisement|sponsored|related:|follow us|cookies?\b|editor's note|apologies should|share this"""
    r"""|getty images)""",
    re.I,
)


@lru_cache(maxsize=200_000)
def _term(word: str) -> str:
    """What two words have in common that a question and its answer may use for one another."""
    stemmed = _BRITISH.sub(lambda match: _AMERICAN[match[0]], stem(word)) if len(word) > 5 else stem(word)
    return _SAME.get(stemmed, stemmed)


def terms_of(text: str) -> tuple[str, ...]:
    """The term of every word of `text`, in order."""
    return _tokens(text)[0]


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    tokens = [(term, match.start()) for match in _TOKEN.finditer(text) for term in _terms(match[0])]
    return tuple(term for term, _ in tokens), tuple(at for _, at in tokens)


@lru_cache(maxsize=200_000)
def _terms(token: str) -> tuple[str, ...]:
    return tuple(_term(word) for word in words(token))


@lru_cache(maxsize=10_000)
def _title_terms(title: str) -> frozenset[str]:
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
        return _title_terms(self.span.article.title)


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
    terms, offsets = _tokens(span.text)
    return Line(span, passage, terms, offsets)


# --- the question ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What training counted about words."""

    rarity: Mapping[str, float] = field(default_factory=dict)
    """Inverse document frequency of a frequent term, over sentences of news."""
    unseen: float = 10.0
    """The same for a term that is not in the table."""
    repeated: Mapping[str, float] = field(default_factory=dict)
    """How often an answer repeats a term of its question, 0 to 1, for terms that were asked often."""
    usually: float = 0.7
    """The same for a term that is not in the table."""

    def weight(self, term: str) -> float:
        """How much a term of a question says about where its answer stands."""
        return self.rarity.get(term, self.unseen) * self.repeated.get(term, self.usually)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question taken apart."""

    text: str
    terms: tuple[str, ...]
    """Of its words but stopwords, in order, each once."""
    weights: Mapping[str, float]
    """How much each term says: rare words much, words that answers seldom repeat little."""
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
        """Whether the question sets things side by side that different articles may tell of."""
        return bool(_SIDE_BY_SIDE.search(self.text))

    @property
    def open_ended(self) -> bool:
        """Whether more than one sentence may belong to the answer."""
        return self.expectation.several or self.expectation.kind in ("reason", "manner", "statement")


_SIDE_BY_SIDE = re.compile(
    r"\b(?:both|compared?|comparison|differ\w*|respectively|versus|vs|each of|in common)\b", re.I
)
_ASKING = frozenset("who whom whose when where why how what which many much long name".split())


def take_apart(question: str, lexicon: Lexicon) -> Asked:
    """The question as the features see it."""
    tokens = [(match[0], word) for match in _TOKEN.finditer(question) for word in words(match[0])]
    content = [(raw, _term(word)) for raw, word in tokens if word not in STOPWORDS and word not in _ASKING]
    terms = tuple(dict.fromkeys(term for _, term in content))
    first = tokens[0][0] if tokens else ""
    shouted = question.isupper()
    names = frozenset(term for raw, term in content if raw[0].isupper() and raw is not first and not shouted)
    numbers = frozenset(term for raw, term in content if raw[0].isdigit())
    weights = {term: lexicon.weight(term) for term in terms}
    return Asked(question, terms, weights, names, numbers, expect(question))


# --- the features of a sentence --------------------------------------------------------------------------------------

_PLAIN = """cover cover_local cover_soft cover_near cover_title cover_passage cover_previous cover_next heaviest_missing
    heaviest_missing_passage missing_count bigrams order names names_passage numbers numbers_passage answers
    answers_some nearest noun noun_near score rank lead words pronoun question boilerplate list_line novelty density
    quoted cover_common answers_many""".split()
_RELATIVE = (
    "cover cover_soft cover_near cover_common bigrams order answers_some nearest noun_near score density".split()
)
_GROUP = "terms sentences passages".split()
FEATURES: tuple[str, ...] = (
    *_PLAIN,
    *(f"{name}_below_best" for name in _RELATIVE),
    *_GROUP,
    *(f"asks_{kind}" for kind in KINDS),
)
COLUMN = {name: number for number, name in enumerate(FEATURES)}


def features(asked: Asked, lines: Sequence[Line], hits: Sequence[Hit]) -> Matrix:
    """A row of FEATURES per line, shape (lines, features)."""
    if not lines:
        return np.zeros((0, len(FEATURES)), dtype=np.float32)
    group = _Group(asked, lines, hits)
    plain = np.array([group.row(number) for number in range(len(lines))], dtype=np.float32)
    relative = [plain[:, COLUMN[name]] - plain[:, COLUMN[name]].max() for name in _RELATIVE]
    constant = [len(asked.terms), len(lines), len(hits), *(float(asked.expectation.kind == kind) for kind in KINDS)]
    repeated = np.tile(np.array(constant, dtype=np.float32), (len(lines), 1))
    return np.column_stack([plain, *relative, repeated]).astype(np.float32)


class _Group:
    """The sentences of one search, compared with one question and with one another."""

    def __init__(self, asked: Asked, lines: Sequence[Line], hits: Sequence[Hit]) -> None:
        self.asked, self.lines = asked, lines
        wanted = frozenset(asked.terms)
        self.wanted = wanted
        self.met = [wanted.intersection(line.terms) for line in lines]
        self.soft = [met | _similar(wanted - met, line.terms) for met, line in zip(self.met, lines, strict=True)]
        self.titles = [wanted & _title_terms(hit.passage.article.title) for hit in hits]
        self.passages: list[frozenset[str]] = [frozenset() for _ in hits]
        for line, soft in zip(lines, self.soft, strict=True):
            self.passages[line.passage] |= soft
        counts = Counter(term for met in self.met for term in met)
        self.local = {term: math.log(1 + (len(lines) + 1) / (counts[term] + 0.5)) for term in asked.terms}
        self.total, self.local_total = sum(asked.weights.values()) or 1.0, sum(self.local.values()) or 1.0
        best = max((hit.score for hit in hits), default=0.0)
        self.scores = [hit.score / best if best > 0 else 1.0 for hit in hits]
        self.pairs = frozenset(zip(asked.terms, asked.terms[1:], strict=False))

    def row(self, number: int) -> list[float]:
        line, met, soft = self.lines[number], self.met[number], self.soft[number]
        before, after = self._beside(number, -1), self._beside(number, 1)
        title, passage = self.titles[line.passage], self.passages[line.passage] | self.titles[line.passage]
        asked, text = self.asked, line.span.text
        positions = [i for i, term in enumerate(line.terms) if term in met]
        found = [line.terms[i] for i in positions]
        answers = self._answers(number, line, text) if soft or before or after else []
        content = [term for term in line.terms if term not in STOPWORDS]
        nouns = [i for i, term in enumerate(line.terms) if term in asked.expectation.nouns]
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
            self.scores[line.passage],
            1 / (1 + line.passage),
            1 / (1 + line.span.start / 500),
            math.log1p(len(line.terms)),
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
        following = self.lines[number + 1 : number + 2]
        return any(line.passage == self.lines[number].passage and LIST_LINE.match(line.span.text) for line in following)

    def _beside(self, number: int, step: int) -> frozenset[str]:
        other = number + step
        if not 0 <= other < len(self.lines) or self.lines[other].passage != self.lines[number].passage:
            return frozenset()
        return self.met[other]

    def _share(self, terms: frozenset[str]) -> float:
        """The share of the question, by weight, that the terms are."""
        return sum(map(self.asked.weights.__getitem__, terms)) / self.total

    def _share_of(self, part: frozenset[str], terms: frozenset[str]) -> float:
        """The share of the terms `part` of the question alone; 1 where it has none."""
        weights = self.asked.weights
        return sum(weights[term] for term in part & terms) / sum(weights[term] for term in part) if part else 1.0

    def _heaviest(self, missing: frozenset[str]) -> float:
        return max((self.asked.weights[term] for term in missing), default=0.0)

    def _answers(self, number: int, line: Line, text: str) -> list[int]:
        """Numbers of the words with which a possible answer begins; a line that opens a list holds its items."""
        if text.endswith(":") and self._opens_list(number):
            return [len(line.terms) - 1] * 3
        spans = possible_answers(self.asked.expectation, text, line.span.article.date, self.wanted)
        return sorted({bisect_right(line.offsets, start) - 1 for start, _ in spans})


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
