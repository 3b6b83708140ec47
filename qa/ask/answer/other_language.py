"""Which sentences answer in a language that the bundled network does not read, and how sure it is that one does.

Trees compare a sentence with the question by words, by letters, and by what kind of words the question asks for. What a
question word of a language asks for, and which words answers repeat, was counted; training/other_languages.py fits it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import qa.models
from qa.ask.answer.choose import Scored
from qa.ask.answer.question_terms import TermWeights, question_terms
from qa.ask.answer.sentences import PassageSentence, sentences_of_hits
from qa.language.analyzer import Term, folded, has_no_spaces, read_terms, read_tokens
from qa.language.text import normalise
from qa.models.trees import Matrix, Trees, columns_of, load_trees, probability
from qa.types import Hit

WEIGHTS = Path(qa.models.__file__).parent / "bundled" / "other_languages.json"

Floats = NDArray[np.float32]

# --- what a language's questions are like -----------------------------------------------------------------------------

_CAPITAL = f"[{''.join(filter(str.isupper, map(chr, (*range(0x41, 0x587), *range(0x1E00, 0x2000)))))}]"
_CASED = rf"(?<=[^\s.!?…:\"'«“(\n]\s){_CAPITAL}[\w'’.-]+(?:\s{_CAPITAL}[\w'’.-]+)*"
_KATAKANA = r"[\u30a0-\u30ff]{2,}(?:[・=＝][\u30a0-\u30ff]+)*"
_COUNTED = r"[一二三四五六七八九十百千万萬億两兩]+(?=[年月日人名個个次回位種种歲岁世隻只本点點%])"
_UNIT = r"\s?(?:年|月|日|世紀|世纪)"
SHAPES: Mapping[str, re.Pattern[str]] = {
    "number": re.compile(rf"\d+(?:[.,]\d+)*|{_COUNTED}"),
    "date": re.compile(rf"(?<!\d)[12١٢۱۲]\d{{3}}(?!\d)|\d+{_UNIT}|{_COUNTED}(?=[年月日世])"),
    "name": re.compile(rf"{_CASED}|{_KATAKANA}|[A-Z][\w'’.-]*(?:\s[A-Z][\w'’.-]*)+|[「『《][^」』》]{{1,25}}[」』》]"),
    "quoted": re.compile(r"[\"«“][^\"»”]{2,60}[\"»”]|[「『《][^」』》]{1,40}[」』》]"),
}
"""What may be an answer, by its form; names only where capital letters, katakana or brackets show them."""
ASKED = (*SHAPES, "long")
"""The forms that a question may ask for; `long` is an answer of more than a few words."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How questions of one language are worded."""

    repeated: Mapping[str, float]
    """How often the sentence that answers repeats a term of its question, 0 to 1, for terms that were asked often."""
    usually: float
    """The same for any other term."""
    base: Sequence[float]
    """Log-odds that the answer has each form of ASKED, before any word of the question is known."""
    asks: Mapping[str, Sequence[float]]
    """What each word of a question adds to them."""


@dataclass(frozen=True, slots=True)
class OtherLanguageModel:
    """The fitted weights."""

    wordings: Mapping[str, Wording]
    """By language, two letters; "" for every other."""
    sentence: Trees
    """Log-odds that a sentence answers, from FEATURES."""
    answer: Trees
    """Log-odds that one of the chosen sentences does, from SIGNS."""

    def wording(self, language: str) -> Wording:
        """That of the language, or of all of them."""
        return self.wordings.get(language) or self.wordings[""]


@cache
def load_model(path: Path = WEIGHTS) -> OtherLanguageModel:
    """The weights that were fitted. Raises ModelError where they need a feature that is not computed."""
    data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return OtherLanguageModel(
        {language: Wording(**wording) for language, wording in data["wordings"].items()},
        load_trees(data["sentence"], columns_of(data["features"], FEATURES, path.name)),
        load_trees(data["answer"], columns_of(data["signs"], SIGNS, path.name)),
    )


