"""Which sentences of an article are running text, so that no heading, question, caption or label is an answer.

Trees tell them apart by their form, their place and the paragraphs round them. training/running_text.py fits them on
sentences that a good model marked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import qa.models
from qa.ask.answer.sentences import LIST_LINE
from qa.ask.answer.table import table_heads
from qa.language.text import sentence_spans
from qa.models.trees import Matrix, Trees, columns_of, load_trees
from qa.types import Article, Span

WEIGHTS = Path(qa.models.__file__).parent / "bundled" / "running_text.json"
_FEWEST = 3
"""Sentences of an article whose place says something; a shorter text is nothing but its text."""
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|says?|said|told|do|does|did|be|been|\w+ed)\b",
    re.IGNORECASE,
)
_PROMOTED = re.compile(
    r"\b(?:sign up|subscribe|newsletter|read more|follow us|click|photo|getty|reuters|contributed|more:|related|watch:"
    r"|listen)\b",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(r"\b(?:you|your|our|us|we)\b", re.IGNORECASE)
_NUMBERED = re.compile(r"\d+[.)]")

_FORM = """words letters_a_word full_stop question_mark exclamation_mark colon closing_quote lower_case digit bullet
    capitalised capitals digits verbs quoted joined address numbered promoted addressed""".split()
_PLACE = "number share left alone opens closes first".split()
_BESIDE = [f"{name}_{which}" for which in ("before", "after") for name in ("words", "closed", "question", "colon")]
FEATURES: tuple[str, ...] = (*_FORM, *_PLACE, *_BESIDE)


@dataclass(frozen=True, slots=True)
class RunningTextModel:
    """The fitted trees, and where they draw the line."""

    trees: Trees
    """Log-odds that a sentence is no running text, from FEATURES."""
    threshold: float
    """Log-odds above which it is taken for none."""


@cache
def load_model(path: Path = WEIGHTS) -> RunningTextModel:
    """The weights. Raises ModelError where they need a feature that is not computed."""
    data = json.loads(path.read_text("utf-8"))
    return RunningTextModel(
        load_trees(data["trees"], columns_of(data["features"], FEATURES, path.name)), float(data["threshold"])
    )


@lru_cache(maxsize=64)
def other_text(article: Article) -> frozenset[int]:
    """Where each sentence begins that is no running text: headings, questions, captions, bylines, labels, links."""
    spans = sentence_spans(article.text)
    if len(spans) < _FEWEST:
        return frozenset()
    model = load_model()
    odds = model.trees.logits(features(article.text, spans))
    found = np.flatnonzero(odds > model.threshold)
    rows = table_heads(article)
    return frozenset(
        spans[number][0]
        for number in found
        if spans[number][0] not in rows and not _opens_list(article.text, spans, int(number))
    )


_WHOLE = 6
"""Words of a sentence that says something by itself, at least."""


def running_sentences(article: Article) -> list[Span]:
    """The sentences of the running text that say something by themselves, in order."""
    other = other_text(article)
    spans = (Span(article, start, end) for start, end in sentence_spans(article.text) if start not in other)
    return [span for span in spans if len(span.text.split()) >= _WHOLE]


def _opens_list(text: str, spans: Sequence[tuple[int, int]], number: int) -> bool:
    """Whether the sentence is the line before a list: it belongs to the items."""
    opened = text[slice(*spans[number])].endswith(":") and number + 1 < len(spans)
    return opened and bool(LIST_LINE.match(text[slice(*spans[number + 1])]))


def features(text: str, spans: Sequence[tuple[int, int]]) -> Matrix:
    """A row of FEATURES for each sentence of a text, shape (sentences, features)."""
    sentences = [text[start:end] for start, end in spans]
    form = np.array([_form(sentence) for sentence in sentences], np.float32)
    beside = form[:, [_FORM.index(name) for name in ("words", "full_stop", "question_mark", "colon")]]
    beside[:, 0] = np.expm1(beside[:, 0])
    closing = form[:, [_FORM.index(name) for name in ("question_mark", "exclamation_mark", "closing_quote")]]
    beside[:, 1] = np.maximum(beside[:, 1], closing.max(axis=1))
    nothing = np.zeros((1, beside.shape[1]), np.float32)
    before, after = np.vstack([nothing, beside[:-1]]), np.vstack([beside[1:], nothing])
    return np.hstack([form, _places(text, spans), before, after]).astype(np.float32)


def _form(sentence: str) -> list[float]:
    words, letters = sentence.split() or [""], list(filter(str.isalpha, sentence))
    last, first = sentence[-1:], sentence[:1]
    return [
        float(np.log1p(len(words))),
        len(sentence) / len(words),
        float(last == "."),
        float(last == "?"),
        float(last == "!"),
        float(last == ":"),
        float(last in "\"'”’"),
        float(first.islower()),
        float(first.isdigit()),
        float(not first.isalnum() and first not in "\"'“‘"),
        sum(word[:1].isupper() for word in words) / len(words),
        sum(map(str.isupper, letters)) / max(len(letters), 1),
        sum(map(str.isdigit, sentence)) / max(len(sentence), 1),
        len(_VERB.findall(sentence)) / len(words),
        float('"' in sentence or "“" in sentence),
        float(any(c in sentence for c in "—|/")),
        float(any(c in sentence for c in ("http", "@", "#"))),
        float(bool(_NUMBERED.match(sentence))),
        float(bool(_PROMOTED.search(sentence))),
        float(bool(_ADDRESSED.search(sentence))),
    ]


def _places(text: str, spans: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
    """Of each sentence the columns _PLACE: where it stands in the article, and in its paragraph."""
    count = len(spans)
    opens = np.array([n == 0 or "\n" in text[spans[n - 1][1] : start] for n, (start, _) in enumerate(spans)])
    closes = np.append(opens[1:], True)
    numbers = np.arange(count)
    return np.column_stack(
        [numbers, numbers / count, count - numbers, opens & closes, opens, closes, numbers == 0]
    ).astype(np.float32)
