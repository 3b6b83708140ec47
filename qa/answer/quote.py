"""Answers without a language model: the sentences of the passages that answer, word for word, or an honest refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import qa.models
from qa.answer.sentences import (
    COLUMN,
    LIST_LINE,
    Asked,
    Lexicon,
    Line,
    features,
    lines_of,
    take_apart,
)
from qa.models.trees import Matrix, Trees, load_trees, probability
from qa.text import STOPWORDS, sentence_spans
from qa.types import Article, Claim, Hit, Question, Span

WEIGHTS = Path(qa.models.__file__).parent / "bundled" / "quote.json"


@dataclass(frozen=True, slots=True)
class Quotes:
    """What the articles say to a question in their own words, and how sure it is that they answer it."""

    claims: tuple[Claim, ...]
    """Verbatim sentences, each citing the one span that it is; empty for a refusal."""
    closest: tuple[Span, ...]
    """Up to three best sentences of different passages, best first, to be shown with a refusal."""
    confidence: float
    """Probability that the articles answer the question, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Model:
    """The fitted weights."""

    lexicon: Lexicon
    sentence: Trees
    """Log-odds that a sentence answers, from FEATURES."""
    answer: Mapping[str, float]
    """Weights of SIGNS, and "base": log-odds that the articles answer at all."""


@cache
def load_model(path: Path = WEIGHTS) -> Model:
    """The weights that training/quote.py wrote."""
    data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    lexicon = Lexicon(**data["lexicon"])
    return Model(lexicon, load_trees(data["sentence"]), data["answer"])


def quote(question: Question, hits: Sequence[Hit], *, sentences: int = 4, refuse_below: float = 0.3) -> Quotes:
    """One to `sentences` sentences that answer `question`; none when `confidence` is lower than `refuse_below`.

    A list is one stretch of its article, from the line that opens it, and counts as one sentence. Sentences of one
    article stand in its order, articles in the order of their best sentence.
    """
    model = load_model()
    asked, lines = take_apart(question.standalone, model.lexicon), lines_of(hits)
    if not asked.terms or not lines:
        return Quotes((), tuple(_closest(lines, np.zeros(len(lines)))), 0.0)
    rows, scores = score(model, asked, lines, hits)
    signs = summary(asked, lines, rows, scores)
    confidence = probability(model.answer["base"] + sum(model.answer[name] * value for name, value in signs.items()))
    closest = tuple(_closest(lines, scores))
    if confidence < refuse_below:
        return Quotes((), closest, confidence)
    chosen = list(_choose(asked, lines, rows, scores, sentences))
    return Quotes(tuple(_claims(chosen)), closest, confidence)


def score(model: Model, asked: Asked, lines: Sequence[Line], hits: Sequence[Hit]) -> tuple[Matrix, NDArray[np.float64]]:
    """FEATURES of every line, shape (lines, features), and the log-odds that it answers, shape (lines,)."""
    rows = features(asked, lines, hits)
    return rows, model.sentence.logits(rows) + _LIST_BONUS * _opens_the_list(lines, rows)


# A line such as "The meeting was attended by:" says nothing but what follows; too few are in the data to learn it from.
_LIST_BONUS = 2.0


def _opens_the_list(lines: Sequence[Line], rows: Matrix) -> NDArray[np.bool_]:
    """Which lines open a list, where a list is asked for and the passage is about what the question is about."""
    opens = np.array([line.span.text.endswith(":") for line in lines])
    return opens & (rows[:, COLUMN["answers_many"]] > 0) & (rows[:, COLUMN["cover_passage"]] >= 0.8)


# --- is there an answer at all? --------------------------------------------------------------------------------------

SIGNS: tuple[str, ...] = ("cover_passage", "best_cover", "best", "names_nowhere", "numbers_nowhere")


def summary(asked: Asked, lines: Sequence[Line], rows: Matrix, scores: NDArray[np.float64]) -> dict[str, float]:
    """What speaks for an answer, by the names in SIGNS.

    The share of the question that the best sentence's passage covers, and that any sentence covers; the log-odds of the
    best sentence; and how many names and numbers of the question stand nowhere in what was found.
    """
    best = int(np.argmax(scores))
    held = {term for line in lines for term in line.terms} | {term for line in lines for term in line.title}
    nowhere = set(asked.terms) - held
    return {
        "cover_passage": float(rows[best, COLUMN["cover_passage"]]),
        "best_cover": float(rows[:, COLUMN["cover"]].max()),
        "best": float(scores[best]),
        "names_nowhere": float(len(asked.names & nowhere)),
        "numbers_nowhere": float(len(asked.numbers & nowhere)),
    }


# --- which sentences -------------------------------------------------------------------------------------------------