def asking_words(question: str) -> set[str]:
    """The words of a question that may tell what it asks for: all of them, or in a script without spaces all pairs."""
    found = set[str]()
    for word in _WORD.findall(normalise(question).lower()):
        if has_no_spaces(word):
            found.update(word, (word[at : at + 2] for at in range(len(word) - 1)))
        else:
            found.add(folded(word))
    return found


_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question taken apart."""

    text: str
    terms: tuple[Term, ...]
    """Of its words without stopwords, in a script without spaces of all pairs of letters; each once."""
    repeated: Floats
    """How often an answer repeats each."""
    forms: Floats
    """Probability that the answer has each form of ASKED."""


def take_apart(question: str, language: str, wording: Wording) -> Asked:
    """The question with what is known of its words."""
    terms = tuple({stem_of(term): term for term in read_terms(question, language)}.values())
    odds = np.array(wording.base, np.float32)
    for word in asking_words(question) & wording.asks.keys():
        odds += np.array(wording.asks[word], np.float32)
    repeated = np.array([wording.repeated.get(stem_of(term), wording.usually) for term in terms], np.float32)
    return Asked(normalise(question).lower(), terms, repeated, np.asarray(1 / (1 + np.exp(-odds)), np.float32))


def stem_of(term: Term) -> str:
    """The form that a term and its other forms share."""
    return term.plain or term.form


# --- the features of a sentence ---------------------------------------------------------------------------------------

_COMPARED = """cover cover_rare letters letters_around cover_before cover_after cover_passage cover_local
    heaviest_missing missing pairs triples window density""".split()
_PLACED = "score words_score vectors_score rank place length new closed question bullet".split()
_FORMED = [f"{part}_{form}" for form in SHAPES for part in ("has", "near", "wanted")]
_RELATIVE = "cover cover_rare letters letters_around cover_local pairs triples window density wanted_number".split()
_CONSTANT = ["terms", "sentences", "unspaced", *(f"asks_{form}" for form in ASKED)]
FEATURES: tuple[str, ...] = (
    *_COMPARED,
    *_PLACED,
    *_FORMED,
    "long_wanted",
    *(f"{name}_below_best" for name in _RELATIVE),
    *_CONSTANT,
)
COLUMN = {name: number for number, name in enumerate(FEATURES)}
_STOPS = tuple('.!?。！？…؟।۔」』）)"')


def features(asked: Asked, language: str, sentences: Sequence[PassageSentence], hits: Sequence[Hit]) -> Matrix:
    """A row of FEATURES for each sentence, shape (sentences, features)."""
    texts = [sentence.span.text for sentence in sentences]
    _, _, tokens = read_tokens("", "", texts, language)
    unspaced = has_no_spaces(asked.text)
    held, letters = _held(asked, tokens), _letters(asked, texts, tokens, unspaced)
    passage = np.array([sentence.passage for sentence in sentences])
    compared = _compared(asked, held, np.maximum(held, letters), tokens, passage)
    formed = _formed(asked, texts, unspaced)
    best = max((hit.score for hit in hits), default=0.0) or 1.0
    first = np.searchsorted(passage, passage)
    known = {stem_of(term) for term in asked.terms}
    placed = [
        [
            hits[one.passage].score / best,
            hits[one.passage].words,
            hits[one.passage].vectors,
            1 / (1 + one.passage),
            np.log1p(number - first[number]),
            np.log1p(len(text)),
            len(set(words) - known) / (1 + len(set(words))),
            text.endswith(_STOPS),
            text.endswith(("?", "？", "؟")),
            text.startswith(("-", "•", "*", "·")),
        ]
        for number, (one, text, words) in enumerate(zip(sentences, texts, tokens, strict=True))
    ]
    plain = np.column_stack([compared, np.array(placed, np.float32), formed])
    relative = [plain[:, COLUMN[name]] - plain[:, COLUMN[name]].max() for name in _RELATIVE]
    constant = np.array([len(asked.terms), len(sentences), unspaced, *asked.forms], np.float32)
    return np.column_stack([plain, *relative, np.tile(constant, (len(sentences), 1))]).astype(np.float32)


def _held(asked: Asked, tokens: Sequence[Sequence[str]]) -> Matrix:
    """1 for each term of the question that a sentence has, shape (sentences, terms)."""
    sets = [frozenset(words) for words in tokens]
    return np.array([[t.plain in words or t.form in words for t in asked.terms] for words in sets], np.float32)


def _letters(asked: Asked, texts: Sequence[str], tokens: Sequence[Sequence[str]], unspaced: bool) -> Matrix:
    """The share of each term's letters, three in a row, that a sentence has; of single letters without spaces."""
    if unspaced:
        wanted = [frozenset(stem_of(term)) for term in asked.terms]
        found = [frozenset(text) for text in texts]
    else:
        wanted = [frozenset(_threes(stem_of(term))) for term in asked.terms]
        found = [frozenset(three for word in words for three in _threes(word)) for words in tokens]
    shares = np.array([[len(some & all_) / max(1, len(some)) for some in wanted] for all_ in found], np.float32)
    return np.asarray(np.clip((shares - _UNLIKE) / (1 - _UNLIKE), 0, 1), np.float32)


