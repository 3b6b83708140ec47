"""How likely each sentence is to answer, and how sure it is that the articles answer at all: the fitted models."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import qa.models
from qa.ask.answer.asked import Asked, Lexicon, take_apart
from qa.ask.answer.choose import Scored
from qa.ask.answer.lines import Line, lines_of
from qa.ask.answer.refuse import SIGNS, signs
from qa.ask.answer.sentences import FEATURES, features
from qa.models.reader import Reader, Reading, SentenceFit
from qa.models.trees import Trees, columns_of, load_trees, probability
from qa.types import Hit

WEIGHTS = Path(qa.models.__file__).parent / "bundled" / "quote.json"


@dataclass(frozen=True, slots=True)
class Model:
    """The fitted weights."""

    lexicon: Lexicon
    sentence: Trees
    """Log-odds that a sentence answers, from FEATURES."""
    answer: Trees
    """Log-odds that the articles answer at all, from SIGNS."""


@cache
def load_model(path: Path = WEIGHTS) -> Model:
    """The weights that training/quote.py wrote. Raises ModelError where they need a feature that is not computed."""
    data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Model(
        Lexicon(**data["lexicon"]),
        load_trees(data["sentence"], columns_of(data["features"], FEATURES, path.name)),
        load_trees(data["answer"], columns_of(data["signs"], SIGNS, path.name)),
    )


def score(model: Model, question: str, hits: Sequence[Hit]) -> Scored:
    """Every sentence of the hits with its FEATURES and the log-odds that it answers; none for an empty question."""
    asked, lines = take_apart(question, model.lexicon), lines_of(hits)
    if not asked.terms or not lines:
        return Scored(asked, lines, np.zeros((len(lines), len(FEATURES)), np.float32), np.zeros(len(lines)))
    return score_lines(model, asked, lines, hits)


def score_lines(model: Model, asked: Asked, lines: Sequence[Line], hits: Sequence[Hit]) -> Scored:
    """The same for sentences and a question that are taken apart already."""
    rows = features(asked, lines, hits)
    plain = Scored(asked, lines, rows, model.sentence.logits(rows))
    return replace(plain, scores=plain.scores + _LIST_BONUS * _opens_the_list(plain))


# A line such as "The meeting was attended by:" says nothing but what follows; too few are in the data to learn it from.
_LIST_BONUS = 2.0


def _opens_the_list(scored: Scored) -> np.ndarray:
    """Which lines open a list, where a list is asked for and the passage is about what the question is about."""
    opens = np.array([line.span.text.endswith(":") for line in scored.lines])
    return opens & (scored.column("answers_many") > 0) & (scored.column("cover_passage") >= 0.8)


def read_first(reader: Reader, question: str, hits: Sequence[Hit]) -> list[Reading]:
    """What the reader says of the first few hits."""
    first = hits[: reader.fit.first]
    return reader.read(question, [(hit.passage.article.title, hit.passage.text) for hit in first])


def read_sentences(
    fit: SentenceFit, lines: Sequence[Line], hits: Sequence[Hit], readings: Sequence[Reading]
) -> NDArray[np.float64]:
    """The reader's adjustment to the log-odds of each sentence, from its readings of the first hits; 0 for its
    favourite.
    """
    best = max((stretch.score for reading in readings for stretch in reading.spans), default=0.0)
    surest = max(reading.answers for reading in readings)
    gains = np.full(len(lines), fit.unread)
    for number, line in enumerate(lines):
        if line.passage < len(readings):
            reading, begin = readings[line.passage], hits[line.passage].passage.start
            begun = (s.score for s in reading.spans if line.span.start <= begin + s.start < line.span.end)
            behind = max(max(begun, default=-np.inf) - best, -fit.furthest)
            gains[number] = fit.stretch * behind + fit.verdict * (reading.answers - surest)
    return gains


def confidence_of(model: Model, scored: Scored, reader: Reader | None, readings: Sequence[Reading]) -> float:
    """How sure it is that the sentences answer; 0 where they hold no word of the question, whatever the models say."""
    held = {term for line in scored.lines for term in (*line.terms, *line.title)}
    if not held.intersection(scored.asked.terms):
        return 0.0
    told = float(model.answer.logits(signs(scored))[0])
    return probability(reader.answered(told, readings) if reader and readings else told)