def _choose(
    asked: Asked, lines: Sequence[Line], rows: Matrix, scores: NDArray[np.float64], limit: int
) -> Iterator[Span]:
    """The spans of the answer, in the order in which they are read."""
    order = [int(n) for n in np.argsort(-scores, kind="stable")]
    best = lines[order[0]]
    groups = [_with_what_belongs_to_it(best, asked)]
    said = [best]
    for number in order[1:]:
        if sum(map(len, groups)) >= limit:
            break
        line = lines[number]
        if any(_within(line.span, span) for group in groups for span in group):
            continue
        if any(_alike(line, other) for other in said):
            continue
        if _adds(asked, line, said, rows[number], scores[number] - scores[order[0]]):
            groups.append([line.span])
            said.append(line)
    yield from _in_reading_order([span for group in groups for span in group])


def _adds(asked: Asked, line: Line, said: Sequence[Line], row: NDArray[np.float32], behind: float) -> bool:
    """Whether a sentence, `behind` the best in log-odds, says what the sentences `said` leave open."""
    if asked.spans_articles and all(line.span.article.id != other.span.article.id for other in said):
        return behind > -3 and row[COLUMN["cover_soft"]] >= 0.3
    if asked.open_ended and row[COLUMN["answers_some"]]:
        return behind > -0.5
    left = set(asked.terms) - {term for other in said for term in (*other.terms, *other.title)}
    told = left.intersection(line.terms)
    if told & asked.common and row[COLUMN["answers_some"]] and any(_goes_on(line, other) for other in said):
        return behind > -3
    return behind > -1.5 and sum(asked.weights[term] for term in told) / sum(asked.weights.values()) >= 0.3


def _goes_on(line: Line, other: Line) -> bool:
    """Whether a sentence follows on `other` with a pronoun: "She was born in Tartu"."""
    follows = line.span.article.id == other.span.article.id and 0 <= line.span.start - other.span.end <= 2
    return follows and bool(_POINTS_BACK.match(line.span.text))


def _alike(a: Line, b: Line) -> bool:
    """Whether two sentences say nearly the same words, as copies of one agency text do."""
    mine, theirs = set(a.terms) - STOPWORDS, set(b.terms) - STOPWORDS
    return len(mine & theirs) > 0.7 * min(len(mine), len(theirs))


def _with_what_belongs_to_it(line: Line, asked: Asked) -> list[Span]:
    """The sentence, with the list that it opens or is part of, or with the one before that says who its pronoun is."""
    article = line.span.article
    spans = _article_spans(article)
    at = next((n for n, (start, end) in enumerate(spans) if start <= line.span.start < end), None)
    if at is None:
        return [line.span]
    if (asked.expectation.several or line.span.text.endswith(":")) and (run := _list_around(article, spans, at)):
        return [Span(article, spans[run[0]][0], spans[run[-1]][1])]
    if at and _POINTS_BACK.match(line.span.text) and _needs_antecedent(asked, line):
        return [Span(article, *spans[at - 1]), line.span]
    return [line.span]


_POINTS_BACK = re.compile(
    r"""["'(]*(?:he|she|it|they|his|her|its|their|(?:this|that|these|those)"""
    r"""(?! (?:year|month|week|day|morning|evening)))\b""",
    re.I,
)


def _needs_antecedent(asked: Asked, line: Line) -> bool:
    missing = set(asked.terms).difference(line.terms)
    return asked.expectation.kind == "person" or any(asked.weights[term] > 4 for term in missing)


_LONGEST_LIST = 20


def _list_around(article: Article, spans: Sequence[tuple[int, int]], at: int) -> list[int]:
    """Numbers of the list lines around sentence `at`, or right after it, with the line that opens the list."""
    is_item = [bool(LIST_LINE.match(article.text[start:end])) for start, end in spans]
    first = at if is_item[at] else at + 1
    if first >= len(spans) or not is_item[first]:
        return []
    while first and is_item[first - 1]:
        first -= 1
    last = first
    while last + 1 < len(spans) and is_item[last + 1]:
        last += 1
    opens = first and (article.text[slice(*spans[first - 1])].endswith(":") or first - 1 == at)
    return list(range(first - 1 if opens else first, last + 1))[:_LONGEST_LIST]


@lru_cache(maxsize=64)
def _article_spans(article: Article) -> tuple[tuple[int, int], ...]:
    return tuple(sentence_spans(article.text))


def _within(span: Span, other: Span) -> bool:
    return span.article.id == other.article.id and other.start <= span.start and span.end <= other.end


def _in_reading_order(spans: Sequence[Span]) -> list[Span]:
    unique = list(dict.fromkeys(spans))
    articles = list(dict.fromkeys(span.article.id for span in unique))
    return sorted(unique, key=lambda span: (articles.index(span.article.id), span.start))


def _claims(spans: Sequence[Span]) -> Iterator[Claim]:
    for number, span in enumerate(spans):
        yield Claim(span.text, (span,), "" if not number else "\n" if "\n" in span.text else " ")


def _closest(lines: Sequence[Line], scores: NDArray[np.float64]) -> Iterator[Span]:
    """The best sentences of three different passages, copies left out."""
    shown: list[Line] = []
    for number in np.argsort(-scores, kind="stable"):
        line = lines[int(number)]
        if any(line.passage == other.passage or _alike(line, other) for other in shown):
            continue
        yield line.span
        shown.append(line)
        if len(shown) == 3:
            return