_UNLIKE = 0.4
"""Share of a term's letters up to which a sentence has nothing like it."""


def _threes(word: str) -> Iterator[str]:
    word = f"_{word}"
    yield from (word[at : at + 3] for at in range(max(1, len(word) - 2)))


def _compared(
    asked: Asked, held: Matrix, soft: Matrix, tokens: Sequence[Sequence[str]], passage: NDArray[np.int64]
) -> Matrix:
    """The columns _COMPARED: shares of the question that a sentence has, and how near to one another."""
    count = len(held)
    rare = np.log(1 + (count + 1) / (held.sum(0) + 0.5)).astype(np.float32)
    weights = rare * asked.repeated
    before, after = np.zeros_like(soft), np.zeros_like(soft)
    follows = np.flatnonzero(np.diff(passage) == 0)
    before[follows + 1], after[follows] = soft[follows], soft[follows + 1]
    whole = np.zeros((int(passage.max()) + 1, soft.shape[1]), np.float32)
    np.maximum.at(whole, passage, soft)
    missing = np.where(soft < 0.5, weights, 0)
    place_of = {form: place for place, term in enumerate(asked.terms) for form in (term.plain, term.form)}
    runs = [[place_of.get(word, -1) for word in words] for words in tokens]
    windows = [_window(run, weights) for run in runs]
    return np.column_stack(
        [
            _share(held, weights),
            _share(held, rare),
            _share(soft, weights),
            _share(np.maximum(soft, 0.6 * np.maximum(before, after)), weights),
            _share(before, weights),
            _share(after, weights),
            _share(whole[passage], weights),
            _share(soft, asked.repeated),
            missing.max(1, initial=0),
            (missing > 0).sum(1),
            [_in_a_row(run, 2) / max(1, len(asked.terms) - 1) for run in runs],
            [_in_a_row(run, 3) / max(1, len(asked.terms) - 2) for run in runs],
            np.array(windows, np.float32) / max(float(weights.sum()), 1e-6),
            [sum(place >= 0 for place in run) / (1 + len(run)) for run in runs],
        ]
    ).astype(np.float32)


@np.errstate(invalid="ignore")  # BLAS flags what lies beside a small matrix, at times
def _share(held: Matrix, weights: Floats) -> Floats:
    return np.asarray(held @ weights / max(float(weights.sum()), 1e-6), np.float32)


def _in_a_row(run: Sequence[int], size: int) -> int:
    """How many stretches of so many terms stand in the sentence as in the question, each once."""
    pieces = {tuple(run[at : at + size]) for at in range(len(run) - size + 1)}
    return sum(all(b == a + 1 for a, b in zip(piece, piece[1:], strict=False)) for piece in pieces if piece[0] >= 0)


