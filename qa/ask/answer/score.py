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
from scipy.special import logit

import qa.models
from qa.ask.answer.choose import Scored
from qa.ask.answer.features import FEATURES, features
from qa.ask.answer.question_terms import QuestionTerms, TermWeights, question_terms
from qa.ask.answer.sentences import PassageSentence, sentences_of_hits
from qa.ask.answer.signs import SIGNS, signs
from qa.models.reader import Reader, Reading, SentenceFit
from qa.models.trees import Trees, columns_of, load_trees, probability
from qa.types import Hit

WEIGHTS = Path(qa.models.__file__).parent / "bundled" / "quote.json"


@dataclass(frozen=True, slots=True)
class SentenceModel:
    """The fitted weights."""

    lexicon: TermWeights
    sentence: Trees
    """Log-odds that a sentence answers, from FEATURES."""
    answer: Trees
    """Log-odds that the articles answer at all, from SIGNS."""


@cache
def load_model(path: Path = WEIGHTS) -> SentenceModel:
    """The weights that training/quote.py wrote. Raises ModelError where they need a feature that is not computed."""
    data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return SentenceModel(
        TermWeights(**data["lexicon"]),
        load_trees(data["sentence"], columns_of(data["features"], FEATURES, path.name)),
        load_trees(data["answer"], columns_of(data["signs"], SIGNS, path.name)),
    )


def score(model: SentenceModel, question: str, hits: Sequence[Hit]) -> Scored:
    """Every sentence of the hits with its FEATURES and the log-odds that it answers; zeros for an empty question."""
    asked, sentences = question_terms(question, model.lexicon), sentences_of_hits(hits)
    if not asked.terms or not sentences:
        return Scored(asked, sentences, np.zeros((len(sentences), len(FEATURES)), np.float32), np.zeros(len(sentences)))
    return score_sentences(model, asked, sentences, hits)


def score_sentences(
    model: SentenceModel, asked: QuestionTerms, sentences: Sequence[PassageSentence], hits: Sequence[Hit]
) -> Scored:
    """The same for sentences and a question that have been taken apart."""
    rows = features(asked, sentences, hits)
    plain = Scored(asked, sentences, rows, model.sentence.logits(rows))
    return replace(plain, scores=plain.scores + _LIST_BONUS * _opens_list(plain))


# "The meeting was attended by:" matters for what follows it; the data has too few such sentences to learn this from.
_LIST_BONUS = 2.0


def _opens_list(scored: Scored) -> np.ndarray:
    """True for each sentence that opens a list, where a list is asked for and the passage covers the question."""
    opens = np.array([sentence.span.text.endswith(":") for sentence in scored.sentences])
    return opens & (scored.column("answers_many") > 0) & (scored.column("cover_passage") >= 0.8)


def read_first(reader: Reader, question: str, hits: Sequence[Hit]) -> list[Reading]:
    """The reader's readings of the first hits."""
    first = hits[: reader.fit.sentence.first]
    return reader.read(question, [(hit.passage.article.title, hit.passage.text) for hit in first])


UNREAD, FURTHEST, WORST = -5.0, -6.0, -3.0
"""Log-odds that count for a sentence that was not read: of itself, of its stretch, and of its passage's verdict."""


@np.errstate(invalid="ignore")  # BLAS flags what lies beside a small matrix, at times
def read_sentences(
    fit: SentenceFit, sentences: Sequence[PassageSentence], hits: Sequence[Hit], readings: Sequence[Reading]
) -> NDArray[np.float64]:
    """What the reader adds to the log-odds of each sentence, from its readings of the first hits."""
    rows = sentence_rows(sentences, hits, readings)
    return np.asarray(rows @ np.array([fit.told, fit.stretch, fit.behind]) + fit.constant, np.float64)


def sentence_rows(
    sentences: Sequence[PassageSentence], hits: Sequence[Hit], readings: Sequence[Reading]
) -> NDArray[np.float64]:
    """What the reader says of each sentence: of itself, and how far its stretch and its passage lie behind the best."""
    surest = max(reading.answers for reading in readings)
    best = max((one.score for reading in readings for one in reading.stretches), default=0.0)
    rows = np.tile([UNREAD, FURTHEST, WORST], (len(sentences), 1))
    for number, sentence in enumerate(sentences):
        if sentence.passage < len(readings):
            reading, begin = readings[sentence.passage], hits[sentence.passage].passage.start
            start, end = sentence.span.start - begin, sentence.span.end - begin
            told = max((one.score for one in reading.told if one.start <= start < one.end), default=UNREAD)
            stretch = max((one.score for one in reading.stretches if start <= one.start < end), default=-np.inf)
            rows[number] = told, max(stretch - best, FURTHEST), max(reading.answers - surest, WORST)
    return rows


def read_alone(reader: Reader, question: str, scored: Scored, said: Sequence[int]) -> float:
    """The best log-odds that one of these sentences answers, each read by itself under the title of its article.

    What stands round a sentence helps to find it; by itself it shows if it says what is asked, or is on the subject.
    """
    spans = [scored.sentences[number].span for number in said]
    readings = reader.read(question, [(span.article.title, span.text) for span in spans])
    return max((one.score for reading in readings for one in reading.told), default=UNREAD)


def confidence_of(
    model: SentenceModel, scored: Scored, covered: float, reader: Reader | None, alone: float | None
) -> float:
    """Probability that the question is answered, 0 to 1; 0 where no sentence shares a word with it.

    `scored` is as the trees scored it, `covered` the chance that one of the chosen sentences answers, and `alone` what
    `read_alone` says of them; None where nothing was read.
    """
    held = {term for sentence in scored.sentences for term in (*sentence.terms, *sentence.title)}
    if not held.intersection(scored.asked.terms):
        return 0.0
    if reader and alone is not None:
        return probability(reader.answered(float(logit(min(max(covered, 1e-4), 1 - 1e-4))), alone))
    return probability(float(model.answer.logits(signs(scored))[0]))