_WINDOW = 16


def _window(run: Sequence[int], weights: Floats) -> float:
    """The most weight that the terms in any stretch of _WINDOW words have."""
    places = [at for at, term in enumerate(run) if term >= 0]
    return max(
        (float(weights[list({run[at] for at in places if start <= at < start + _WINDOW})].sum()) for start in places),
        default=0.0,
    )


def _formed(asked: Asked, texts: Sequence[str], unspaced: bool) -> Matrix:
    """The columns of what may be an answer: how many new ones, how near to the question's words, and if it is asked."""
    far = 12 if unspaced else 40
    starts = [term.word if unspaced else term.word[: max(3, len(term.word) - 2)] for term in asked.terms]
    rows = []
    for text in texts:
        small = text.lower()
        places = np.array([at for at in map(small.find, starts) if at >= 0], np.float32)
        row: list[float] = []
        for wanted, pattern in zip(asked.forms, SHAPES.values(), strict=False):
            found = [match.start() for match in pattern.finditer(text) if match[0].lower() not in asked.text]
            near = 0.0
            if found and len(places):
                near = float(np.exp(-np.abs(np.array(found)[:, None] - places) / far).mean(1).max())
            row += [min(len(found), 4), near, float(wanted) * (0.5 + near) if found else 0.0]
        rows.append([*row, float(asked.forms[-1]) * np.log1p(len(text))])
    return np.array(rows, np.float32)


# --- scores and confidence --------------------------------------------------------------------------------------------

_OF_BEST = [*_COMPARED, "score", "rank", "length", "closed", *_FORMED, "place"]
_OF_ANY = "cover cover_rare letters letters_around cover_passage pairs triples window".split()
SIGNS: tuple[str, ...] = (
    *(f"best_{name}" for name in _OF_BEST),
    *(f"any_{name}" for name in _OF_ANY),
    *"best second covered nowhere nowhere_rare passage_score".split(),
    *_CONSTANT,
)


def score(model: OtherLanguageModel, question: str, language: str, hits: Sequence[Hit]) -> Scored:
    """Every sentence of the hits with the log-odds that it answers; its rows are the FEATURES of this file."""
    sentences = sentences_of_hits(hits)
    asked = take_apart(question, language, model.wording(language))
    plain = question_terms(question, TermWeights())
    if not asked.terms or not sentences:
        return Scored(plain, sentences, np.zeros((len(sentences), len(FEATURES)), np.float32), np.zeros(len(sentences)))
    rows = features(asked, language, sentences, hits)
    return Scored(plain, sentences, rows, model.sentence.logits(rows))


def signs(scored: Scored, covered: float, hits: Sequence[Hit]) -> Matrix:
    """SIGNS of the sentences found for a question, shape (1, signs); `covered` as in choose.covered."""
    order, rows = scored.order, scored.rows
    best = order[0]
    values = [
        *(rows[best, COLUMN[name]] for name in _OF_BEST),
        *(rows[:, COLUMN[name]].max() for name in _OF_ANY),
        scored.scores[best],
        scored.scores[order[1]] - scored.scores[best] if len(order) > 1 else -8.0,
        covered,
        rows[:, COLUMN["missing"]].min(),
        rows[:, COLUMN["heaviest_missing"]].min(),
        max((hit.score for hit in hits), default=0.0),
        *(rows[best, COLUMN[name]] for name in _CONSTANT),
    ]
    return np.array([values], np.float32)


def confidence_of(model: OtherLanguageModel, scored: Scored, covered: float, hits: Sequence[Hit]) -> float:
    """Probability that one of the chosen sentences answers, 0 to 1; 0 where no sentence shares a word with it."""
    if not len(scored.rows) or not scored.rows[:, COLUMN["letters"]].any():
        return 0.0
    return probability(float(model.answer.logits(signs(scored, covered, hits))[0]))
